"""The exercises of collapse: how far embeddings spread, and in how many directions."""

from dataclasses import replace

import torch

from lesson_code.collapse import effective_rank, embedding_std
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

_PAGE = "module-1/beyond-1.3/collapse.md"
_ALIASES = {"z": ("x", "embeddings", "features", "outputs", "h", "reps", "representations")}
_NO_GRADIENT = (
    "No gradient flows through it. To watch a run that is as it should be; as a part of a loss it "
    "would teach nothing. NumPy, `.item()`, `detach` and `no_grad` all end the graph."
)

# --- embedding_std --------------------------------------------------------------------------

_CROSS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
_BATCH = normal(1, 7, 5) + torch.tensor([1.0, 0.0, 0.0, -0.5, 0.0])

_EMBEDDING_STD = Exercise(
    reference=embedding_std,
    family="collapse",
    page=_PAGE,
    aliases=_ALIASES,
    hints=(
        "Directions are compared, so bring each row to length one first.",
        "Then take the standard deviation of each dimension over the batch, and the mean of "
        "these D numbers.",
        "Unit rows that point everywhere have a deviation of 1/sqrt(D) in each dimension. "
        "Multiply by sqrt(D), so that 1 is healthy whatever D is.",
        "Divide the variance by N, not N - 1 (`correction=0`), or the value may exceed 1.",
    ),
    probes=(
        value("two rows at a right angle", z=torch.eye(2)),
        value("four directions that cancel out", z=_CROSS),
        value("rows of different lengths", z=torch.tensor([[4.0, 0.0], [0.0, 0.5]])),
        value("one direction", z=torch.tensor([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]])),
        value("one dimension varies more", z=torch.tensor([[1.0, 0.0, 3.0], [1.0, 0.1, -3.0]])),
        value("seven rows, five dimensions", z=_BATCH),
        value("a narrow cone", z=0.05 * _BATCH + 1),
        value("more dimensions than rows", z=normal(2, 3, 9)),
        untouched("z afterwards", z=_BATCH),
        precise("float64", z=_BATCH),
        replace(gradient("gradient", of=("z",), z=_BATCH), remark=_NO_GRADIENT),
        half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            dtype=torch.float16,
            z=300 * _BATCH,
        ),
        refuses(
            "a single row",
            "A single row is accepted; it has nothing to be compared with. An error that says so "
            "saves a wrong alarm.",
            z=_BATCH[:1],
        ),
    ),
)

# --- effective_rank -------------------------------------------------------------------------

_UNEVEN = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
_ROWS = normal(3, 8, 4) * torch.tensor([3.0, 1.0, 0.3, 0.1])
#: A Hadamard matrix: three orthogonal dimensions of mean 0.
_WAVES = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])

_EFFECTIVE_RANK = Exercise(
    reference=effective_rank,
    family="collapse",
    page=_PAGE,
    aliases=_ALIASES,
    hints=(
        "What all rows share tells no image from another: subtract the mean row first.",
        "The singular values of the centered matrix, `torch.linalg.svdvals`, say how far the "
        "rows spread in each direction. Divide them by their sum: shares.",
        "The entropy of the shares is ln r for r equal ones, so its exponential counts directions.",
        "A share of 0 adds nothing: `torch.special.entr` knows that 0 ln 0 is 0.",
        "When all rows are equal there are no shares, 0/0. Return 0 then; and treat singular "
        "values as 0 that rounding alone can explain.",
    ),
    probes=(
        value("two even directions", z=_CROSS),
        value("two uneven directions", z=_UNEVEN),
        value("one line", z=torch.tensor([[1.0, 1.0], [3.0, 3.0], [-4.0, -4.0]])),
        value("two even directions, far from 0", z=_CROSS + 5),
        value("rows of different lengths", z=_UNEVEN * torch.tensor([[1.0], [3.0], [1.0], [0.2]])),
        value("three even directions", z=_WAVES),
        value("another scale", z=0.01 * _UNEVEN),
        value("eight rows, four dimensions", z=_ROWS),
        value("eight rows with an offset", z=_ROWS + torch.tensor([4.0, 0.0, -2.0, 1.0])),
        value("more dimensions than rows", z=normal(4, 3, 6)),
        value("all rows equal", z=torch.ones(4, 3)),
        untouched("z afterwards", z=_ROWS + 1),
        precise("float64", z=_ROWS),
        replace(gradient("gradient", of=("z",), z=_ROWS), remark=_NO_GRADIENT),
        replace(
            value("rows equal up to rounding", z=normal(5, 1, 33).expand(100, 33)),
            remark="Rows that differ by rounding alone have a rank, that of the noise. Set "
            "singular values to 0 that are below a few units of the last digit of the whole.",
            atol=1e-2,
        ),
        half(
            "large numbers in float16",
            "In float16 the squares overflow above 65,504, and the singular values are not "
            "implemented. Compute in float32 at least: `z.float()`.",
            dtype=torch.float16,
            z=300 * _ROWS,
        ),
        refuses(
            "a row with NaN",
            "NaN is accepted, and the value says nothing then. An error that names the argument "
            "saves a search.",
            z=torch.full((3, 2), float("nan")),
        ),
    ),
)

EXERCISES = (_EMBEDDING_STD, _EFFECTIVE_RANK)
