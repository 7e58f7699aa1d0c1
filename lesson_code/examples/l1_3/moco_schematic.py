# /// example
# cost = "quick"
# ///
"""Draw MoCo: a trained query encoder, a key encoder that follows, and a queue of old keys."""

import matplotlib.pyplot as plt

from lesson_code.examples.drawing import Drawing

WIDTH, HEIGHT, FLOOR = 3.7, 4.3, 0.3
QUERY, KEY = 0.8, 2.9  # the two columns
SLOT, SLOTS = 0.3, 8

drawing = Drawing("moco-schematic", WIDTH, HEIGHT, FLOOR)
ax = drawing.ax


def box(
    x: float, y: float, text: str, color: str, width: float, height: float = 0.34
) -> None:
    """Draw a box, its lines of text 0.19 apart."""
    drawing.box(x, y, "", color, width, height)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        drawing.label(x, y + 0.19 * ((len(lines) - 1) / 2 - number), line)


box(QUERY, 4.08, "view 1", "C5", 0.9)
box(KEY, 4.08, "view 2", "C5", 0.9)
box(QUERY, 3.32, "query encoder\nby gradient", "C0", 1.3, 0.52)
box(KEY, 3.32, "key encoder\nno gradient", "C1", 1.3, 0.52)
for x in (QUERY, KEY):
    drawing.link((x, 3.91), (x, 3.58))
    drawing.link((x, 3.06), (x, 2.72))
drawing.link((QUERY + 0.65, 3.32), (KEY - 0.65, 3.32), linestyle="--")
drawing.label((QUERY + KEY) / 2, 3.5, "moving")
drawing.label((QUERY + KEY) / 2, 3.16, "average")
box(QUERY, 2.54, "query q", "C0", 0.9)
box(KEY, 2.54, "keys k", "C1", 0.9)

LEFT = (WIDTH - SLOT * SLOTS) / 2
RIGHT = LEFT + SLOT * SLOTS
TOP, BASE = 1.24, 0.9
for slot in range(SLOTS):
    ax.add_patch(
        plt.Rectangle(
            (LEFT + slot * SLOT, BASE),
            SLOT,
            TOP - BASE,
            facecolor=("C1", 0.08 + 0.07 * slot),
            edgecolor="C1",
            linewidth=1.1,
        )
    )
drawing.label(LEFT, 0.74, "oldest", ha="left")
drawing.label(RIGHT, 0.74, "newest", ha="right")
drawing.label((LEFT + RIGHT) / 2, 0.46, "queue: K keys of past batches")

box(QUERY, 1.8, "loss", "C3", 0.9)
drawing.link((QUERY, 2.37), (QUERY, 1.97))
drawing.link((KEY - 0.45, 2.47), (QUERY + 0.45, 1.88))
drawing.label(1.62, 2.37, "positive")
drawing.link((QUERY + 0.2, TOP), (QUERY + 0.2, 1.63))
drawing.label(QUERY + 0.28, 1.43, "negatives", ha="left")
drawing.link((KEY, 2.37), (KEY, TOP))
drawing.label(KEY - 0.1, 1.78, "enqueue,", ha="right")
drawing.label(KEY - 0.1, 1.59, "afterward", ha="right")

alt_text = {
    "moco-schematic": (
        "Diagram of MoCo. View 1 goes through the query encoder, trained by gradient, and gives "
        "the query q. View 2 goes through the key encoder, which gets no gradient and is a moving "
        "average of the query encoder, and gives the key k. The loss compares q with k as the "
        "positive and with all keys of a queue as negatives. Afterward the new keys are enqueued "
        "and overwrite the oldest ones."
    )
}
