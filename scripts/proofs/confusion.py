"""What the checker says of everything it is tried on: the bank, and functions outside of it.

``python -m proofs.confusion simclr_loss`` prints the verdicts on the bugs of the bank and on the
functions of ``tests/readers``. Without names, of every exercise.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lesson_code.checker.answers import Answers
from lesson_code.checker.asking import answers_of
from lesson_code.checker.exercise import Exercise
from lesson_code.checker.judge import sentence
from lesson_code.checker.register import Bug, bugs_of, patched
from lesson_code.checker.shelf import exercise_of, exercises
from lesson_code.checker.verdict import Verdict
from proofs.readers import attempts, names


@dataclass(frozen=True)
class Case:
    """One function that the checker was asked about.

    ``kind`` is ``reference``, ``bug``, ``convention`` or one of the readers' kinds; ``says`` is
    what its author says of it, and ``accepted`` holds the names that the verdict may give. Of an
    attempt, ``fitting`` holds the sets of names each of which is what it does.
    """

    exercise: str
    kind: str
    name: str
    says: str
    accepted: frozenset[str]
    verdict: Verdict
    fitting: tuple[frozenset[str], ...] = ()

    @property
    def named_rightly(self) -> bool:
        """Whether an attempt got the name of what it does."""
        return frozenset(self.verdict.names) in self.fitting

    @property
    def as_it_should(self) -> bool:
        """Whether the verdict is the right one."""
        verdict = self.verdict
        match self.kind:
            case "reference" | "right":
                return verdict.status == "passed"
            case "convention":
                return verdict.status == "convention" and set(verdict.names) <= self.accepted
            case "bug":
                # A bug that no required probe shows is told in the remarks.
                told = verdict.status in ("bug", "convention")  # that of a paper, by intention
                named = told or (verdict.status == "passed" and verdict.remarks)
                return bool(named and verdict.names) and set(verdict.names) <= self.accepted
            case "rare":
                return verdict.status == "unknown"
            case _:  # an attempt: a name must fit, and it is not called right without a word
                fits = self.named_rightly or not verdict.names
                return fits and (verdict.status != "passed" or bool(verdict.remarks))


def cases(exercise: str) -> Iterator[Case]:
    """Ask the checker about everything that there is for one exercise."""
    wanted = exercise_of(exercise)
    right = _judged(wanted.reference, wanted)
    yield Case(exercise, "reference", exercise, wanted.family, frozenset(), right)
    for kind in ("bug", "convention"):
        for bug in bugs_of(exercise, accepted=kind == "convention"):
            verdict = _judged(patched(bug), wanted)
            yield Case(exercise, kind, bug.name, bug.title, _equivalents(bug), verdict)
    for attempt in attempts(exercise):
        verdict = _judged(attempt.candidate, wanted)
        fitting = names().get(exercise, {}).get(attempt.name, ())
        yield Case(
            exercise, attempt.kind, attempt.name, attempt.says, frozenset(), verdict, fitting
        )


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
            print(f"{mark}{name}  {case.kind:10} {case.name:40} {said:50} {case.says}")
    print(f"{failed} verdicts are not as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
