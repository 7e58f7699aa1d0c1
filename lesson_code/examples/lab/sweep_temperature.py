# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03, rank = 3.0, few = 0.03}
# printed = 0.03
# pixels = 40.0
# ///
"""Train SimCLR at five temperatures, three seeds each."""

from lesson_code.lab.experiments import Plan, sweep_temperature

found = sweep_temperature.measure(Plan(seeds=(0, 1, 2)))
alt_text = sweep_temperature.draw(found)
tables, values = found.tables, found.values
