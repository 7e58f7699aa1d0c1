# /// example
# cost = "lab"
# limit = 3600
# # Collapsed encoders are as random as they began: their accuracies differ by 0.03 from seed to
# # seed, and means of three on another processor by up to 0.08.
# within = {knn = 0.08, few = 0.08, labels = 0.08, std = 0.1, rank = 3.0, loss = 0.02}
# printed = 3.0
# pixels = 40.0
# ///
"""Take BYOL apart, three seeds each: which pieces keep it from collapsing."""

from lesson_code.lab.experiments import Plan, byol_collapse

found = byol_collapse.measure(Plan(seeds=(0, 1, 2)))
alt_text = byol_collapse.draw(found)
tables, values = found.tables, found.values
