"""What the files of ``tests/readers`` are written with, and how they are read.

One file an exercise holds functions as readers write them: ``@right`` in many styles, ``@wrong``
attempts that were written before the bank knew them, and ``@rare`` errors that the bank does
not hold. ``names.toml`` says which names fit each attempt, decided from what it does.
"""

import importlib.util
import inspect
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import torch

from lesson_code.checker.shelf import exercise_of

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "readers"
KINDS = ("right", "wrong", "rare")
_PREFIX = "readers_"  # of the names that the files have as modules

Candidate = TypeVar("Candidate")


@dataclass(frozen=True)
class Attempt:
    """A function or class of one kind, and what it does, in a sentence."""

    kind: str
    name: str
    candidate: Any
    says: str


_attempts: dict[str, list[Attempt]] = {}


def right(candidate: Candidate) -> Candidate:
    """Mark what the checker must accept; its docstring says how it is written."""
    return _marked("right", candidate, inspect.getdoc(candidate) or "")


def wrong(says: str) -> Callable[[Candidate], Candidate]:
    """Mark what the checker must not call right."""
    return lambda candidate: _marked("wrong", candidate, says)


def rare(candidate: Candidate) -> Candidate:
    """Mark what the checker must call wrong and like no bug that it knows."""
    return _marked("rare", candidate, inspect.getdoc(candidate) or "")


def by_position(module: str, names: str) -> None:
    """Add the published function with other names of arguments, by position only: it is right."""
    published, wanted = _published(module)
    own = [
        parameter.replace(name=name, kind=inspect.Parameter.POSITIONAL_ONLY)
        for name, parameter in zip(names.split(), wanted, strict=True)
    ]
    says = f"Has positional-only arguments: {names}."
    _derived(module, "positional_only", lambda *given: published(*given), own, says)


def with_options(module: str, **options: Any) -> None:
    """Add the published function with more arguments, whose defaults change nothing."""
    published, wanted = _published(module)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [inspect.Parameter(name, kind, default=value) for name, value in options.items()]

    def more_options(*given: Any, **named: Any) -> Any:
        return published(*given, **{name: named[name] for name in named.keys() - options.keys()})

    says = f"Has more optional arguments: {', '.join(options)}."
    _derived(module, "more_options", more_options, [*wanted, *own], says)


def in_double(module: str) -> None:
    """Add the published function computed in float64, of the type that came in: it is right."""
    published, wanted = _published(module)
    signature = inspect.Signature(wanted)

    def double_inside(*given: Any, **named: Any) -> Any:
        arguments = signature.bind(*given, **named).arguments
        result = published(**{name: _double(item) for name, item in arguments.items()})
        return result.to(next(filter(None, map(_dtype, arguments.values()))))

    says = "Computes in float64 and returns the dtype that came in."
    _derived(module, "double_inside", double_inside, wanted, says)


def _published(module: str) -> tuple[Callable[..., Any], list[inspect.Parameter]]:
    """The published function that a file of attempts is about, and its parameters."""
    published = exercise_of(module.removeprefix(_PREFIX)).reference
    return published, list(inspect.signature(published).parameters.values())


def _derived(
    module: str,
    name: str,
    function: Callable[..., Any],
    parameters: list[inspect.Parameter],
    says: str,
) -> None:
    function.__module__, function.__name__ = module, name
    vars(function)["__signature__"] = inspect.Signature(parameters)
    _marked("right", function, says)


def _dtype(item: Any) -> torch.dtype | None:
    """The type of a tensor of decimals, or of those in a list."""
    if isinstance(item, (list, tuple)):
        return _dtype(item[0])
    is_decimal = isinstance(item, torch.Tensor) and item.is_floating_point()
    return item.dtype if is_decimal else None


def _double(item: Any) -> Any:
    if isinstance(item, (list, tuple)):
        return [_double(each) for each in item]
    return item.double() if _dtype(item) else item


def _marked(kind: str, candidate: Candidate, says: str) -> Candidate:
    item: Any = candidate
    first = next(iter(says.splitlines()), "").strip()
    if not first:
        raise ValueError(f"{item.__module__}: {item.__name__} does not say what it is")
    _attempts.setdefault(item.__module__, []).append(Attempt(kind, item.__name__, item, first))
    return candidate


@cache
def attempts(exercise: str) -> tuple[Attempt, ...]:
    """What the file of an exercise holds, in its order.

    Raises:
        FileNotFoundError: if it has none.
    """
    name = f"{_PREFIX}{exercise}"
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{exercise}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where `inspect` looks for the source
    spec.loader.exec_module(module)
    return tuple(_attempts.get(name, ()))


@cache
def names() -> dict[str, dict[str, tuple[frozenset[str], ...]]]:
    """For each exercise, the names that fit each wrong attempt: any of several, or none."""
    read = tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))
    return {
        exercise: {
            attempt: tuple(frozenset(one.split(" + ")) for one in text.split(" | ") if one)
            for attempt, text in found.items()
        }
        for exercise, found in read.items()
    }
