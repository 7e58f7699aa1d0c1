# /// example
# cost = "lab"
# limit = 3600
# within.knn = 0.02
# within.linear = 0.02
# within.few_labels = 0.03
# within.few = 0.03
# within.cost = 0.03
# within.h = 0.3
# printed = 0.03
# pixels = 40.0
# ///
"""Give DINO local crops of the digits, three seeds each."""

from lesson_code.lab.experiments import Plan, local_crops

found = local_crops.measure(Plan(seeds=(0, 1, 2)))
alt_text = local_crops.draw(found)
tables, values = found.tables, found.values
