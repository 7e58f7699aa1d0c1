# /// example
# cost = "lab"
# limit = 3600
# printed = 0.02
# pixels = 40.0
# [within]
# accuracy = 0.02
# spread = 0.01
# seeds_better = 3.0
# gain = 0.015
# t1 = 0.015
# t2 = 0.015
# t4 = 0.015
# t20 = 0.015
# ///
"""Train students on 100 images with hard and with soft labels, ten seeds each."""

from lesson_code.lab.experiments import Plan, distillation

found = distillation.measure(Plan(seeds=tuple(range(10))))
alt_text = distillation.draw(found)
tables, values = found.tables, found.values
