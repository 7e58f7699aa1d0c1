# /// example
# cost = "lab"
# limit = 3600
# # A student of width 2 varies by up to 0.08 from seed to seed.
# within = {hard_labels = 0.03, t_1 = 0.03, t_4 = 0.05, gain = 0.05}
# printed = 0.05
# pixels = 40.0
# ///
"""Distill into students that are too small or have enough images, five seeds each."""

from lesson_code.lab.experiments import Plan, small_student

found = small_student.measure(Plan(seeds=tuple(range(5))))
alt_text = small_student.draw(found)
tables, values = found.tables, found.values
