# /// example
# cost = "lab"
# limit = 3600
# # A transformer half trained varies a lot between runs of one seed: k-NN within .06.
# within.h = 0.3
# within.kl = 0.15
# within.h_of_mean = 0.3
# within.mean = 0.3
# within.knn = 0.06
# within.few_labels = 0.06
# within.few = 0.06
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
