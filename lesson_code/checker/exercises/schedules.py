"""The exercises of the schedules: a momentum that rises, a line that warms up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lesson_code.checker.exercise import Exercise, Probe, Seen, refuses, value
from lesson_code.schedules import cosine_momentum, linear_warmup

#: Python's numbers have sixteen digits; a momentum that is wrong in the fifth is wrong.
_RTOL, _ATOL = 1e-6, 1e-8

_A_NUMBER = (
    "It returns a tensor or a NumPy number. That computes all right; a Python float, `float(m)`, "
    "can also be written to JSON and compared without surprises."
)


def _point(name: str, **arguments: float) -> Probe:
    """The value at one step."""
    return replace(value(name, **arguments), rtol=_RTOL, atol=_ATOL)


def _twice(name: str, shows: str, **arguments: float) -> Probe:
    """The value of two equal calls in a row: it must depend on nothing but the arguments."""

    def ask(function: Callable[..., Any]) -> Seen:
        first, second = function(**arguments), function(**arguments)
        return {"first call": float(first), "second call": float(second)}

    return Probe(name, ask, shows, rtol=_RTOL, atol=_ATOL)


def _kind(name: str, shows: str, **arguments: float) -> Probe:
    """Whether the answer is a number of Python's own; another one is worth a remark only."""

    def ask(function: Callable[..., Any]) -> Seen:
        result = function(**arguments)
        plain = type(result) in (int, float)
        return {"type": "a Python number" if plain else type(result).__name__}

    return Probe(name, ask, shows, remark=_A_NUMBER)


def _without_warmup(name: str, **arguments: float) -> Probe:
    """The value where there is no warm-up; a division by zero is an answer, too."""

    def ask(function: Callable[..., Any]) -> Seen:
        try:
            return {"value": function(**arguments)}
        except ZeroDivisionError:
            return {"value": "ZeroDivisionError"}

    return replace(value(name, **arguments), ask=ask, rtol=_RTOL, atol=_ATOL)


EXERCISES = (
    Exercise(
        reference=cosine_momentum,
        family="schedules",
        page="module-1/1.3-contrast-to-distillation/byol.md",
        aliases={
            "step": ("k", "t", "i", "iteration", "current_step", "cur_step", "it"),
            "total_steps": ("K", "T", "n", "max_steps", "max_iterations", "steps", "total"),
            "base": ("m", "tau", "momentum", "tau_base", "base_momentum", "m_0", "start"),
        },
        hints=(
            "Which value belongs to step 0, and which to step `total_steps`? Write these two down "
            "first and test against them.",
            "Half a cosine wave: `math.cos(math.pi * step / total_steps)` goes from 1 to -1.",
            "Add 1 and halve it, and it goes from 1 to 0. That is the share of the way to 1 that "
            "is still ahead.",
            "At the start the momentum lies 1 - base below 1: subtract that much, times the share, "
            "from 1.",
        ),
        probes=(
            _point("at the start", step=0, total_steps=10, base=0.9),
            _point("at the end", step=10, total_steps=10, base=0.9),
            _point("halfway", step=5, total_steps=10, base=0.9),
            _point("after a third", step=1, total_steps=3, base=0.0),
            _point("after two thirds", step=2, total_steps=3, base=0.0),
            _point("a base of 0.996", step=25, total_steps=100, base=0.996),
            _point("the last step of ten", step=9, total_steps=10, base=0.996),
            _point("a base of 1", step=3, total_steps=10, base=1.0),
            _point("a base of 0.3", step=3, total_steps=10, base=0.3),
            _point("a long run", step=150, total_steps=250, base=0.5),
            _point("one step, at its start", step=0, total_steps=1, base=0.5),
            _point("one step, at its end", step=1, total_steps=1, base=0.5),
            _twice(
                "two equal calls",
                "step = 3\ntotal_steps = 10\nbase = 0.5",
                step=3,
                total_steps=10,
                base=0.5,
            ),
            _kind(
                "type of the answer",
                "step = 3\ntotal_steps = 10\nbase = 0.5",
                step=3,
                total_steps=10,
                base=0.5,
            ),
            refuses(
                "a step past the end",
                "A step past the end is accepted. An error that names it shows at once that the "
                "number of steps was counted wrongly; a cosine would quietly turn around.",
                step=15,
                total_steps=10,
                base=0.9,
            ),
        ),
    ),
    Exercise(
        reference=linear_warmup,
        family="schedules",
        page="module-1/1.3-contrast-to-distillation/dino.md",
        aliases={
            "step": ("k", "t", "i", "s", "iteration", "epoch", "current_step", "it"),
            "warmup_steps": ("K", "T", "n", "w", "warmup", "length", "warmup_epochs", "steps"),
            "start": ("a", "x0", "lo", "first", "begin", "start_value", "warmup_teacher_temp"),
            "end": ("b", "x1", "hi", "last", "final", "end_value", "teacher_temp"),
        },
        hints=(
            "Two cases: on the way, and arrived. Which of them is step `warmup_steps` itself?",
            "On the way: start, plus the share of the way, times the whole distance.",
            "The distance is end - start. It may be negative: a value can warm down as well.",
            "With `warmup_steps` of 0 every step has arrived. Ask that before you divide.",
        ),
        probes=(
            _point("at the start", step=0, warmup_steps=10, start=1.0, end=3.0),
            _point("at the end", step=10, warmup_steps=10, start=1.0, end=3.0),
            _point("halfway", step=5, warmup_steps=10, start=1.0, end=3.0),
            _point("long after", step=25, warmup_steps=10, start=1.0, end=3.0),
            _point("the last step before", step=9, warmup_steps=10, start=1.0, end=3.0),
            _point("a line that falls", step=2, warmup_steps=8, start=4.0, end=-4.0),
            _point("after a line that fell", step=12, warmup_steps=8, start=4.0, end=-4.0),
            _point("from zero", step=3, warmup_steps=4, start=0.0, end=2.0),
            _point("a temperature of DINO", step=9, warmup_steps=30, start=0.04, end=0.07),
            _point("a warm-up of one step", step=0, warmup_steps=1, start=1.0, end=3.0),
            _without_warmup("no warm-up", step=0, warmup_steps=0, start=1.0, end=3.0),
            _without_warmup("no warm-up, later", step=5, warmup_steps=0, start=1.0, end=3.0),
            _twice(
                "two equal calls",
                "step = 3\nwarmup_steps = 10\nstart = 1.0\nend = 3.0",
                step=3,
                warmup_steps=10,
                start=1.0,
                end=3.0,
            ),
            _kind(
                "type of the answer",
                "step = 3\nwarmup_steps = 10\nstart = 1.0\nend = 3.0",
                step=3,
                warmup_steps=10,
                start=1.0,
                end=3.0,
            ),
            refuses(
                "a negative step",
                "A negative step is accepted, and the line goes on below its start. An error that "
                "names the argument saves a search.",
                step=-1,
                warmup_steps=10,
                start=1.0,
                end=3.0,
            ),
        ),
    ),
)
