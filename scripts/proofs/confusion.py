"""What the checker says of everything it is tried on: the bank, and functions outside of it.

``python -m proofs.confusion simclr_loss`` prints the verdicts on the bugs of the
bank and on the specimens of ``tests/readers``: correct functions in many styles,
honest wrong attempts, and rare errors that are in no bank. Without names, of every exercise.
"""

import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from lesson_code.checker.answers import Answers
from lesson_code.checker.exercise import Exercise
from lesson_code.checker.judge import answers_of, sentence
from lesson_code.checker.register import Bug, bugs_of, patched
from lesson_code.checker.shelf import exercise_of, exercises
from lesson_code.checker.verdict import Verdict

#: The kinds of specimens, each a folder in ``tests/readers``: correct functions in other styles,
#: honest wrong attempts that were written without a look at the bank, and rare errors that the bank
#: does not hold.
READERS = Path(__file__).resolve().parents[2] / "tests" / "readers"
SPECIMENS = ("correct", "attempts", "unknown")


@dataclass(frozen=True)
class Case:
    """One function that the checker was asked about.

    ``kind`` is ``reference``, ``bug``, ``convention`` or a key of ``SPECIMENS``; ``told`` is what
    its author says of it, and ``accepted`` holds the names that the verdict may give.
    """

    exercise: str
    kind: str
    name: str
    told: str
    accepted: frozenset[str]
    verdict: Verdict

    @property
    def as_it_should(self) -> bool:
        """Whether the verdict is the right one."""
        verdict = self.verdict
        match self.kind:
            case "reference" | "correct":
                return verdict.status == "passed"
            case "convention":
                return verdict.status == "convention" and set(verdict.names) <= self.accepted
            case "bug":
                # A bug that no required probe shows is told in the remarks.
                named = verdict.status == "bug" or (verdict.status == "passed" and verdict.remarks)
                return bool(named and verdict.names) and set(verdict.names) <= self.accepted
            case "unknown":
                return verdict.status == "unknown"
            case _:  # an attempt: whatever is said, it is not called right without a word
                return verdict.status != "passed" or bool(verdict.remarks)


def cases(exercise: str) -> Iterator[Case]:
    """Ask the checker about everything that there is for one exercise."""
    wanted = exercise_of(exercise)
    right = _judged(wanted.reference, wanted)
    yield Case(exercise, "reference", exercise, wanted.family, frozenset(), right)
    for kind in ("bug", "convention"):
        for bug in bugs_of(exercise, accepted=kind == "convention"):
            verdict = _judged(patched(bug), wanted)
            yield Case(exercise, kind, bug.name, bug.title, _equivalents(bug), verdict)
    for kind in SPECIMENS:
        for name, candidate, told in specimens(exercise, kind):
            verdict = _judged(candidate, wanted)
            yield Case(exercise, kind, name, told, frozenset(), verdict)


def specimens(exercise: str, kind: str) -> list[tuple[str, Any, str]]:
    """The specimens of one kind for an exercise: name, function or class, and what it is."""
    module = _module(kind, exercise)
    expected = getattr(module, "EXPECTED", {})
    is_kind = inspect.isclass if inspect.isclass(exercise_of(exercise).reference) else callable
    found = [
        (
            name,
            item,
            expected.get(name) or next(iter((item.__doc__ or "").splitlines()), ""),
        )
        for name, item in vars(module).items()
        if not name.startswith("_")
        and is_kind(item)
        and getattr(item, "__module__", "") == module.__name__
    ]
    if expected and (lacking := set(expected) ^ {name for name, _, _ in found}):
        raise ValueError(f"EXPECTED and the functions of {module.__name__} differ: {lacking}")
    return found


@cache
def _module(kind: str, exercise: str) -> types.ModuleType:
    """The file of one kind for an exercise; the folder is no package, so it is run by its place."""
    name = f"readers_{kind}_{exercise}"
    path = READERS / kind / f"{exercise}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where `inspect` and dataclasses look for it
    spec.loader.exec_module(module)
    return module


def _judged(candidate: Any, exercise: Exercise) -> Verdict:
    """The verdict on what is not a reader's file, and needs no process of its own."""
    answers = answers_of(candidate, exercise)
    return sentence(answers, exercise) if isinstance(answers, Answers) else answers


def _equivalents(bug: Bug) -> frozenset[str]:
    """A bug's own name, and those of bugs that no probe can tell from it."""
    same = {bug.name, bug.same_as} - {""}
    same |= {other.name for other in bugs_of(bug.of) if other.same_as in same}
    return frozenset(same)


def main(names: Sequence[str]) -> int:
    """Print the verdicts; the exit status is 1 if one is not as it should be."""
    torch.set_num_threads(1)
    failed = 0
    for name in names or exercises():
        for case in cases(name):
            said = " + ".join(case.verdict.names) or case.verdict.status
            if case.verdict.status == "raises":
                said = case.verdict.message
            mark = "  " if case.as_it_should else "! "
            failed += not case.as_it_should
            print(f"{mark}{name}  {case.kind:10} {case.name:40} {said:50} {case.told}")
    print(f"{failed} verdicts are not as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
