"""What the museum shows of each bug: one probe, answered by the published function and by it."""

from collections.abc import Sequence
from typing import Any

from lesson_code.checker.register import BankError, Bug, family
from lesson_code.checker.answers import RAISED, answers_with, expected
from lesson_code.checker.compare import difference, written
from lesson_code.checker.exercise import Exercise, Probe

#: Digits of a number in the museum: what every processor computes alike.
DIGITS = 4

COLUMNS = {"Bug": "", "Probe": "", "Arguments": "", "Seen": "", "Published": "", "Bug's": ""}


def symptoms(name: str, exercises: Sequence[Exercise]) -> dict[str, Any]:
    """A table of one row for each bug and convention of a family: its probe, and both answers.

    Args:
        name: the family, such as ``simclr``.
        exercises: the exercises of its concept.

    Raises:
        BankError: if a bug is of no exercise, its probe does not exist or does not show it.
    """
    of = {exercise.name: exercise for exercise in exercises}
    rows = []
    for bug in family(name).bugs:
        if bug.of not in of:
            raise BankError(f"{bug.name}: there is no exercise {bug.of}")
        rows.append(_row(bug, of[bug.of]))
    return {"columns": COLUMNS, "rows": rows}


def _row(bug: Bug, exercise: Exercise) -> list[str]:
    """A bug's own probe; without one, the first whose two answers are written differently."""
    probes = [probe for probe in exercise.probes if probe.name == bug.probe or not bug.probe]
    if not probes:
        raise BankError(f"{bug.name}: {exercise.name} has no probe {bug.probe!r}")
    for probe in probes:
        row = _answered(bug, exercise, probe)
        if row is not None and row[-1] != row[-2]:
            return row
    which = f"the probe {bug.probe!r} does not show" if bug.probe else "no probe shows"
    raise BankError(f"{bug.name}: {which} it")


def _answered(bug: Bug, exercise: Exercise, probe: Probe) -> list[str] | None:
    """What both answer to a probe, if that differs."""
    answers = answers_with(bug)
    right, wrong = expected(exercise).to(probe), answers.to(probe)
    key = difference(probe, wrong, right)
    if key is None:
        return None
    if key == RAISED:
        error = answers.errors[probe.name]
        key = next(iter(right))
        told = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
    else:
        told = written(wrong[key], DIGITS, together=True) if key in wrong else "nothing"
    published = written(right[key], DIGITS, together=True)
    return [bug.name, probe.name, probe.shows, key, published, told]
