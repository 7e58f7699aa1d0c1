"""The exercises of the schedules: a momentum that rises, a line that warms up."""

from collections.abc import Callable
from typing import Any

from lesson_code.checker.exercise import Calls, Exercise, Other, Probe, Seen
from lesson_code.schedules import cosine_momentum, linear_warmup

#: Python's numbers have sixteen digits; a momentum that is wrong in the fifth is wrong.
_TO_MORE_DIGITS = {"rtol": 1e-6, "atol": 1e-8}

_A_NUMBER = (
    "It returns a tensor or a NumPy number. That computes all right; a Python float, `float(m)`, "
    "can also be written to JSON and compared without surprises."
)


class _Points(Calls):
    """Single values of a schedule, to more digits than a loss."""

    def point(self, name: str, *given: float, **named: Any) -> Probe:
        """The value at one step."""
        return self.value(name, *given, **named, **_TO_MORE_DIGITS)

    def twice(self, name: str, *given: float) -> Probe:
        """The value of two equal calls in a row: it must depend on nothing but the arguments."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            first, second = function(**fresh), function(**fresh)
            return {"first call": float(first), "second call": float(second)}

        return self.asking(name, ask, given, _TO_MORE_DIGITS)

    def kind(self, name: str, *given: float) -> Probe:
        """Whether the answer is a number of Python's own; another one is worth a remark only."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            result = function(**fresh)
            plain = type(result) in (int, float)
            return {"type": "a Python number" if plain else type(result).__name__}

        return self.asking(name, ask, given, {"remark": _A_NUMBER})

    def without_warmup(self, name: str, *given: float) -> Probe:
        """The value where there is no warm-up; a division by zero is an answer, too."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            try:
                return {"value": function(**fresh)}
            except ZeroDivisionError:
                return {"value": "ZeroDivisionError"}

        return self.asking(name, ask, given, _TO_MORE_DIGITS)


def _at(function: Any, step: int, total_steps: int, base: float) -> Any:
    rest = {} if "per_epoch" in function.reading.lacking else {"per_epoch": 1}
    return function(base=base, end=1.0, epochs=total_steps, **rest)[step]


_IN_THE_LOOP = (
    "It has no value at step `total_steps`, where the published one is 1. A loop over "
    "`range(total_steps)` never asks for it."
)

_momentum, _warmup = _Points(cosine_momentum), _Points(linear_warmup)

EXERCISES = (
    Exercise(
        reference=cosine_momentum,
        complements={"base": "base_ema"},
        others=(
            Other(
                "cosine_momentum_of_all",
                "base: float, end: float, epochs: int, per_epoch: int | None = None",
                _at,
                "Of all values of a run, those of the steps that are asked for were judged.",
            ),
        ),
        probes=(
            _momentum.point("at the start", 0, 10, 0.9),
            _momentum.point("at the end", 10, 10, 0.9, beyond=_IN_THE_LOOP),
            _momentum.point("halfway", 5, 10, 0.9),
            _momentum.point("after a third", 1, 3, 0.0),
            _momentum.point("after two thirds", 2, 3, 0.0),
            _momentum.point("a base of 0.996", 25, 100, 0.996),
            _momentum.point("the last step of ten", 9, 10, 0.996),
            _momentum.point("a base of 1", 3, 10, 1.0),
            _momentum.point("a base of 0.3", 3, 10, 0.3),
            _momentum.point("a long run", 150, 250, 0.5),
            _momentum.point("one step, at its start", 0, 1, 0.5),
            _momentum.point("one step, at its end", 1, 1, 0.5, beyond=_IN_THE_LOOP),
            _momentum.twice("two equal calls", 3, 10, 0.5),
            _momentum.kind("type of the answer", 3, 10, 0.5),
            _momentum.refuses(
                "a step past the end",
                "A step past the end is accepted. An error that names it shows at once that the "
                "number of steps was counted wrongly; a cosine would quietly turn around.",
                15,
                10,
                0.9,
            ),
        ),
    ),
    Exercise(
        reference=linear_warmup,
        probes=(
            _warmup.point("at the start", 0, 10, 1.0, 3.0),
            _warmup.point("at the end", 10, 10, 1.0, 3.0),
            _warmup.point("halfway", 5, 10, 1.0, 3.0),
            _warmup.point("long after", 25, 10, 1.0, 3.0),
            _warmup.point("the last step before", 9, 10, 1.0, 3.0),
            _warmup.point("a line that falls", 2, 8, 4.0, -4.0),
            _warmup.point("after a line that fell", 12, 8, 4.0, -4.0),
            _warmup.point("from zero", 3, 4, 0.0, 2.0),
            _warmup.point("a temperature of DINO", 9, 30, 0.04, 0.07),
            _warmup.point("a warm-up of one step", 0, 1, 1.0, 3.0),
            _warmup.without_warmup("no warm-up", 0, 0, 1.0, 3.0),
            _warmup.without_warmup("no warm-up, later", 5, 0, 1.0, 3.0),
            _warmup.twice("two equal calls", 3, 10, 1.0, 3.0),
            _warmup.kind("type of the answer", 3, 10, 1.0, 3.0),
            _warmup.refuses(
                "a negative step", "the line goes on below its start", -1, 10, 1.0, end=3.0
            ),
        ),
    ),
)
