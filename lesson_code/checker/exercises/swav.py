"""The exercises of SwAV: the balanced assignments, and the swapped prediction."""

from dataclasses import replace

import torch

from lesson_code.checker.exercise import (
    Exercise,
    gradient,
    half,
    normal,
    precise,
    refuses,
    untouched,
    value,
)
from lesson_code.swav import sinkhorn, swav_loss

_PAGE = "module-1/beyond-1.3/swav.md"

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

_SINKHORN = Exercise(
    reference=sinkhorn,
    family="swav",
    page=_PAGE,
    aliases={
        "scores": ("s", "out", "logits", "similarities", "q", "sim"),
        "epsilon": ("eps", "e", "temperature", "temp"),
        "iterations": ("n_iter", "niters", "iters", "num_iters", "steps", "sinkhorn_iterations"),
    },
    hints=(
        "Start from exp(scores / epsilon): positive numbers, a row for each image and a column "
        "for each prototype. Which sums should be equal?",
        "One iteration scales the columns first, so that each prototype gets the same share of "
        "the batch, and then the rows, so that each image has a distribution.",
        "The exponential overflows where scores / epsilon exceeds 88. Keep logarithms: to divide "
        "by a sum is then to subtract a `logsumexp`.",
        "Subtracting the logsumexp is what `F.log_softmax` does: over `dim=0` for the columns, "
        "over `dim=1` for the rows. Detach first, exponentiate at the end.",
    ),
    probes=(
        # Not square, so that no mistake of an axis can hide.
        value(
            "two rows, three prototypes",
            scores=torch.tensor([[1.0, 0.0, 0.0], [2.0, 1.0, 0.0]]),
            epsilon=0.5,
            iterations=2,
        ),
        value("two rows that want one prototype", scores=_WISHES, epsilon=1.0, iterations=2),
        value(
            "three rows, two prototypes",
            scores=torch.tensor([[0.5, 0.1], [0.4, 0.3], [-0.2, 0.2]]),
            epsilon=0.5,
            iterations=2,
        ),
        value("default epsilon and iterations", scores=_SCORES),
        value("five iterations", scores=_SCORES, epsilon=0.2, iterations=5),
        value("epsilon of 2", scores=_SCORES, epsilon=2.0, iterations=2),
        value("equal rows", scores=_SCORES[:1].expand(3, 4), epsilon=0.1, iterations=3),
        value(
            "a prototype that all prefer",
            scores=_SCORES + torch.tensor([0.4, 0.0, 0.0, 0.0]),
            epsilon=0.1,
            iterations=3,
        ),
        value("epsilon of 0.01", scores=_NARROW, epsilon=0.01, iterations=3),
        gradient(
            "gradient through the assignments",
            of=("scores",),
            scores=_SCORES,
            epsilon=0.2,
            iterations=2,
        ),
        untouched("scores afterwards", scores=_SCORES, epsilon=0.2, iterations=2),
        precise("float64", scores=_SCORES, epsilon=0.2, iterations=3),
        replace(
            value("a row far below the others", scores=_FAR, epsilon=0.05, iterations=3),
            remark=_UNDERFLOW,
        ),
        half(
            "float16 scores",
            "In float16 it overflows or loses digits: exp(1/0.05) is far above 65,504. Compute in "
            "float32 at least: `scores.float()`.",
            dtype=torch.float16,
            scores=3 * _SCORES,
            epsilon=0.05,
            iterations=3,
        ),
        refuses(
            "an epsilon of 0",
            "An epsilon of 0 is accepted, and the assignments are NaN then. An error that names "
            "the argument saves a search.",
            scores=_SCORES,
            epsilon=0.0,
            iterations=3,
        ),
    ),
)

# --- swav_loss ------------------------------------------------------------------------------

_ONE, _TWO = torch.eye(2), torch.tensor([[0.0, 0.0], [0.0, 1.0]])
_FIRST = normal(1, 6, 4, scale=0.3)
_SECOND = _FIRST + normal(2, 6, 4, scale=0.2)
_OTHER = normal(3, 6, 4, scale=0.3)

_SWAV_LOSS = Exercise(
    reference=swav_loss,
    family="swav",
    page=_PAGE,
    aliases={
        "scores_1": ("s_1", "scores1", "scores_a", "scores_t", "s_t", "out_1", "z_1", "a"),
        "scores_2": ("s_2", "scores2", "scores_b", "scores_s", "s_s", "out_2", "z_2", "b"),
        "temperature": ("temp", "tau", "t"),
        "epsilon": ("eps", "sinkhorn_epsilon", "e"),
        "iterations": ("n_iter", "niters", "iters", "num_iters", "sinkhorn_iterations"),
    },
    hints=(
        "The name says it: the prediction of each view is held against the assignment of the "
        "other view.",
        "The assignment of a view is `sinkhorn` of its scores, without gradient; the prediction "
        "is a softmax of its scores over the temperature.",
        "For each image take the cross-entropy, minus the sum over the prototypes of assignment "
        "times log prediction; then the mean over the batch.",
        "`F.log_softmax(scores_1 / temperature, dim=1)` meets `sinkhorn(scores_2, ...)`, and the "
        "other way around. The loss is the mean of both directions.",
    ),
    probes=(
        value(
            "two images, two prototypes",
            scores_1=_ONE,
            scores_2=_TWO,
            temperature=1.0,
            epsilon=0.5,
            iterations=2,
        ),
        value(
            "views that disagree",
            scores_1=_ONE,
            scores_2=_ONE.flip(0),
            temperature=0.5,
            epsilon=0.5,
            iterations=2,
        ),
        value(
            "scores that say nothing",
            scores_1=torch.zeros(2, 3),
            scores_2=torch.zeros(2, 3),
            temperature=0.1,
            epsilon=0.05,
            iterations=2,
        ),
        value("default settings", scores_1=_FIRST, scores_2=_SECOND),
        value(
            "temperature of 1",
            scores_1=_FIRST,
            scores_2=_SECOND,
            temperature=1.0,
            epsilon=0.05,
            iterations=3,
        ),
        value(
            "epsilon of 0.5, five iterations",
            scores_1=_FIRST,
            scores_2=_OTHER,
            temperature=0.2,
            epsilon=0.5,
            iterations=5,
        ),
        value(
            "nine images, five prototypes",
            scores_1=normal(4, 9, 5, scale=0.4),
            scores_2=normal(5, 9, 5, scale=0.4),
            temperature=0.1,
            epsilon=0.1,
            iterations=2,
        ),
        value(
            "temperature of 0.005",
            scores_1=torch.tensor([[1.0, 0.2], [-0.9, 0.9]]),
            scores_2=torch.tensor([[0.8, 0.1], [-0.7, 0.6]]),
            temperature=0.005,
            epsilon=0.05,
            iterations=3,
        ),
        gradient(
            "which way the scores are pushed",
            of=("scores_1", "scores_2"),
            scores_1=_FIRST,
            scores_2=_OTHER,
            temperature=0.5,
            epsilon=0.1,
            iterations=3,
        ),
        untouched(
            "scores afterwards",
            scores_1=_FIRST,
            scores_2=_OTHER,
            temperature=0.5,
            epsilon=0.1,
            iterations=2,
        ),
        precise(
            "float64", scores_1=_FIRST, scores_2=_OTHER, temperature=0.1, epsilon=0.1, iterations=3
        ),
        half(
            "float16 scores",
            "In float16 it overflows or loses digits. Compute in float32 at least: "
            "`scores.float()`.",
            dtype=torch.float16,
            scores_1=3 * _FIRST,
            scores_2=3 * _OTHER,
            temperature=0.1,
            epsilon=0.05,
            iterations=3,
        ),
        refuses(
            "a temperature of 0",
            "A temperature of 0 is accepted, and the loss is NaN then. An error that names the "
            "argument saves a search.",
            scores_1=_FIRST,
            scores_2=_OTHER,
            temperature=0.0,
            epsilon=0.1,
            iterations=3,
        ),
    ),
)

EXERCISES = (_SINKHORN, _SWAV_LOSS)
