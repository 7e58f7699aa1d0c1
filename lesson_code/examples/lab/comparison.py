# /// example
# cost = "lab"
# limit = 3600
# printed = 4.0
# pixels = 40.0
# [within]
# # Errors in percent. MAE alone varies by more than the 2 points of the others.
# k_nn_error = 3.0
# linear_error = 3.0
# few_label_error = 4.0
# knn = 0.02
# few = 0.03
# mae_few = 0.04
# seconds = inf
# ///
"""Train all methods on the digits, three seeds each, and compare their test errors."""

from lesson_code.lab.experiments import Plan, comparison

found = comparison.measure(Plan(seeds=(0, 1, 2)))
alt_text = comparison.draw(found)
tables, values = found.tables, found.values
