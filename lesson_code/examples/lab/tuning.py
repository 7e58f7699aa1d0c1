# /// example
# cost = "lab"
# limit = 3600
# # 200 validation images and two seeds: one image is half a point.
# within = {0_003 = 0.04, 0_008 = 0.04, 0_02 = 0.06, few_labels = 0.04, gap = 0.04}
# printed = 0.06
# pixels = 40.0
# ///
"""Choose every learning rate on the validation images, with seeds that are not published."""

from lesson_code.lab.experiments import Plan, tuning

found = tuning.measure(Plan())
alt_text = tuning.draw(found)
tables, values = found.tables, found.values
