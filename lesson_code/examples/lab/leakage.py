# /// example
# cost = "lab"
# limit = 3600
# within.simclr_k_nn = 0.02
# within.simclr_linear = 0.02
# within.simclr_few_labels = 0.03
# within.simclr_blocks_linear = 0.02
# within.simclr_shuffled_linear = 0.02
# within.simclr_last_error = 2.0
# within.simclr_blocks_error = 2.0
# within.simclr_shuffled_error = 2.0
# printed = 2.0
# pixels = 60.0
# ///
"""Judge pixels and SimCLR on held-out blocks of the digits, and after a shuffle."""

from lesson_code.lab.experiments import Plan, leakage

found = leakage.measure(Plan(seeds=(0, 1, 2)))
alt_text = leakage.draw(found)
tables, values = found.tables, found.values
