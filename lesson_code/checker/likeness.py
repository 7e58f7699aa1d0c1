"""Which bugs of the bank behave as a candidate does.

A name is given only if all required probes are answered as a bug, or two bugs together, answers
them. So a wrong function that is like none is called just that.
"""

import itertools
import time

from lesson_code.checker.register import BankError, Bug, bugs_of
from lesson_code.checker.answers import RAISED, Answers, answers_with, expected
from lesson_code.checker.exercise import Exercise, Probe

#: Seconds for looking at pairs of bugs, far more than they take; singles are always looked at.
PATIENCE = 20.0


def like(answers: Answers, exercise: Exercise) -> tuple[Bug, ...]:
    """The convention, the bug, or the pair that answers all required probes alike; or nothing."""
    wrong = answers.differing(expected(exercise), exercise.required)
    # Two functions that only fail alike, with an error of one type, are not thereby the same.
    if all(RAISED in answers.to(probe) for probe in wrong):
        return ()
    conventions = bugs_of(exercise.name, accepted=True)
    bugs = bugs_of(exercise.name)
    for one in (*conventions, *bugs):
        if answers_with(one).agrees(answers, exercise.required):
            return (one,)
    return _pair(answers, exercise, conventions, bugs)


def _pair(
    answers: Answers, exercise: Exercise, conventions: tuple[Bug, ...], bugs: tuple[Bug, ...]
) -> tuple[Bug, ...]:
    """Two of the bank that together answer as the candidate, or nothing."""
    deadline = time.monotonic() + PATIENCE
    may_be = _Pairs(answers, exercise, (*conventions, *bugs))
    pairs = itertools.chain(
        itertools.combinations(conventions, 2),
        itertools.product(conventions, bugs),
        itertools.combinations(bugs, 2),
    )
    for one, other in pairs:
        if time.monotonic() > deadline:
            break
        if not may_be.the_candidate(one, other):
            continue
        try:
            both = answers_with(one, other)
        except BankError:  # they change the same place
            continue
        if both.agrees(answers, exercise.required):
            return one, other
    return ()


class _Pairs:
    """Tells from the answers of single bugs which pairs need not be tried.

    Where one bug alone makes a difference, both together answer as that one does; where neither
    does, they answer as the published function. Only where both do, one has to try.
    """

    def __init__(self, answers: Answers, exercise: Exercise, bugs: tuple[Bug, ...]) -> None:
        right = expected(exercise)
        probes = exercise.required
        self.names = {probe.name for probe in probes}
        self.right = self.names - _names(answers.differing(right, probes))
        self.shown = {bug: _names(answers_with(bug).differing(right, probes)) for bug in bugs}
        self.alike = {
            bug: self.names - _names(answers_with(bug).differing(answers, probes)) for bug in bugs
        }

    def the_candidate(self, one: Bug, other: Bug) -> bool:
        """Whether these two together may be what the candidate does."""
        return (
            self.shown[one] - self.shown[other] <= self.alike[one]
            and self.shown[other] - self.shown[one] <= self.alike[other]
            and self.names - self.shown[one] - self.shown[other] <= self.right
        )


def _names(probes: list[Probe]) -> set[str]:
    return {probe.name for probe in probes}


def quiet_bugs(answers: Answers, exercise: Exercise) -> tuple[Bug, ...]:
    """Bugs that only probes with a remark show, and that the candidate has too.

    It may differ from the published function in other remarks as well, such as that it does not
    check its arguments; only the probes in which the bug shows count.
    """
    right = expected(exercise)
    if answers.agrees(right, exercise.remarked):
        return ()
    found = []
    for bug in bugs_of(exercise.name):
        theirs = answers_with(bug)
        if theirs.agrees(right, exercise.required):
            shown = theirs.differing(right, exercise.remarked)
            if answers.agrees(theirs, shown):
                found.append(bug)
    return tuple(found)
