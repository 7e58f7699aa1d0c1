# /// example
# cost = "quick"
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
fig, ax = plt.subplots(num="crop-pairs", figsize=(3.0, 3.3))
for teacher in range(2):
    for student in range(crops):
        used = (teacher, student) in terms
        x, y = teacher - 0.45, crops - student - 0.4
        face = ("C0", 0.3) if used else "none"
        edge = "C0" if used else "C5"
        ax.add_patch(Rectangle((x, y), 0.9, 0.8, facecolor=face, edgecolor=edge))
        word = "loss" if used else "skip"
        ax.text(teacher, y + 0.37, word, ha="center", va="center", fontsize=8.5)
names = ["global 1", "global 2", *(f"local {number + 1}" for number in range(LOCAL))]
ax.set_xticks([0, 1], labels=["global 1", "global 2"])
ax.set_yticks(range(crops, 0, -1), labels=names)
ax.set(
    xlim=(-0.55, 1.55),
    ylim=(0.4, crops + 0.6),
    xlabel="teacher crop",
    ylabel="student crop",
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
