"""The exercises of collapse: how far embeddings spread, and in how many directions."""

import torch

from lesson_code.collapse import effective_rank, embedding_std
from lesson_code.checker.exercise import Calls, Exercise, normal

_NO_GRADIENT = (
    "No gradient flows through it. To watch a run that is as it should be; as a part of a loss it "
    "would teach nothing. NumPy, `.item()`, `detach` and `no_grad` all end the graph."
)

# --- embedding_std --------------------------------------------------------------------------

_CROSS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
_BATCH = normal(1, 7, 5) + torch.tensor([1.0, 0.0, 0.0, -0.5, 0.0])

_std = Calls(embedding_std)

_EMBEDDING_STD = Exercise(
    reference=embedding_std,
    probes=(
        _std.value("two rows at a right angle", torch.eye(2)),
        _std.value("four directions that cancel out", _CROSS),
        _std.value("rows of different lengths", [[4.0, 0.0], [0.0, 0.5]]),
        _std.value("one direction", [[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]]),
        _std.value("one dimension varies more", [[1.0, 0.0, 3.0], [1.0, 0.1, -3.0]]),
        _std.value("seven rows, five dimensions", _BATCH),
        _std.value("a narrow cone", 0.05 * _BATCH + 1),
        _std.value("more dimensions than rows", normal(2, 3, 9)),
        _std.untouched("z afterwards", _BATCH),
        _std.precise("float64", _BATCH),
        _std.gradient("gradient", "z", _BATCH, remark=_NO_GRADIENT),
        _std.half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            300 * _BATCH,
        ),
        _std.refuses(
            "a single row",
            "A single row is accepted; it has nothing to be compared with. An error that says so "
            "saves a wrong alarm.",
            _BATCH[:1],
        ),
    ),
)

# --- effective_rank -------------------------------------------------------------------------

_UNEVEN = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
_ROWS = normal(3, 8, 4) * torch.tensor([3.0, 1.0, 0.3, 0.1])
#: A Hadamard matrix: three orthogonal dimensions of mean 0.
_WAVES = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])

_rank = Calls(effective_rank)

_EFFECTIVE_RANK = Exercise(
    reference=effective_rank,
    published={
        "rank-not-centered": "The mean row is not subtracted, as in RankMe: what all rows share "
        "then counts as a direction, so compare only with values that are not centered either."
    },
    probes=(
        _rank.value("two even directions", _CROSS),
        _rank.value("two uneven directions", _UNEVEN),
        _rank.value("one line", [[1.0, 1.0], [3.0, 3.0], [-4.0, -4.0]]),
        _rank.value("two even directions, far from 0", _CROSS + 5),
        _rank.value(
            "rows of different lengths", _UNEVEN * torch.tensor([[1.0], [3.0], [1.0], [0.2]])
        ),
        _rank.value("three even directions", _WAVES),
        _rank.value("another scale", 0.01 * _UNEVEN),
        _rank.value("eight rows, four dimensions", _ROWS),
        _rank.value("eight rows with an offset", _ROWS + torch.tensor([4.0, 0.0, -2.0, 1.0])),
        _rank.value("more dimensions than rows", normal(4, 3, 6)),
        _rank.value(
            "all rows equal",
            torch.ones(4, 3),
            remark="Where all rows are equal there are no shares, 0/0, and the curve of a collapse "
            "ends in NaN or in rounding. Return 0 there, or say that there is nothing to count.",
        ),
        _rank.untouched("z afterwards", _ROWS + 1),
        _rank.precise("float64", _ROWS),
        _rank.gradient("gradient", "z", _ROWS, remark=_NO_GRADIENT),
        _rank.value(
            "rows equal up to rounding",
            normal(5, 1, 33).expand(100, 33),
            remark="Rows that differ by rounding alone have a rank, that of the noise. Set "
            "singular values to 0 that are below a few units of the last digit of the whole.",
            atol=1e-2,
        ),
        _rank.half(
            "large numbers in float16",
            "In float16 the squares overflow above 65,504, and the singular values are not "
            "implemented. Compute in float32 at least: `z.float()`.",
            300 * _ROWS,
        ),
        _rank.refuses(
            "a row with NaN",
            "NaN is accepted, and the value says nothing then. An error that names the argument "
            "saves a search.",
            torch.full((3, 2), float("nan")),
        ),
    ),
)

EXERCISES = (_EMBEDDING_STD, _EFFECTIVE_RANK)
