# /// example
# cost = "lab"
# limit = 900
# within = {k_nn = 0.02, few_labels = 0.03, std = 0.1, rank = 3.0}
# printed = 0.1
# pixels = 40.0
# ///
"""Take BYOL apart, three seeds each: which pieces keep it from collapsing."""

from lesson_code.lab.experiments import Plan, byol_collapse

found = byol_collapse.measure(Plan(seeds=(0, 1, 2)))
alt_text = byol_collapse.draw(found)
tables, values = found.tables, found.values
