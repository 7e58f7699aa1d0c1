# /// example
# cost = "quick"
# ///
"""Draw DINO: the student sees all crops, the teacher the global ones and follows the student."""

from matplotlib.patches import Rectangle

from lesson_code.examples.drawing import Drawing

WIDTH, HEIGHT = 3.7, 3.3
STUDENT, TEACHER = 2.45, 0.8  # heights of the two rows
# The centers of the columns.
CROPS, ENCODER, HEAD, CENTER, SOFTMAX = 0.3, 0.97, 1.57, 2.14, 2.78
LOSS = (3.38, 1.74)

drawing = Drawing("dino-schematic", WIDTH, HEIGHT)
ax = drawing.ax


def crop(x: float, y: float, side: float) -> None:
    """Draw a crop as a square whose center is (x, y)."""
    corner = (x - side / 2, y - side / 2)
    ax.add_patch(Rectangle(corner, side, side, facecolor=("C5", 0.25), edgecolor="C5"))


for row in (STUDENT, TEACHER):
    for shift in (-0.15, 0.15):
        crop(CROPS + shift, row + (0.12 if row == STUDENT else 0), 0.26)
for shift in (-0.21, -0.07, 0.07, 0.21):
    crop(CROPS + shift, STUDENT - 0.16, 0.11)
drawing.label(CROPS, STUDENT - 0.42, "all crops", fontsize=8.5)
drawing.label(CROPS, TEACHER - 0.32, "global\ncrops", fontsize=8.5)

for row, color, temperature in ((STUDENT, "C0", "Tₛ"), (TEACHER, "C1", "Tₜ")):
    drawing.box(ENCODER, row, "encoder", color, width=0.6)
    drawing.box(HEAD, row, "head", color, width=0.42)
    drawing.box(SOFTMAX, row, f"softmax\n{temperature}", color, width=0.58)
    drawing.arrow((CROPS + 0.29, row), (ENCODER - 0.3, row))
    drawing.arrow((ENCODER + 0.3, row), (HEAD - 0.21, row))
drawing.box(CENTER, TEACHER, "minus\ncenter", "C1", width=0.52)
drawing.arrow((HEAD + 0.21, STUDENT), (SOFTMAX - 0.29, STUDENT))
drawing.arrow((HEAD + 0.21, TEACHER), (CENTER - 0.26, TEACHER))
drawing.arrow((CENTER + 0.26, TEACHER), (SOFTMAX - 0.29, TEACHER))

drawing.box(*LOSS, "cross-\nentropy", "C3", width=0.58)
drawing.arrow((SOFTMAX + 0.29, STUDENT), (LOSS[0], STUDENT), (LOSS[0], LOSS[1] + 0.28))
drawing.arrow((SOFTMAX + 0.29, TEACHER), (LOSS[0], TEACHER), (LOSS[0], LOSS[1] - 0.28))
for shift in (-0.03, 0.03):  # the two strokes of the stop-gradient
    height = 1.22
    ax.plot(
        (LOSS[0] - 0.14, LOSS[0] + 0.14),
        (height + shift - 0.04, height + shift + 0.04),
        color="C3",
    )
ax.text(LOSS[0] - 0.2, height, "stop-gradient", ha="right", va="center", fontsize=8.5)

for column in (ENCODER, HEAD):
    drawing.arrow((column, STUDENT - 0.28), (column, TEACHER + 0.28), style="--")
middle = (ENCODER + HEAD) / 2
drawing.label(middle, LOSS[1], "moving\naverage", fontsize=8.5)

ax.text(0.67, 3.0, "student: trained by gradient", fontsize=9, va="center")
ax.text(0.67, 0.22, "teacher: follows the student", fontsize=9, va="center")

alt_text = {
    "dino-schematic": (
        "Diagram of DINO. Top row, the student, trained by gradient: all crops, two global and "
        "several local ones, pass encoder, head and softmax at the student temperature. Bottom "
        "row, the teacher: only the two global crops pass encoder, head, minus center and softmax "
        "at the teacher temperature, then a stop-gradient. Both meet in a cross-entropy. Dashed "
        "arrows lead from the student's encoder and head down to the teacher's: a moving average "
        "of weights. There is no predictor."
    )
}
