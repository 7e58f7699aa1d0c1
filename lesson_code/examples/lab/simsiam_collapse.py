# /// example
# cost = "lab"
# limit = 3600
# # Collapsed encoders are as random as they began: their accuracies differ by 0.03 from seed to
# # seed, and means of three on another processor by up to 0.08. A std behind the output
# # normalization and the loss of a predictor that never learns differ by 0.08 from seed to seed.
# within = {knn = 0.08, few = 0.08, labels = 0.08, std = 0.25, open_std = 0.1, rank = 3, loss = 0.2}
# printed = 3.0
# pixels = 80.0
# ///
"""Take SimSiam apart, three seeds each, and look for collapse in spread and rank."""

from lesson_code.lab.experiments import Plan, simsiam_collapse

found = simsiam_collapse.measure(Plan(seeds=(0, 1, 2)))
alt_text = simsiam_collapse.draw(found)
tables, values = found.tables, found.values
