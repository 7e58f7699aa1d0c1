# /// example
# cost = "lab"
# limit = 3600
# within.k_nn = 0.02
# within.linear = 0.02
# within.few_labels = 0.03
# within.knn = 0.02
# within.few = 0.03
# within.pixels_knn = 1e-9
# within.pixels_linear = 1e-9
# within.pixels_few = 1e-9
# within.validation_linear = 1e-9
# printed = 0.03
# pixels = 12.0
# ///
"""Judge pixels, random networks, SimCLR and supervised training by three measures."""

from lesson_code.lab.experiments import Plan, representation

found = representation.measure(Plan(seeds=(0, 1, 2)))
alt_text = representation.draw(found)
tables, values = found.tables, found.values
