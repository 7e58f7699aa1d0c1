"""The exercises of SwAV: the balanced assignments, and the swapped prediction."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.swav import sinkhorn, swav_loss


# --- sinkhorn -------------------------------------------------------------------------------

_WISHES = torch.tensor([[0.0, 1.0], [0.0, 2.0]])
_SCORES = normal(1, 6, 4, scale=0.3)
_NARROW = torch.tensor([[1.0, 0.9], [0.8, 1.0]])
_FAR = torch.tensor([[0.9, 0.1, 0.3], [0.2, 0.8, 0.4], [-9.0, -9.5, -9.2]])

_UNDERFLOW = (
    "A row far below the others gets no assignment: its exponentials are all 0, and 0/0 is NaN. "
    "Subtracting one maximum of all scores is not enough; with logarithms, as in "
    "`log_softmax`, every row is safe."
)

_COLD = (
    "At an epsilon, or a temperature, of 0.01 and below it overflows: exp(1/0.01) exceeds the "
    "range of float32. Keep logarithms, as in `log_softmax`."
)

_sinkhorn = Calls(sinkhorn, scores=_SCORES, iterations=3)

_SINKHORN = Exercise(
    reference=sinkhorn,
    probes=(
        # Not square, so that no mistake of an axis can hide.
        _sinkhorn.value("two rows, three prototypes", [[1.0, 0.0, 0.0], [2.0, 1.0, 0.0]], 0.5, 2),
        _sinkhorn.value("two rows that want one prototype", _WISHES, 1.0, 2),
        _sinkhorn.value(
            "three rows, two prototypes", [[0.5, 0.1], [0.4, 0.3], [-0.2, 0.2]], 0.5, 2
        ),
        Calls(sinkhorn).value("default epsilon and iterations", _SCORES),
        _sinkhorn.value("five iterations", epsilon=0.2, iterations=5),
        _sinkhorn.value("epsilon of 2", epsilon=2.0, iterations=2),
        _sinkhorn.value("equal rows", _SCORES[:1].expand(3, 4), 0.1),
        _sinkhorn.value(
            "a prototype that all prefer", _SCORES + torch.tensor([0.4, 0.0, 0.0, 0.0]), 0.1
        ),
        _sinkhorn.value("epsilon of 0.01", _NARROW, 0.01, beyond=_COLD),
        _sinkhorn.gradient(
            "gradient through the assignments",
            "scores",
            epsilon=0.2,
            iterations=2,
            beyond="It changes numbers in place that a gradient would need, and so must be called "
            "under `torch.no_grad()`.",
        ),
        _sinkhorn.untouched("scores afterwards", epsilon=0.2, iterations=2),
        _sinkhorn.precise("float64", epsilon=0.2),
        _sinkhorn.value("a row far below the others", _FAR, 0.05, remark=_UNDERFLOW),
        _sinkhorn.half(
            "float16 scores",
            "In float16 it overflows or loses digits: exp(1/0.05) is far above 65,504. Compute in "
            "float32 at least: `scores.float()`.",
            3 * _SCORES,
            0.05,
        ),
        _sinkhorn.refuses("an epsilon of 0", "the assignments are NaN then", epsilon=0.0),
    ),
)

# --- swav_loss ------------------------------------------------------------------------------

_ONE, _TWO = torch.eye(2), torch.tensor([[0.0, 0.0], [0.0, 1.0]])
_FIRST = normal(1, 6, 4, scale=0.3)
_SECOND = _FIRST + normal(2, 6, 4, scale=0.2)
_OTHER = normal(3, 6, 4, scale=0.3)

_loss = Calls(swav_loss, scores_1=_FIRST, epsilon=0.1, iterations=3)

_SWAV_LOSS = Exercise(
    reference=swav_loss,
    views=("scores_1", "scores_2"),
    form="scale",
    probes=(
        _loss.value("two images, two prototypes", _ONE, _TWO, 1.0, epsilon=0.5, iterations=2),
        _loss.value("views that disagree", _ONE, _ONE.flip(0), 0.5, epsilon=0.5, iterations=2),
        _loss.value(
            "scores that say nothing",
            torch.zeros(2, 3),
            torch.zeros(2, 3),
            0.1,
            epsilon=0.05,
            iterations=2,
        ),
        Calls(swav_loss).value("default settings", _FIRST, _SECOND),
        _loss.value("temperature of 1", scores_2=_SECOND, temperature=1.0, epsilon=0.05),
        _loss.value(
            "epsilon of 0.5, five iterations",
            scores_2=_OTHER,
            temperature=0.2,
            epsilon=0.5,
            iterations=5,
        ),
        _loss.value(
            "nine images, five prototypes",
            normal(4, 9, 5, scale=0.4),
            normal(5, 9, 5, scale=0.4),
            0.1,
            iterations=2,
        ),
        _loss.value(
            "temperature of 0.005",
            [[1.0, 0.2], [-0.9, 0.9]],
            [[0.8, 0.1], [-0.7, 0.6]],
            0.005,
            epsilon=0.05,
            beyond=_COLD,
        ),
        _loss.gradient(
            "which way the scores are pushed", "scores_1 scores_2", scores_2=_OTHER, temperature=0.5
        ),
        _loss.untouched("scores afterwards", scores_2=_OTHER, temperature=0.5, iterations=2),
        _loss.precise("float64", scores_2=_OTHER, temperature=0.1),
        _loss.half(
            "float16 scores",
            "In float16 it overflows or loses digits. Compute in float32 at least: "
            "`scores.float()`.",
            3 * _FIRST,
            3 * _OTHER,
            0.1,
            epsilon=0.05,
        ),
        _loss.refuses(
            "a temperature of 0", "the loss is NaN then", scores_2=_OTHER, temperature=0.0
        ),
    ),
)

EXERCISES = (_SINKHORN, _SWAV_LOSS)
