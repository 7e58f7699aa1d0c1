# /// example
# cost = "lab"
# limit = 3600
# # A teacher that copies the student never settles: its numbers get wide limits.
# within.h = 0.3
# within.kl = 0.15
# within.h_of_mean = 0.3
# within.mean = 0.3
# within.std = 0.1
# within.rank = 3.0
# within.knn = 0.02
# within.few_labels = 0.03
# within.few = 0.03
# within.h_copied = 2.0
# within.kl_copied = 1.5
# within.h_of_mean_copied = 2.0
# within.few_labels_copied = 0.15
# within.knn_copied = 0.15
# within.few_copied = 0.15
# printed = 0.3
# pixels = 40.0
# ///
"""Take DINO's safeguards away one by one, three seeds each, and watch its teacher."""

from lesson_code.lab.experiments import Plan, dino_collapse

found = dino_collapse.measure(Plan(seeds=(0, 1, 2)))
alt_text = dino_collapse.draw(found)
tables, values = found.tables, found.values
