"""What the checker says of public code that it was not made with: right code and reported mistakes.

``python -m proofs.public`` prints each verdict and how many are as they should be. The functions
are in ``tests/public``, written anew, each with its source.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from lesson_code.checker import check
from lesson_code.checker.verdict import Verdict

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "public"


@dataclass(frozen=True)
class Case:
    """One piece of public code; ``bug`` is the bank's name of its mistake, where it has one."""

    exercise: str
    kind: str
    source: str
    says: str
    bug: str
    candidate: Any


_cases: list[Case] = []


def right(exercise: str, source: str, says: str) -> Callable[[Any], Any]:
    """Mark right code."""
    return lambda item: _marked(Case(exercise, "right", source, says, "", item))


def wrong(exercise: str, source: str, bug: str = "", says: str = "") -> Callable[[Any], Any]:
    """Mark a reported mistake."""
    kind = "in the bank" if bug else "unknown"
    return lambda item: _marked(Case(exercise, kind, source, says or bug, bug, item))


def _marked(case: Case) -> Any:
    _cases.append(case)
    return case.candidate


@cache
def cases() -> tuple[Case, ...]:
    """All of them, file by file; what an absent library publishes is left out with a word."""
    for path in sorted(FOLDER.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"public_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            print(f"left out: {path.name}, {error}")
    return tuple(_cases)


def outcome(case: Case, verdict: Verdict) -> str:
    """What a verdict is for a piece of public code, in a word."""
    if case.kind == "right":
        told = verdict.right or verdict.message.startswith("Right for rows of length one")
        return "accepted" if told else "false name" if verdict.names else "refused"
    if verdict.right:
        return "wrongly accepted"
    if case.bug:
        return "named" if case.bug in verdict.names else "not named"
    if verdict.names:
        return "false name"
    told = any(verdict.details.get(key) for key in ("hint", "near", "lines"))
    return "useful" if told or verdict.status in ("raises", "broken") else "no direction"


def judged() -> Iterator[tuple[Case, Verdict, str]]:
    """Every case with its verdict and what it is for it."""
    for case in cases():
        verdict = check(case.exercise, case.candidate)
        yield case, verdict, outcome(case, verdict)


def figures(every: Iterable[tuple[Case, Verdict, str]]) -> dict[str, tuple[int, int]]:
    """How many outcomes of each kind there are, and of how many."""
    found = [(case.kind, what) for case, _, what in every]
    kinds = [kind for kind, _ in found]
    counted = {
        "right code accepted": ("right", "accepted"),
        "mistakes of the bank named": ("in the bank", "named"),
        "unknown ones with a direction": ("unknown", "useful"),
    }
    bars = {name: (found.count(pair), kinds.count(pair[0])) for name, pair in counted.items()}
    for what in ("false name", "wrongly accepted"):
        bars[what] = (sum(each == what for _, each in found), len(found))
    return bars


def main() -> int:
    """Print verdicts and figures."""
    torch.set_num_threads(1)
    every = list(judged())
    for case, verdict, what in every:
        print(f"{what:17} {case.exercise:28} {case.says:34} {verdict.message}")
    for name, (number, total) in figures(every).items():
        print(f"{name}: {number} of {total}")
    return 0


if __name__ == "__main__":
    from proofs import public  # the module that the functions mark themselves in

    sys.exit(public.main())
