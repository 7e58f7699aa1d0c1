# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03, rank = 3.0, few = 0.03}
# printed = 0.03
# pixels = 40.0
# ///
"""Train MoCo at four momenta of its key encoder and with three lengths of its queue."""

from lesson_code.lab.experiments import Plan, sweep_moco

found = sweep_moco.measure(Plan(seeds=(0, 1, 2)))
alt_text = sweep_moco.draw(found)
tables, values = found.tables, found.values
