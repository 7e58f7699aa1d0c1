"""The exercise of KoLeo: a distance to the nearest neighbor, and its logarithm."""

import torch

from lesson_code.checker.exercise import Calls, Exercise, normal
from lesson_code.koleo import koleo_loss

_FAN = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]])
_Z = normal(1, 7, 4)
_koleo = Calls(koleo_loss, z=_Z)

EXERCISES = (
    Exercise(
        reference=koleo_loss,
        unit_rows=True,
        optional=("eps",),
        probes=(
            _koleo.value("two rows", torch.tensor([[1.0, 0.0], [-0.6, 0.8]])),
            _koleo.value("a fan of four rows", _FAN),
            _koleo.value("rows of other lengths", _FAN * torch.tensor([[3.0], [0.5], [7], [2]])),
            _koleo.value("seven rows"),
            _koleo.value("eps of 0.5", _FAN, 0.5),
            _koleo.gradient("which way rows are pushed", "z"),
            _koleo.value("equal rows", torch.ones(3, 2), 0.01),
            _koleo.untouched("z afterwards"),
            _koleo.precise("float64"),
            _koleo.half(
                "large numbers in float16", "Use `z.float()`; 1e-8 is 0 in float16.", 9 * _Z
            ),
            _koleo.refuses("a single row", "One row has no neighbor. Say so in an error.", _Z[:1]),
        ),
    ),
)
