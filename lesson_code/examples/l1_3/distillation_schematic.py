# /// example
# cost = "quick"
# limit = 30
# ///
"""Draw knowledge distillation: one image, two networks, a soft loss and a hard loss."""

import matplotlib.pyplot as plt

from lesson_code.examples.drawing import canvas, rounded

WIDTH, HEIGHT = 4.8, 3.3
TEACHER, STUDENT, HARD = 2.75, 1.65, 0.5  # heights of the rows
IMAGE, NETWORK, SOFTMAX, LOSS = 0.42, 1.45, 2.78, 4.3  # centers of the columns

ax = canvas("distillation-schematic", WIDTH, HEIGHT)
ink = plt.rcParams["text.color"]


def box(
    x: float, y: float, text: str, color: str, width: float, height: float = 0.56
) -> None:
    """Draw a labeled box whose center is (x, y)."""
    rounded(ax, x, y, color, width, height)
    ax.text(x, y, text, ha="center", va="center", fontsize=8.5, linespacing=1.2)


def arrow(*points: tuple[float, float]) -> None:
    """Draw a line through the points, with a head at the last."""
    ax.plot(*zip(*points[:-1], strict=True), color=ink, linewidth=1.1)
    ax.annotate(
        "",
        xy=points[-1],
        xytext=points[-2],
        arrowprops={
            "arrowstyle": "-|>",
            "color": ink,
            "linewidth": 1.1,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 9,
        },
    )


box(IMAGE, (TEACHER + STUDENT) / 2, "image", "C5", width=0.6)
box(NETWORK, TEACHER, "teacher\n(frozen)", "C1", width=0.86)
box(NETWORK, STUDENT, "student\n(trained)", "C0", width=0.86)
box(SOFTMAX, TEACHER, "softmax\nat T", "C1", width=0.86)
box(SOFTMAX, STUDENT, "softmax\nat T", "C0", width=0.86)
box(SOFTMAX, HARD, "softmax\nat 1", "C0", width=0.86)
box(LOSS, (TEACHER + STUDENT) / 2, "soft loss\n× α T²", "C3", width=0.88)
box(LOSS, HARD, "hard loss\n× (1 − α)", "C3", width=0.88)

middle = (TEACHER + STUDENT) / 2
fork = 0.87
arrow((IMAGE + 0.3, middle), (fork, middle), (fork, TEACHER), (NETWORK - 0.43, TEACHER))
arrow((fork, middle), (fork, STUDENT), (NETWORK - 0.43, STUDENT))
for row in (TEACHER, STUDENT):
    arrow((NETWORK + 0.43, row), (SOFTMAX - 0.43, row))
    ax.text(2.11, row + 0.07, "logits", ha="center", va="bottom", fontsize=8)
arrow((2.11, STUDENT), (2.11, HARD), (SOFTMAX - 0.43, HARD))
arrow((SOFTMAX + 0.43, TEACHER), (LOSS, TEACHER), (LOSS, middle + 0.28))
arrow((SOFTMAX + 0.43, STUDENT), (LOSS, STUDENT), (LOSS, middle - 0.28))
arrow((SOFTMAX + 0.43, HARD), (LOSS - 0.44, HARD))
ax.text(3.68, TEACHER + 0.07, "soft targets", ha="center", va="bottom", fontsize=8)
ax.text(LOSS, 1.22, "label", ha="center", va="center", fontsize=8.5)
arrow((LOSS, 1.12), (LOSS, HARD + 0.28))

alt_text = {
    "distillation-schematic": (
        "Diagram of knowledge distillation. An image enters a frozen teacher and a student in "
        "training. The logits of both pass through a softmax at temperature T and meet in the "
        "soft loss, weighted by alpha times T squared. The student's logits also pass through a "
        "softmax at temperature 1 and meet the label in the hard loss, weighted by 1 minus alpha."
    )
}
