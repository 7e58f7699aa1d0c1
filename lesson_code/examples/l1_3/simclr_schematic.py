# /// example
# cost = "quick"
# ///
"""Draw SimCLR: two views of every image, one network, pulls and pushes between its outputs."""

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch

from lesson_code.examples.drawing import canvas, rounded

WIDTH, HEIGHT, FLOOR = 3.7, 4.32, 0.56
COLUMNS = {"A1": 0.48, "A2": 1.28, "B1": 2.42, "B2": 3.22}
MIDDLE = WIDTH / 2

ax = canvas("simclr-schematic", WIDTH, HEIGHT, FLOOR)
ink = plt.rcParams["text.color"]


def box(
    x: float, y: float, text: str, color: str, width: float, height: float = 0.34
) -> None:
    """Draw a labeled box whose center is (x, y)."""
    rounded(ax, x, y, color, width, height)
    ax.text(x, y, text, ha="center", va="center")


def link(
    start: tuple[float, float],
    end: tuple[float, float],
    color: str = ink,
    ends: str = "-|>",
    bend: float = 0.0,
    dashed: bool = False,
) -> None:
    """Draw an arrow from start to end, bent by a share of its length."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle=ends,
            connectionstyle=f"arc3,rad={bend}",
            linestyle="--" if dashed else "-",
            color=color,
            linewidth=1.1,
            mutation_scale=8,
            shrinkA=0,
            shrinkB=0,
        )
    )


for image, first, second in (("image A", "A1", "A2"), ("image B", "B1", "B2")):
    center = (COLUMNS[first] + COLUMNS[second]) / 2
    box(center, 4.08, image, "C5", 0.9)
    for view in (first, second):
        link((center, 3.91), (COLUMNS[view], 3.63))
        box(COLUMNS[view], 3.46, f"view {view}", "C5", 0.68)
        link((COLUMNS[view], 3.29), (COLUMNS[view], 2.98))

box(MIDDLE, 2.81, "encoder f: one network for all views", "C0", 3.42)
box(MIDDLE, 2.12, "projection head g: only for training", "C4", 3.42)
ax.text(MIDDLE, 2.465, "h: kept, what you use later", ha="center", va="center")
for x in (COLUMNS["A1"], COLUMNS["B2"]):
    link((x, 2.64), (x, 2.29))
for view, x in COLUMNS.items():
    link((x, 1.95), (x, 1.66))
    ax.plot(
        x, 1.52, "o", color="C2" if view[0] == "A" else "C1", markersize=13, alpha=0.35
    )
    ax.text(x, 1.52, "z", ha="center", va="center", fontweight="bold")
for pair, color in ((("A1", "A2"), "C2"), (("B1", "B2"), "C1")):
    start, end = (COLUMNS[view] for view in pair)
    link((start + 0.15, 1.52), (end - 0.15, 1.52), color, "<|-|>")
    ax.text((start + end) / 2, 1.6, "pull", ha="center", va="bottom")

DEPTHS = {
    ("A2", "B1"): 0.28,
    ("A1", "B1"): 0.28,
    ("A2", "B2"): 0.28,
    ("A1", "B2"): 0.28,
}
for (left, right), bend in DEPTHS.items():
    link(
        (COLUMNS[left], 1.36), (COLUMNS[right], 1.36), "C3", "<|-|>", bend, dashed=True
    )
ax.text(MIDDLE, 0.74, "push apart: views of different images", ha="center", va="center")

alt_text = {
    "simclr-schematic": (
        "Diagram of SimCLR, from top to bottom. Images A and B each give two views. All four "
        "views pass through one encoder f, whose output h is kept for later use, and one "
        "projection head g, used only for training, which gives four vectors z. A solid arrow "
        "pulls the two vectors of image A together, another the two of image B. Dashed arrows "
        "push each vector of A apart from each vector of B."
    )
}
