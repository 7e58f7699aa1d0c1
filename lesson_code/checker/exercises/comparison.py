"""The exercise of three losses side by side."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from types import FunctionType
from typing import Any

import torch

from lesson_code.comparison import SSLComparison
from lesson_code.checker.exercise import (
    Exercise,
    Probe,
    Seen,
    gradient,
    normal,
    precise,
    untouched,
    value,
)

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


def _of(name: str, probe: Probe) -> Probe:
    """A probe of a function, asked of a method; arguments go by position."""

    def ask(make: Callable[[], Any]) -> Seen:
        return probe.ask(lambda **given: _method(make, name)(*given.values()))

    shows = f"SSLComparison.{name}, with\n{probe.shows}"
    return replace(probe, name=f"{name}: {probe.name}", ask=ask, shows=shows)


def _copies(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """No loss under test may change the numbers of the next probe."""
    return [tensor.clone() for tensor in tensors]


def _when_sure(make: Callable[[], Any]) -> Seen:
    """Infinity and NaN are one answer here: which of them comes depends on the style."""
    sure, otherwise = _copies(_SURE, _SURE.flip(1))
    loss = torch.as_tensor(_method(make, "dino_loss")(sure, otherwise, 0.1, 0.04))
    return {"finite": bool(loss.isfinite().all())}


def _defaults(make: Callable[[], Any]) -> Seen:
    asked = {"simclr_loss": (_A, _B), "dino_loss": (_A, _B)}
    try:
        return {name: _method(make, name)(*_copies(*given)) for name, given in asked.items()}
    except TypeError:
        return {"simclr_loss": "no defaults"}


def _without_an_object(make: Callable[[], Any]) -> Seen:
    try:
        type(make()).byol_loss(*_copies(_A, _B, _C, _D))
    except TypeError:
        return {"works without an object": False}
    return {"works without an object": True}


EXERCISES = (
    Exercise(
        reference=SSLComparison,
        family="comparison",
        page="module-1/1.3-contrast-to-distillation/comparison.md",
        methods=("simclr_loss", "byol_loss", "dino_loss"),
        hints=(
            "Each loss has a function of its own in the lesson. What is left to do is to hand "
            "every argument on, in the right order.",
            "Ask of each loss which of its arguments are targets: no gradient may reach them. "
            "`regression_loss` does not detach its second argument, `dino_loss` does.",
            "BYOL: the first view predicts the second and the other way round. The loss of the "
            "class is the mean of both.",
            "`@staticmethod` in front of each: the losses need no object.",
        ),
        probes=(
            _of("simclr_loss", value("aligned pairs", z1=_EYE, z2=_EYE, temperature=0.5)),
            _of("simclr_loss", value("crossed pairs", z1=_EYE, z2=_EYE.flip(0), temperature=0.5)),
            _of("simclr_loss", value("unrelated pairs", z1=_A, z2=_B, temperature=0.5)),
            _of("simclr_loss", value("temperature of 0.1", z1=_A, z2=_A + _B, temperature=0.1)),
            _of("simclr_loss", value("lengths", z1=5 * _A, z2=0.2 * _B, temperature=0.5)),
            _of(
                "simclr_loss", gradient("gradient", of=("z1", "z2"), z1=_A, z2=_B, temperature=0.5)
            ),
            _of("byol_loss", value("right angles", p1=_ONE, z2=_ONE.flip(1), p2=_ONE, z1=_ONE)),
            _of("byol_loss", value("opposite", p1=_ONE, z2=-_ONE, p2=_ONE, z1=-_ONE)),
            _of(
                "byol_loss",
                value("perfect predictions", p1=_ONE, z2=_ONE, p2=_ONE.flip(1), z1=_ONE.flip(1)),
            ),
            _of("byol_loss", value("four rows", p1=_A, z2=_B, p2=_C, z1=_D)),
            _of("byol_loss", value("lengths", p1=3 * _A, z2=_B, p2=_C, z1=0.1 * _D)),
            _of(
                "byol_loss",
                gradient(
                    "gradient at right angles",
                    of=("p1", "z2", "p2", "z1"),
                    p1=_ONE,
                    z2=_ONE.flip(1),
                    p2=_ONE.flip(1),
                    z1=_ONE,
                ),
            ),
            _of(
                "byol_loss",
                gradient("gradient", of=("p1", "z2", "p2", "z1"), p1=_A, z2=_B, p2=_C, z1=_D),
            ),
            _of(
                "byol_loss",
                untouched("arguments afterwards", p1=_ONE, z2=3 * _ONE, p2=_ONE, z1=_ONE),
            ),
            _of(
                "dino_loss",
                value(
                    "one row",
                    student_out=torch.tensor([[0.0, 0.2]]),
                    teacher_out=torch.tensor([[0.04, 0.0]]),
                    temp_s=0.1,
                    temp_t=0.04,
                ),
            ),
            _of(
                "dino_loss",
                value(
                    "centered",
                    student_out=torch.tensor([[0.0, 0.2]]),
                    teacher_out=torch.tensor([[0.04, 0.0]]),
                    temp_s=0.1,
                    temp_t=0.04,
                    center=torch.tensor([0.08, 0.0]),
                ),
            ),
            _of(
                "dino_loss",
                value("four rows", student_out=_A, teacher_out=_B, temp_s=0.5, temp_t=0.2),
            ),
            _of(
                "dino_loss",
                value(
                    "four rows, centered",
                    student_out=_A,
                    teacher_out=_B,
                    temp_s=0.5,
                    temp_t=0.8,
                    center=_CENTER,
                ),
            ),
            _of(
                "dino_loss",
                gradient(
                    "gradient of one row",
                    of=("student_out", "teacher_out"),
                    student_out=torch.tensor([[0.0, 0.2]]),
                    teacher_out=torch.tensor([[0.04, 0.0]]),
                    temp_s=0.1,
                    temp_t=0.04,
                ),
            ),
            _of(
                "dino_loss",
                gradient(
                    "gradient, centered",
                    of=("student_out", "teacher_out"),
                    student_out=_A,
                    teacher_out=_B,
                    temp_s=0.5,
                    temp_t=0.4,
                    center=_CENTER,
                ),
            ),
            _of(
                "dino_loss",
                untouched(
                    "arguments afterwards",
                    student_out=torch.tensor([[0.0, 0.2]]),
                    teacher_out=torch.tensor([[0.04, 0.0]]),
                    temp_s=0.1,
                    temp_t=0.04,
                    center=torch.tensor([0.08, 0.0]),
                ),
            ),
            Probe(
                "dino_loss: a sure student",
                _when_sure,
                "SSLComparison.dino_loss, with\nstudent_out = torch.tensor([[40.0, 0.0]])\n"
                "teacher_out = torch.tensor([[0.0, 40.0]])\ntemp_s = 0.1\ntemp_t = 0.04",
            ),
            Probe(
                "without temperatures",
                _defaults,
                "simclr_loss and dino_loss of two matrices alone",
                remark="Called without temperatures it does not use the documented ones: 0.5 for "
                "SimCLR, 0.1 and 0.04 for DINO.",
            ),
            Probe(
                "without an object",
                _without_an_object,
                "SSLComparison.byol_loss(p1, z2, p2, z1), without SSLComparison()",
                remark="The methods need an object. The published ones do not: `@staticmethod` in "
                "front of each, and no `self`.",
            ),
            _of("simclr_loss", precise("float64", z1=_A, z2=_B, temperature=0.5)),
            _of("byol_loss", precise("float64", p1=_A, z2=_B, p2=_C, z1=_D)),
            _of(
                "dino_loss",
                precise("float64", student_out=_A, teacher_out=_B, temp_s=0.5, temp_t=0.2),
            ),
        ),
    ),
)
