# /// example
# cost = "quick"
# limit = 30
# ///
"""Count and draw the pairs of crops that meet in the loss, and the patches they cost."""

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

# --8<-- [start:show]
print("local crops   terms   student patches   as many full-size crops")
for local in (0, 2, 6, 8, 10):
    crops = 2 + local
    pairs = [(t, s) for t in range(2) for s in range(crops) if s != t]
    large, small = (224 // 16) ** 2, (96 // 16) ** 2  # patches of 16 x 16 pixels
    patches = 2 * large + local * small
    print(f"{local:11d} {len(pairs):7d} {patches:17d} {crops * large:25d}")
# --8<-- [end:show]

LOCAL = 8
crops = 2 + LOCAL
terms = [(t, s) for t in range(2) for s in range(crops) if s != t]
fig, ax = plt.subplots(num="crop-pairs", figsize=(4.8, 1.75))
for row in range(2):
    for column in range(crops):
        used = (row, column) in terms
        x, y = column - 0.42, 1 - row - 0.36
        face = ("C0", 0.3) if used else "none"
        edge = "C0" if used else "C5"
        ax.add_patch(Rectangle((x, y), 0.84, 0.72, facecolor=face, edgecolor=edge))
        word = "loss" if used else "skip"
        ax.text(column, 1 - row, word, ha="center", va="center", fontsize=8)
names = ["global\n1", "global\n2", *(f"local\n{number + 1}" for number in range(LOCAL))]
ax.set_xticks(range(crops), labels=names, fontsize=8)
ax.set_yticks([1, 0], labels=["global 1", "global 2"])
ax.set(
    xlim=(-0.55, crops - 0.45),
    ylim=(-0.5, 1.5),
    xlabel="student crop",
    ylabel="teacher crop",
)
ax.tick_params(length=0)
for spine in ax.spines.values():
    spine.set_visible(False)

values = {
    "terms": len(terms),
    "patches": 2 * large + LOCAL * small,
    "full": crops * large,
}
alt_text = {
    "crop-pairs": (
        f"Table of two teacher crops, the global ones, against {crops} student crops, two global "
        f"and {LOCAL} local. All cells hold a term of the loss except two, which are skipped: "
        f"teacher and student on the same global crop. {len(terms)} terms remain."
    )
}
