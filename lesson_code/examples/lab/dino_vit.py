# /// example
# cost = "lab"
# limit = 3600
# # A transformer half trained varies more than the CNN: k-NN within .03.
# within.h = 0.3
# within.kl = 0.15
# within.std = 0.1
# within.rank = 3.0
# within.knn = 0.03
# within.few_labels = 0.03
# within.few = 0.03
# within.apart = 0.1
# within.before_training = 0.02
# within.after_25_steps = 0.1
# printed = 0.3
# pixels = 40.0
# ///
"""Train DINO with a small vision transformer, with and without what saves it."""

from lesson_code.lab.experiments import Plan, dino_vit

found = dino_vit.measure(Plan(seeds=(0, 1, 2)))
alt_text = dino_vit.draw(found)
tables, values = found.tables, found.values
