# /// example
# cost = "quick"
# ///
"""Draw all methods alike, on one map and each by itself, so that what differs is a box."""

from typing import NamedTuple

from lesson_code.examples.drawing import Drawing

WIDTH, STRIP = 3.7, 0.95
VIEW, ENCODER, MIDDLE, LOSS = 0.32, 1.08, 2.12, 3.25  # the centers of the columns
TOP, BOTTOM = 0.52, 0.18  # the heights of the two rows of a strip


class Method(NamedTuple):
    """What differs: the second encoder, what stands behind each, the loss, who is cut off."""

    name: str
    second: str
    above: str
    below: str
    loss: str
    cut: bool = False
    views: tuple[str, str] = ("view 1", "view 2")


METHODS = [
    Method("SimCLR", "the same", "", "", "cross- entropy, batch"),
    Method("MoCo", "average", "", "queue", "cross- entropy, queue", cut=True),
    Method("BYOL", "average", "predictor", "", "distance", cut=True),
    Method("SimSiam", "the same", "predictor", "", "cosine", cut=True),
    Method("SwAV", "the same", "softmax", "Sinkhorn", "cross- entropy", cut=True),
    Method("DINO", "average", "softmax", "center, softmax", "cross- entropy", cut=True),
    Method("Barlow Twins", "the same", "", "", "correlate dimensions"),
    Method("VICReg", "the same", "", "", "distance, spread, covariance"),
    Method("LeJEPA", "the same", "", "", "distance, Gaussian shape"),
    Method("MAE", "", "decoder", "", "distance of pixels", views=("visible", "hidden")),
]


def strip(drawing: Drawing, floor: float, method: Method) -> None:
    """Draw a method in two rows, from the views on the left to the loss on the right."""
    ax = drawing.ax
    ax.text(0.04, floor + 0.8, method.name, fontweight="bold", va="center")
    rows = [(TOP, "encoder", method.above), (BOTTOM, method.second, method.below)]
    for (row, encoder, middle), view in zip(rows, method.views, strict=True):
        y, x = floor + row, VIEW + 0.28
        drawing.box(VIEW, y, view, "C5", 0.56, 0.26)
        trained = "C1" if encoder == "average" else "C0"
        for center, text, color, width in (
            (ENCODER, encoder, trained, 0.76),
            (MIDDLE, middle, "C3", 1.12),
        ):
            if text:
                drawing.box(center, y, text, color, width, 0.26)
                drawing.arrow((x, y), (center - width / 2, y))
                x = center + width / 2
        drawing.arrow((x, y), (LOSS - 0.43, y))
        for edge in (2.68, 2.74) if method.cut and row == BOTTOM else ():
            ax.plot((edge, edge + 0.06), (y - 0.11, y + 0.11), color="C4")
    loss = method.loss.replace(" ", "\n")
    drawing.box(LOSS, floor + (TOP + BOTTOM) / 2, loss, "C2", 0.86, 0.62, linespacing=1)


def told(method: Method) -> str:
    """Say in words what a strip shows."""
    second = {"": "no encoder", "the same": "the same encoder"}.get(
        method.second, "an encoder that is a moving average of the first"
    )
    first = f"{method.views[0]}, encoder{method.above and ', ' + method.above}"
    other = f"{method.views[1]}, {second}{method.below and ', ' + method.below}"
    stop = ", then a stop-gradient" if method.cut else ""
    loss = method.loss.replace("- ", "-")
    return f"{method.name}. Above: {first}. Below: {other}{stop}. Loss: {loss}."


alt_text = {"map": "Ten methods. " + " ".join(told(method) for method in METHODS)}
drawing = Drawing("map", WIDTH, STRIP * len(METHODS))
for number, method in enumerate(reversed(METHODS)):
    strip(drawing, number * STRIP, method)
for method in METHODS:
    if method.name in ("SimSiam", "SwAV", "Barlow Twins", "VICReg"):
        name = method.name.lower().replace(" ", "-") + "-schematic"
        strip(Drawing(name, WIDTH, STRIP), 0, method)
        alt_text[name] = told(method)
