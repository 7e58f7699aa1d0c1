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

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "readers"
KINDS = ("right", "wrong", "rare")

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
    name = f"readers_{exercise}"
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
