# /// example
# cost = "lab"
# limit = 3600
# within.k_nn = 0.02
# within.linear = 0.03
# within.few_labels = 0.03
# within.ground_color = 0.05
# within.knn = 0.02
# within.few = 0.03
# within.ground = 0.05
# within.std = 0.1
# within.rank = 3.0
# within.loss = 0.05
# within.pixels_knn = 1e-9
# within.pixels_linear = 1e-9
# within.gray_pixels_knn = 1e-9
# # BYOL and SimSiam in color leave the shortcut early, late or never, by chance.
# within.mean_k_nn = 0.3
# within.mean_linear = 0.3
# within.mean_std = 0.4
# within.mean_rank = 6.0
# within.byol_knn = 0.1
# within.byol_linear = 0.15
# within.byol_ground = 0.15
# within.byol_std = 0.15
# within.byol_rank = 6.0
# within.byol_long_knn = 0.15
# within.knn_lowest = 0.5
# within.knn_highest = 0.5
# within.std_lowest = 0.7
# within.std_highest = 0.2
# printed = 0.7
# pixels = 220.0
# pictures = 2.0
# ///
"""Train on tinted digits with and without changes of color, and on gray ones."""

from lesson_code.lab.experiments import Plan, color_shortcut

found = color_shortcut.measure(Plan(seeds=(0, 1, 2)))
alt_text = color_shortcut.draw(found)
tables, values = found.tables, found.values
