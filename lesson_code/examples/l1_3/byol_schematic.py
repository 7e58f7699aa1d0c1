# /// example
# cost = "quick"
# ///
"""Draw BYOL: two networks, one predictor, one stop-gradient."""

from lesson_code.examples.drawing import Drawing

WIDTH, HEIGHT = 3.7, 3.0
ONLINE, TARGET = 2.25, 0.75  # heights of the two rows

drawing = Drawing("byol-schematic", WIDTH, HEIGHT)
ax = drawing.ax


STYLE = {"height": 0.5, "linespacing": 1.15, "va": "center_baseline"}
COLUMNS = {"view": 0.28, "encoder": 1.0, "projector": 1.8, "predictor": 2.6}
LOSS = 3.34
for row, name, color in ((ONLINE, "view 1", "C0"), (TARGET, "view 2", "C1")):
    drawing.box(COLUMNS["view"], row, name, "C5", 0.52, **STYLE)
    drawing.box(COLUMNS["encoder"], row, "encoder", color, 0.7, **STYLE)
    drawing.box(COLUMNS["projector"], row, "projector", color, 0.7, **STYLE)
    drawing.arrow((COLUMNS["view"] + 0.26, row), (COLUMNS["encoder"] - 0.35, row))
    drawing.arrow((COLUMNS["encoder"] + 0.35, row), (COLUMNS["projector"] - 0.35, row))
drawing.box(COLUMNS["predictor"], ONLINE, "predictor", "C0", 0.7, **STYLE)
drawing.arrow(
    (COLUMNS["projector"] + 0.35, ONLINE), (COLUMNS["predictor"] - 0.35, ONLINE)
)

drawing.box(LOSS, 1.5, "loss\n2 − 2 cos", "C3", 0.68, **STYLE)
ax.plot(
    (COLUMNS["predictor"] + 0.35, LOSS),
    (ONLINE, ONLINE),
    color=drawing.ink,
    linewidth=1.1,
)
drawing.arrow((LOSS, ONLINE), (LOSS, 1.75))
ax.plot(
    (COLUMNS["projector"] + 0.35, LOSS),
    (TARGET, TARGET),
    color=drawing.ink,
    linewidth=1.1,
)
drawing.arrow((LOSS, TARGET), (LOSS, 1.25))
ax.text(LOSS - 0.08, 2.35, "p", ha="center", va="bottom", fontsize=9, style="italic")
ax.text(LOSS - 0.08, 0.65, "z′", ha="center", va="top", fontsize=9, style="italic")

CUT = 2.6  # the two strokes of the stop-gradient
for shift in (-0.03, 0.03):
    ax.plot(
        (CUT + shift - 0.05, CUT + shift + 0.05),
        (TARGET - 0.15, TARGET + 0.15),
        color="C3",
    )
ax.text(CUT, TARGET - 0.22, "stop-gradient", ha="center", va="top", fontsize=8.5)

for column in ("encoder", "projector"):
    drawing.arrow(
        (COLUMNS[column], ONLINE - 0.25), (COLUMNS[column], TARGET + 0.25), style="--"
    )
middle = (COLUMNS["encoder"] + COLUMNS["projector"]) / 2
drawing.label(middle, 1.5, "moving\naverage", fontsize=8.5)

ax.text(0.65, 2.68, "online network θ: trained by gradient", fontsize=9, va="center")
ax.text(0.65, 0.18, "target network ξ: follows", fontsize=9, va="center")

alt_text = {
    "byol-schematic": (
        "Diagram of BYOL. Top row, the online network, trained by gradient: view 1, encoder, "
        "projector, predictor, output p. Bottom row, the target network: view 2, encoder, "
        "projector, stop-gradient, output z prime. Both outputs enter the loss, 2 minus 2 cosine. "
        "Dashed arrows lead from the online encoder and projector down to the target's: a moving "
        "average of weights. Only the online network has a predictor."
    )
}
