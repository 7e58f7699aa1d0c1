# /// example
# cost = "quick"
# ///
"""Draw SimCLR: two views of every image, one network, pulls and pushes between its outputs."""

from lesson_code.examples.drawing import Drawing

WIDTH, HEIGHT, FLOOR = 3.7, 4.32, 0.56
COLUMNS = {"A1": 0.48, "A2": 1.28, "B1": 2.42, "B2": 3.22}
MIDDLE = WIDTH / 2

drawing = Drawing("simclr-schematic", WIDTH, HEIGHT, FLOOR)
ax = drawing.ax
STYLE = {"height": 0.34, "fontsize": None, "linespacing": None}


for image, first, second in (("image A", "A1", "A2"), ("image B", "B1", "B2")):
    center = (COLUMNS[first] + COLUMNS[second]) / 2
    drawing.box(center, 4.08, image, "C5", 0.9, **STYLE)
    for view in (first, second):
        drawing.link((center, 3.91), (COLUMNS[view], 3.63))
        drawing.box(COLUMNS[view], 3.46, f"view {view}", "C5", 0.68, **STYLE)
        drawing.link((COLUMNS[view], 3.29), (COLUMNS[view], 2.98))

drawing.box(MIDDLE, 2.81, "encoder f: one network for all views", "C0", 3.42, **STYLE)
drawing.box(MIDDLE, 2.12, "projection head g: only for training", "C4", 3.42, **STYLE)
drawing.label(MIDDLE, 2.465, "h: kept, what you use later")
for x in (COLUMNS["A1"], COLUMNS["B2"]):
    drawing.link((x, 2.64), (x, 2.29))
for view, x in COLUMNS.items():
    drawing.link((x, 1.95), (x, 1.66))
    ax.plot(
        x, 1.52, "o", color="C2" if view[0] == "A" else "C1", markersize=13, alpha=0.35
    )
    drawing.label(x, 1.52, "z", fontweight="bold")
for pair, color in ((("A1", "A2"), "C2"), (("B1", "B2"), "C1")):
    start, end = (COLUMNS[view] for view in pair)
    drawing.link(
        (start + 0.15, 1.52), (end - 0.15, 1.52), color=color, arrowstyle="<|-|>"
    )
    ax.text((start + end) / 2, 1.6, "pull", ha="center", va="bottom")

DEPTHS = {
    ("A2", "B1"): 0.28,
    ("A1", "B1"): 0.28,
    ("A2", "B2"): 0.28,
    ("A1", "B2"): 0.28,
}
for (left, right), bend in DEPTHS.items():
    drawing.link(
        (COLUMNS[left], 1.36),
        (COLUMNS[right], 1.36),
        bend,
        color="C3",
        arrowstyle="<|-|>",
        linestyle="--",
    )
drawing.label(MIDDLE, 0.74, "push apart: views of different images")

alt_text = {
    "simclr-schematic": (
        "Diagram of SimCLR, from top to bottom. Images A and B each give two views. All four "
        "views pass through one encoder f, whose output h is kept for later use, and one "
        "projection head g, used only for training, which gives four vectors z. A solid arrow "
        "pulls the two vectors of image A together, another the two of image B. Dashed arrows "
        "push each vector of A apart from each vector of B."
    )
}
