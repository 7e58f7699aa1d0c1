"""The exercise of SimCLR's loss."""

from collections.abc import Callable
from typing import Any

import torch

from lesson_code.checker.exercise import Calls, Exercise, Seen, normal, probe
from lesson_code.checker.exercises._devices import Elsewhere
from lesson_code.simclr import simclr_loss

_EYE = torch.eye(2)
_SAME = torch.tensor([[1.0, 2.0], [1.0, 2.0]])
_FIRST, _SECOND = normal(1, 4, 6), normal(2, 4, 6)
_NEAR = _FIRST + 0.3 * _SECOND


@probe(
    "very cold",
    "four near pairs, as above\ntemperature = 0.005",
    remark="Below a temperature of 0.012 its exponentials overflow: exp(1/T) exceeds the range of "
    "float32. `F.cross_entropy` or `logsumexp` of the logits is safe at any temperature.",
)
def _when_cold(function: Callable[..., Any]) -> Seen:
    """Infinity and NaN are one answer here: which of them comes depends on the style."""
    loss = torch.as_tensor(function(z_i=_FIRST.clone(), z_j=_NEAR.clone(), temperature=0.005))
    return {"finite": bool(loss.isfinite().all())}


@probe(
    "without a temperature",
    "four near pairs, as above, and no temperature",
    remark="Called without a temperature it does not use the documented one, 0.5.",
)
def _default(function: Callable[..., Any]) -> Seen:
    try:
        return {"value": function(z_i=_FIRST.clone(), z_j=_NEAR.clone())}
    except TypeError:
        return {"value": "no default"}


@probe(
    "on another device",
    'z_i = z_j = torch.ones(3, 4, device="cuda")\ntemperature = 0.5',
    remark="Targets or masks are made on the CPU, wherever the embeddings are: on a GPU it stops.",
)
def _elsewhere(function: Callable[..., Any]) -> Seen:
    z_i, z_j = normal(5, 3, 4), normal(6, 3, 4)
    try:
        with Elsewhere(z_i, z_j):
            function(z_i=z_i, z_j=z_j, temperature=0.5)
    except RuntimeError as error:
        return {"stays on the device of z_i": "expected device" not in str(error)}
    return {"stays on the device of z_i": True}


_loss = Calls(simclr_loss, z_i=_FIRST, temperature=0.5)

EXERCISES = (
    Exercise(
        reference=simclr_loss,
        views=("z_i", "z_j"),
        form="scale",
        unit_rows=True,
        probes=(
            _loss.value("two aligned pairs", _EYE, _EYE),
            # Not square, so that no mistake of an axis can hide.
            _loss.value(
                "two pairs of three numbers",
                [[1.0, 0.0, 2.0], [0.0, 1.0, 1.0]],
                [[2.0, 0.0, 1.0], [0.0, 2.0, 1.0]],
                1.0,
            ),
            _loss.value("two crossed pairs", _EYE, _EYE.flip(0)),
            _loss.value("opposite views", _SAME, -_SAME, 0.1),
            _loss.value("four near pairs", z_j=_NEAR),
            _loss.value("four unrelated pairs", z_j=_SECOND),
            _loss.value("long and short rows", 5 * _FIRST, 0.2 * _NEAR),
            _loss.value("temperature of 0.07", z_j=_NEAR, temperature=0.07),
            _loss.value("temperature of 2", z_j=_NEAR, temperature=2.0),
            _loss.value("nine pairs", normal(3, 9, 4), normal(4, 9, 4), 0.2),
            _loss.value("collapsed", torch.ones(3, 4), torch.ones(3, 4)),
            _loss.gradient("gradient of two pairs", "z_j z_i", _EYE, [[1.0, 1.0], [-1.0, 1.0]]),
            _loss.gradient("which way z_i and z_j are pushed", "z_i z_j", z_j=_SECOND),
            _loss.gradient("pushed at temperature 0.1", "z_i z_j", z_j=_NEAR, temperature=0.1),
            _loss.untouched(
                "arguments afterwards", [[3.0, 4.0], [0.0, 2.0]], [[0.0, 1.0], [5.0, 0.0]]
            ),
            _when_cold,
            _default,
            _loss.precise("float64", z_j=_NEAR),
            _loss.half(
                "float16 at temperature 0.05",
                "In float16 it overflows or loses digits: exp(1/0.05) is far above 65,504. "
                "Compute in float32 at least: `z.float()`.",
                z_j=_NEAR,
                temperature=0.05,
            ),
            _elsewhere,
            _loss.refuses("a temperature of 0", "the loss is NaN then", z_j=_NEAR, temperature=0.0),
        ),
    ),
)
