# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03, few = 0.03}
# printed = 0.03
# pixels = 40.0
# ///
"""Train SimCLR at four batch sizes, at equal images seen and at equal steps."""

from lesson_code.lab.experiments import Plan, sweep_batch

found = sweep_batch.measure(Plan(seeds=(0, 1, 2)))
alt_text = sweep_batch.draw(found)
tables, values = found.tables, found.values
