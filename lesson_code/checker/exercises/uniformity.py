"""The exercises of alignment and uniformity: the two wishes of a contrastive loss."""

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
from lesson_code.uniformity import alignment, uniformity

_PAGE = "module-1/beyond-1.3/uniformity.md"

# --- alignment ------------------------------------------------------------------------------

_EAST = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
_TURNED = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
_FIRST = normal(1, 6, 4)
_SECOND = _FIRST + 0.7 * normal(2, 6, 4)

_ALIGNMENT = Exercise(
    reference=alignment,
    family="uniformity",
    page=_PAGE,
    aliases={
        "z_1": ("z1", "z_a", "za", "z_i", "x1", "x", "a", "view1"),
        "z_2": ("z2", "z_b", "zb", "z_j", "x2", "y", "b", "view2"),
        "alpha": ("a_", "power", "exponent", "p"),
    },
    hints=(
        "Distances are taken on the unit sphere: bring each row of both views to length one.",
        "Subtract the matching rows. The distance of a pair is the norm of its row, `norm(dim=1)`.",
        "Raise each distance to the power alpha, then take the mean over the pairs, in this order.",
    ),
    probes=(
        value("equal, at a right angle, opposite", z_1=_EAST, z_2=_TURNED, alpha=2.0),
        value("the plain distance", z_1=_EAST, z_2=_TURNED, alpha=1.0),
        value(
            "two pairs of different lengths",
            z_1=torch.tensor([[3.0, 4.0], [0.0, 2.0]]),
            z_2=torch.tensor([[8.0, 6.0], [0.5, 0.0]]),
            alpha=2.0,
        ),
        value("default exponent", z_1=_FIRST, z_2=_SECOND),
        value("exponent of 3", z_1=_FIRST, z_2=_SECOND, alpha=3.0),
        value("exponent of 0.5", z_1=_FIRST, z_2=_SECOND, alpha=0.5),
        value(
            "two views that nearly agree",
            z_1=torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
            z_2=torch.tensor([[1.0, 1e-4], [1.0, -1e-4]]),
            alpha=1.0,
        ),
        gradient(
            "which way the views are pulled", of=("z_1", "z_2"), z_1=_FIRST, z_2=_SECOND, alpha=2.0
        ),
        gradient("pull at an exponent of 1", of=("z_1", "z_2"), z_1=_FIRST, z_2=_SECOND, alpha=1.0),
        gradient(
            "gradient where the views agree",
            of=("z_1", "z_2"),
            z_1=torch.eye(3),
            z_2=torch.eye(3),
            alpha=2.0,
        ),
        untouched("arguments afterwards", z_1=_FIRST, z_2=_SECOND, alpha=2.0),
        precise("float64", z_1=_FIRST, z_2=_SECOND, alpha=2.0),
        half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            dtype=torch.float16,
            z_1=300 * _FIRST,
            z_2=300 * _SECOND,
            alpha=2.0,
        ),
        refuses(
            "an exponent of -1",
            "A negative exponent is accepted, and rewards distance then. An error that names the "
            "argument saves a search.",
            z_1=_FIRST,
            z_2=_SECOND,
            alpha=-1.0,
        ),
    ),
)

# --- uniformity -----------------------------------------------------------------------------

_Z = normal(3, 6, 4)

_UNIFORMITY = Exercise(
    reference=uniformity,
    family="uniformity",
    page=_PAGE,
    aliases={
        "z": ("x", "embeddings", "features", "outputs", "h"),
        "t": ("temperature", "sharpness", "scale"),
    },
    hints=(
        "Distances are taken on the unit sphere: bring each row to length one.",
        "Each pair of different rows counts once; `torch.pdist` lists their distances.",
        "The potential of a pair is exp(-t times the *squared* distance). Take the mean over the "
        "pairs, and its logarithm last.",
        "For a large t all exponentials are 0. The logarithm of a mean is `logsumexp` less the "
        "logarithm of the number of pairs, which does not underflow.",
    ),
    probes=(
        value("two opposite rows", z=torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), t=1.0),
        value("three rows", z=_TURNED, t=1.0),
        value("one direction", z=torch.tensor([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]]), t=2.0),
        value("rows of different lengths", z=_TURNED * torch.tensor([[2.0], [0.5], [1.0]]), t=2.0),
        value("default sharpness", z=_Z),
        value("sharpness of 0.5", z=_Z, t=0.5),
        value("sharpness of 5", z=_Z, t=5.0),
        value("nine rows, three dimensions", z=normal(4, 9, 3), t=1.5),
        gradient("which way the rows are pushed", of=("z",), z=_Z, t=2.0),
        untouched("z afterwards", z=_Z, t=2.0),
        precise("float64", z=_Z, t=2.0),
        replace(
            value("sharpness of 100", z=torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), t=100.0),
            remark="For a large t the value is minus infinity: all exponentials are 0. Take the "
            "logarithm of the mean as `logsumexp` less the logarithm of the number of pairs.",
        ),
        half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            dtype=torch.float16,
            z=300 * _Z,
            t=2.0,
        ),
        refuses(
            "a single row",
            "A single row is accepted; it has no other to keep away from. An error that says so "
            "saves a search.",
            z=_Z[:1],
            t=2.0,
        ),
    ),
)

EXERCISES = (_ALIGNMENT, _UNIFORMITY)
