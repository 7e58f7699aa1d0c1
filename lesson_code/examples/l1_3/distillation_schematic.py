# /// example
# cost = "quick"
# ///
"""Draw knowledge distillation: one image, two networks, a soft loss and a hard loss."""

from lesson_code.examples.drawing import Drawing

WIDTH, HEIGHT = 3.7, 3.3
TEACHER, STUDENT, HARD = 2.75, 1.65, 0.5  # heights of the rows
IMAGE, NETWORK, SOFTMAX, LOSS = 0.28, 1.08, 2.22, 3.32  # centers of the columns

drawing = Drawing("distillation-schematic", WIDTH, HEIGHT)
ax = drawing.ax


drawing.box(IMAGE, (TEACHER + STUDENT) / 2, "image", "C5", width=0.52)
drawing.box(NETWORK, TEACHER, "teacher\n(frozen)", "C1", width=0.68)
drawing.box(NETWORK, STUDENT, "student\n(trained)", "C0", width=0.68)
drawing.box(SOFTMAX, TEACHER, "softmax\nat T", "C1", width=0.68)
drawing.box(SOFTMAX, STUDENT, "softmax\nat T", "C0", width=0.68)
drawing.box(SOFTMAX, HARD, "softmax\nat 1", "C0", width=0.68)
drawing.box(LOSS, (TEACHER + STUDENT) / 2, "soft loss\n× α T²", "C3", width=0.72)
drawing.box(LOSS, HARD, "hard loss\n× (1 − α)", "C3", width=0.72)

middle = (TEACHER + STUDENT) / 2
fork = 0.64
drawing.arrow(
    (IMAGE + 0.26, middle), (fork, middle), (fork, TEACHER), (NETWORK - 0.34, TEACHER)
)
drawing.arrow((fork, middle), (fork, STUDENT), (NETWORK - 0.34, STUDENT))
for row in (TEACHER, STUDENT):
    drawing.arrow((NETWORK + 0.34, row), (SOFTMAX - 0.34, row))
    ax.text(1.65, row + 0.07, "logits", ha="center", va="bottom", fontsize=8.5)
drawing.arrow((1.65, STUDENT), (1.65, HARD), (SOFTMAX - 0.34, HARD))
drawing.arrow((SOFTMAX + 0.34, TEACHER), (LOSS, TEACHER), (LOSS, middle + 0.28))
drawing.arrow((SOFTMAX + 0.34, STUDENT), (LOSS, STUDENT), (LOSS, middle - 0.28))
drawing.arrow((SOFTMAX + 0.34, HARD), (LOSS - 0.36, HARD))
ax.text(
    LOSS + 0.36, TEACHER + 0.07, "soft targets", ha="right", va="bottom", fontsize=8.5
)
drawing.label(LOSS, 1.22, "label", fontsize=8.5)
drawing.arrow((LOSS, 1.12), (LOSS, HARD + 0.28))

alt_text = {
    "distillation-schematic": (
        "Diagram of knowledge distillation. An image enters a frozen teacher and a student in "
        "training. The logits of both pass through a softmax at temperature T and meet in the "
        "soft loss, weighted by alpha times T squared. The student's logits also pass through a "
        "softmax at temperature 1 and meet the label in the hard loss, weighted by 1 minus alpha."
    )
}
