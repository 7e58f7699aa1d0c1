"""The exercises of alignment and uniformity: the two wishes of a contrastive loss."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.uniformity import alignment, uniformity


# --- alignment ------------------------------------------------------------------------------

_EAST = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
_TURNED = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
_FIRST = normal(1, 6, 4)
_SECOND = _FIRST + 0.7 * normal(2, 6, 4)

_alignment = Calls(alignment, z_1=_FIRST, z_2=_SECOND, alpha=2.0)

_ALIGNMENT = Exercise(
    reference=alignment,
    views=("z_1", "z_2"),
    form="scale",
    unit_rows=True,
    probes=(
        _alignment.value("equal, at a right angle, opposite", _EAST, _TURNED),
        _alignment.value("the plain distance", _EAST, _TURNED, 1.0),
        _alignment.value(
            "two pairs of different lengths", [[3.0, 4.0], [0.0, 2.0]], [[8.0, 6.0], [0.5, 0.0]]
        ),
        Calls(alignment).value("default exponent", _FIRST, _SECOND),
        _alignment.value("exponent of 3", alpha=3.0),
        _alignment.value("exponent of 0.5", alpha=0.5),
        _alignment.value(
            "two views that nearly agree",
            [[1.0, 0.0], [1.0, 0.0]],
            [[1.0, 1e-4], [1.0, -1e-4]],
            1.0,
        ),
        _alignment.gradient("which way the views are pulled", "z_1 z_2"),
        _alignment.gradient("pull at an exponent of 1", "z_1 z_2", alpha=1.0),
        _alignment.gradient(
            "gradient where the views agree", "z_1 z_2", torch.eye(3), torch.eye(3)
        ),
        _alignment.untouched("arguments afterwards"),
        _alignment.precise("float64"),
        _alignment.half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            300 * _FIRST,
            300 * _SECOND,
        ),
        _alignment.refuses(
            "an exponent of -1",
            "A negative exponent is accepted, and rewards distance then. An error that names the "
            "argument saves a search.",
            alpha=-1.0,
        ),
    ),
)

# --- uniformity -----------------------------------------------------------------------------

_Z = normal(3, 6, 4)

_uniformity = Calls(uniformity, z=_Z, t=2.0)

_UNIFORMITY = Exercise(
    reference=uniformity,
    unit_rows=True,
    probes=(
        _uniformity.value("two opposite rows", [[1.0, 0.0], [-1.0, 0.0]], 1.0),
        _uniformity.value("three rows", _TURNED, 1.0),
        _uniformity.value("one direction", [[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]]),
        _uniformity.value(
            "rows of different lengths", _TURNED * torch.tensor([[2.0], [0.5], [1.0]])
        ),
        Calls(uniformity).value("default sharpness", _Z),
        _uniformity.value("sharpness of 0.5", t=0.5),
        _uniformity.value("sharpness of 5", t=5.0),
        _uniformity.value("nine rows, three dimensions", normal(4, 9, 3), 1.5),
        _uniformity.gradient("which way the rows are pushed", "z"),
        _uniformity.untouched("z afterwards"),
        _uniformity.precise("float64"),
        _uniformity.value(
            "sharpness of 100",
            [[1.0, 0.0], [-1.0, 0.0]],
            100.0,
            remark="For a large t the value is minus infinity: all exponentials are 0. Take the "
            "logarithm of the mean as `logsumexp` less the logarithm of the number of pairs.",
        ),
        _uniformity.half(
            "large numbers in float16",
            "In float16 the lengths overflow above 65,504. Compute in float32 at least: "
            "`z.float()`.",
            300 * _Z,
        ),
        _uniformity.refuses(
            "a single row",
            "A single row is accepted; it has no other to keep away from. An error that says so "
            "saves a search.",
            _Z[:1],
        ),
    ),
)

EXERCISES = (_ALIGNMENT, _UNIFORMITY)
