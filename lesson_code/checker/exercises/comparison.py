"""The exercise of three losses side by side."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType
from typing import Any

import torch

from lesson_code.comparison import SSLComparison
from lesson_code.checker.exercise import Calls, Exercise, Probe, Seen, normal, probe

_EYE = torch.eye(2)
_ONE = torch.tensor([[2.0, 0.0]])
_A, _B, _C, _D = (normal(seed, 4, 6) for seed in (1, 2, 3, 4))
_CENTER = normal(5, 6)
_SURE = torch.tensor([[40.0, 0.0]])


def _method(make: Callable[[], Any], name: str) -> Callable[..., Any]:
    """A loss of the class: static, of the class or of an object, whichever it is.

    A function without ``self`` that is not declared static works on the class alone.
    """
    losses = make()
    raw = inspect.getattr_static(type(losses), name)
    if isinstance(raw, FunctionType) and "self" not in inspect.signature(raw).parameters:
        losses = type(losses)
    method: Callable[..., Any] = getattr(losses, name)
    return method


def _of(name: str, *probes: Probe) -> Iterator[Probe]:
    """Probes of a function, put to a method; arguments go by position."""
    for each in probes:

        def ask(make: Callable[[], Any], each: Probe = each) -> Seen:
            return each.ask(lambda **given: _method(make, name)(*given.values()))

        shows = f"SSLComparison.{name}, with\n{each.shows}"
        yield replace(each, name=f"{name}: {each.name}", ask=ask, shows=shows)


def _copies(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """No loss under test may change the numbers of the next probe."""
    return [tensor.clone() for tensor in tensors]


@probe(
    "dino_loss: a sure student",
    "SSLComparison.dino_loss, with\nstudent_out = torch.tensor([[40.0, 0.0]])\n"
    "teacher_out = torch.tensor([[0.0, 40.0]])\ntemp_s = 0.1\ntemp_t = 0.04",
)
def _when_sure(make: Callable[[], Any]) -> Seen:
    """Infinity and NaN are one answer here: which of them comes depends on the style."""
    sure, otherwise = _copies(_SURE, _SURE.flip(1))
    loss = torch.as_tensor(_method(make, "dino_loss")(sure, otherwise, 0.1, 0.04))
    return {"finite": bool(loss.isfinite().all())}


@probe(
    "without temperatures",
    "simclr_loss and dino_loss of two matrices alone",
    remark="Called without temperatures it does not use the documented ones: 0.5 for "
    "SimCLR, 0.1 and 0.04 for DINO.",
)
def _defaults(make: Callable[[], Any]) -> Seen:
    asked = {"simclr_loss": (_A, _B), "dino_loss": (_A, _B)}
    try:
        return {name: _method(make, name)(*_copies(*given)) for name, given in asked.items()}
    except TypeError:
        return {"simclr_loss": "no defaults"}


@probe(
    "without an object",
    "SSLComparison.byol_loss(p1, z2, p2, z1), without SSLComparison()",
    remark="The methods need an object. The published ones do not: `@staticmethod` in "
    "front of each, and no `self`.",
)
def _without_an_object(make: Callable[[], Any]) -> Seen:
    try:
        type(make()).byol_loss(*_copies(_A, _B, _C, _D))
    except TypeError:
        return {"works without an object": False}
    return {"works without an object": True}


_ROW = torch.tensor([[0.0, 0.2]])
_simclr = Calls(SSLComparison.simclr_loss, z1=_A, z2=_B, temperature=0.5)
_byol = Calls(SSLComparison.byol_loss)
_dino = Calls(
    SSLComparison.dino_loss, student_out=_ROW, teacher_out=[[0.04, 0.0]], temp_s=0.1, temp_t=0.04
)

EXERCISES = (
    Exercise(
        reference=SSLComparison,
        probes=(
            *_of(
                "simclr_loss",
                _simclr.value("aligned pairs", _EYE, _EYE),
                _simclr.value("crossed pairs", _EYE, _EYE.flip(0)),
                _simclr.value("unrelated pairs"),
                _simclr.value("temperature of 0.1", _A, _A + _B, 0.1),
                _simclr.value("lengths", 5 * _A, 0.2 * _B),
                _simclr.gradient("gradient", "z1 z2"),
            ),
            *_of(
                "byol_loss",
                _byol.value("right angles", _ONE, _ONE.flip(1), _ONE, _ONE),
                _byol.value("opposite", _ONE, -_ONE, _ONE, -_ONE),
                _byol.value("perfect predictions", _ONE, _ONE, _ONE.flip(1), _ONE.flip(1)),
                _byol.value("four rows", _A, _B, _C, _D),
                _byol.value("lengths", 3 * _A, _B, _C, 0.1 * _D),
                _byol.gradient(
                    "gradient at right angles",
                    "p1 z2 p2 z1",
                    _ONE,
                    _ONE.flip(1),
                    _ONE.flip(1),
                    _ONE,
                ),
                _byol.gradient("gradient", "p1 z2 p2 z1", _A, _B, _C, _D),
                _byol.untouched("arguments afterwards", _ONE, 3 * _ONE, _ONE, _ONE),
            ),
            *_of(
                "dino_loss",
                _dino.value("one row"),
                _dino.value("centered", center=[0.08, 0.0]),
                _dino.value("four rows", _A, _B, 0.5, 0.2),
                _dino.value("four rows, centered", _A, _B, 0.5, 0.8, _CENTER),
                _dino.gradient("gradient of one row", "student_out teacher_out"),
                _dino.gradient(
                    "gradient, centered", "student_out teacher_out", _A, _B, 0.5, 0.4, _CENTER
                ),
                _dino.untouched("arguments afterwards", center=[0.08, 0.0]),
            ),
            _when_sure,
            _defaults,
            _without_an_object,
            *_of("simclr_loss", _simclr.precise("float64")),
            *_of("byol_loss", _byol.precise("float64", _A, _B, _C, _D)),
            *_of("dino_loss", _dino.precise("float64", _A, _B, 0.5, 0.2)),
        ),
    ),
)
