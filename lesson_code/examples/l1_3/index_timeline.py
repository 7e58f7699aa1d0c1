# /// example
# cost = "quick"
# ///
"""Draw when each method of the lesson first appeared, one row a paper and one lane a family."""

import matplotlib.pyplot as plt

LANES = (
    "Distillation from a trained teacher",
    "Contrastive, with negatives",
    "Two views, no negatives",
    "Masked prediction",
)
TRAINED, CONTRASTIVE, NO_NEGATIVES, MASKED = range(4)

# Year and month of the first version on arXiv, before 2014 of the publication.
PAPERS: list[tuple[int, str, str, tuple[int, ...]]] = [
    (1992, "Jan", "Becker and Hinton", (NO_NEGATIVES,)),
    (2006, "Jun", "DrLIM", (CONTRASTIVE,)),
    (2006, "Aug", "Model compression", (TRAINED,)),
    (2014, "Jun", "Exemplar CNN", (CONTRASTIVE,)),
    (2015, "Mar", "Knowledge distillation", (TRAINED,)),
    (2017, "Mar", "Mean Teacher", (NO_NEGATIVES,)),
    (2018, "May", "InstDisc", (CONTRASTIVE,)),
    (2018, "Jul", "CPC", (CONTRASTIVE,)),
    (2018, "Jul", "DeepCluster", (NO_NEGATIVES,)),
    (2019, "Nov", "MoCo", (CONTRASTIVE,)),
    (2020, "Feb", "SimCLR", (CONTRASTIVE,)),
    (2020, "Mar", "MoCo v2", (CONTRASTIVE,)),
    (2020, "Jun", "BYOL", (NO_NEGATIVES,)),
    (2020, "Jun", "SwAV", (NO_NEGATIVES,)),
    (2020, "Nov", "SimSiam", (NO_NEGATIVES,)),
    (2021, "Feb", "CLIP", (CONTRASTIVE,)),
    (2021, "Mar", "Barlow Twins", (NO_NEGATIVES,)),
    (2021, "Apr", "MoCo v3", (CONTRASTIVE,)),
    (2021, "Apr", "DINO", (NO_NEGATIVES,)),
    (2021, "May", "VICReg", (NO_NEGATIVES,)),
    (2021, "Jun", "BEiT", (MASKED,)),
    (2021, "Nov", "MAE", (MASKED,)),
    (2021, "Nov", "iBOT", (NO_NEGATIVES, MASKED)),
    (2023, "Jan", "I-JEPA", (MASKED,)),
    (2023, "Apr", "DINOv2", (NO_NEGATIVES, MASKED)),
    (2025, "Aug", "DINOv3", (NO_NEGATIVES, MASKED)),
    (2025, "Nov", "LeJEPA", (NO_NEGATIVES,)),
]

HERE = {
    "MoCo",
    "SimCLR",
    "BYOL",
    "Knowledge distillation",
    "DINO",
}  # a page of this lesson
NEW_YEAR = 0.45  # extra room between two years, in rows
X_MONTH, X_LANES, X_STEP, X_NAME = 0.94, 1.14, 0.24, 2.08

fig, ax = plt.subplots(num="timeline", figsize=(3.6, 8.4))
ax.set_axis_off()

heights: list[float] = []
for row, (year, _, _, _) in enumerate(PAPERS):
    gap = NEW_YEAR if row and PAPERS[row - 1][0] != year else 0.0
    heights.append(heights[-1] + 1 + gap if heights else 0.0)
bottom = heights[-1] + 0.6

for lane, label in enumerate(LANES):
    x = X_LANES + lane * X_STEP
    top = -1.5 - 1.15 * (len(LANES) - 1 - lane)
    ax.plot([x, x], [top, bottom], color=f"C{lane}", alpha=0.45, linewidth=2)
    ax.text(x + 0.09, top, label, va="center", fontweight="bold")

for row, (year, month, name, lanes) in enumerate(PAPERS):
    y = heights[row]
    if row == 0 or PAPERS[row - 1][0] != year:
        ax.text(0.0, y, f"{year}", va="center", fontweight="bold")
    ax.text(X_MONTH, y, month, va="center", ha="right", fontsize=8.5)
    xs = [X_LANES + lane * X_STEP for lane in lanes]
    ax.plot(xs, [y] * len(xs), color=f"C{lanes[-1]}", linewidth=2)
    for lane, x in zip(lanes, xs, strict=True):
        ax.plot(x, y, "o", color=f"C{lane}", markersize=8)
    ax.text(
        X_NAME, y, name, va="center", fontweight="bold" if name in HERE else "normal"
    )

ax.set_xlim(-0.08, 3.54)
ax.set_ylim(bottom, -1.5 - 1.15 * (len(LANES) - 1) - 0.6)

values = {"papers": len(PAPERS)}
alt_text = {
    "timeline": "Timeline from top to bottom with a lane for each family. "
    + " ".join(
        f"{LANES[lane]}: "
        + ", ".join(
            f"{' '.join(filter(None, (name, month, str(year))))}"
            for year, month, name, lanes in PAPERS
            if lane in lanes
        )
        + "."
        for lane in range(len(LANES))
    )
}
