# /// example
# cost = "lab"
# limit = 3600
# # The 3s are a tenth of the images: one of them is two points, and the bias moves many.
# within = {3s = 0.05, before = 0.05, bias = 1, with_bias = 0.1, all_with_bias = 0.02, after = 0.1}
# printed = 0.1
# pixels = 40.0
# ///
"""Train students without a single 3 and see whether they know it, five seeds each."""

from lesson_code.lab.experiments import Plan, omitted_digit

found = omitted_digit.measure(Plan(seeds=(0, 1, 2, 3, 4)))
alt_text = omitted_digit.draw(found)
tables, values = found.tables, found.values
