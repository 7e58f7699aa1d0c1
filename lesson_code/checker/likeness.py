"""Which bugs of the bank behave as a candidate does.

A name is given only if all required probes are answered as bugs of the bank, alone or together,
answer them, up to what a loss is free in. So a wrong function like none is called just that.
"""

import inspect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lesson_code.checker.answers import RAISED, Answers, answers_with, expected
from lesson_code.checker.exercise import Exercise, Probe
from lesson_code.checker.fit import Fit, fitted
from lesson_code.checker.register import BankError, Bug, bugs_of

#: So many conventions may come together, by themselves and with a bug.
TOGETHER = 3

#: So many combinations are tried of two conventions and a bug, and of any bugs of a class, whose
#: probes take training steps; the likeliest first. Of functions all pairs are.
MOST = 100

#: So many of a class's probes say what is likely.
TELLING = 3


@dataclass(frozen=True)
class Likeness:
    """Bugs and conventions that together behave as a candidate, and the form that is left."""

    bugs: tuple[Bug, ...]
    fit: Fit = Fit()

    @property
    def accepted(self) -> bool:
        """Whether it is right, by conventions alone."""
        return all(bug.accepted for bug in self.bugs) and self.fit.usual


def convention(answers: Answers, exercise: Exercise) -> Likeness | None:
    """The conventions of the bank by which a candidate is right as it stands, if it is."""
    probes = answers.required(exercise)
    return next(
        (Likeness(some) for some in _sets(exercise) if _fit(answers, some, probes, "")), None
    )


def formed(answers: Answers, exercise: Exercise) -> Likeness | None:
    """The form in which published losses are free, and conventions beside it, if it is right so."""
    probes = answers.required(exercise)
    fit = fitted(answers, expected(exercise), probes, exercise.form)
    found = [Likeness((), fit)] if fit else []
    for some in () if fit else _sets(exercise):
        if fit := _fit(answers, some, probes, exercise.form):
            found.append(Likeness(some, fit))
    return next((each for each in found if each.accepted and exercise.form), None)


def _sets(exercise: Exercise) -> Iterator[tuple[Bug, ...]]:
    """Conventions alone and together."""
    every = bugs_of(exercise.name, accepted=True)
    for number in range(1, TOGETHER + 1):
        yield from itertools.combinations(every, number)


def like(answers: Answers, exercise: Exercise) -> Likeness | None:
    """The bug, the pair, or the bugs under conventions that answer all required probes alike."""
    probes = answers.required(exercise)
    wrong = answers.differing(expected(exercise), probes)
    # Two functions that only fail alike, with an error of one type, are not thereby the same.
    if all(RAISED in answers.to(probe) for probe in wrong):
        return None
    first = [*wrong, *(probe for probe in probes if probe not in wrong)]
    # What is right but for a factor has no bug that is right but for another factor.
    form = exercise.form
    form = "" if form and fitted(answers, expected(exercise), probes, form) else form
    for some in _candidates(answers, exercise, first):
        if fit := _fit(answers, some, first, form):
            return Likeness(some, fit)
    return _beneath_conventions(answers, exercise, first)


def _beneath_conventions(
    answers: Answers, exercise: Exercise, probes: list[Probe]
) -> Likeness | None:
    """A bug that shows in all probes but those in which a candidate only follows conventions."""
    conventions, left = [], probes
    for each in bugs_of(exercise.name, accepted=True):
        shown = answers_with(each).differing(expected(exercise), probes)
        if shown and answers.agrees(answers_with(each), shown):
            conventions.append(each)
            left = [probe for probe in left if probe not in shown]
    if not conventions or len(left) < len(probes) / 2:
        return None
    for bug in bugs_of(exercise.name):
        if answers_with(bug).agrees(answers, left):
            return Likeness((*conventions, bug))
    return None


def exactly(answers: Answers, exercise: Exercise) -> Likeness | None:
    """The one bug that answers all required probes alike, as it stands."""
    probes = answers.required(exercise)
    found = [bug for bug in bugs_of(exercise.name) if answers_with(bug).agrees(answers, probes)]
    if not found:
        return None
    remarked = exercise.remarked
    return Likeness(
        (min(found, key=lambda bug: len(answers_with(bug).differing(answers, remarked))),)
    )


def nearest(answers: Answers, exercise: Exercise) -> tuple[Bug, list[Probe]] | None:
    """The bug that answers most of the probes alike, and those in which it does not.

    Only where it answers more of them alike than the published function does, and most of all.
    """
    probes = answers.required(exercise)
    wrong = answers.differing(expected(exercise), probes)
    right, few = len(wrong), wrong[:TELLING]
    apart = [
        (bug, answers_with(bug).differing(answers, probes))
        for bug in bugs_of(exercise.name)
        if len(answers_with(bug).differing(answers, few)) < len(few)
    ]
    bug, differing = min(apart, key=lambda item: len(item[1]), default=(None, []))
    if bug is None or len(differing) >= right or len(differing) > len(probes) / 3:
        return None
    return bug, differing


def _candidates(
    answers: Answers, exercise: Exercise, probes: Sequence[Probe]
) -> Iterator[tuple[Bug, ...]]:
    """What may be the candidate: bugs alone, with conventions, in pairs; the likeliest first.

    Where one alone makes a difference, both together mostly answer as that one does. So pairs are
    tried in the order of how often that fails; but all of them, since paths of code may cross.
    """
    conventions = bugs_of(exercise.name, accepted=True)
    bugs = bugs_of(exercise.name)
    yield from ((bug,) for bug in bugs)
    of_class = inspect.isclass(exercise.reference)
    order = _Order(
        answers, exercise, (*conventions, *bugs), probes[: TELLING if of_class else None]
    )
    pairs = [*itertools.product(conventions, bugs), *itertools.combinations(bugs, 2)]
    several = ((*some, bug) for some in itertools.combinations(conventions, 2) for bug in bugs)
    if of_class:
        yield from sorted([*pairs, *several], key=order)[:MOST]
    else:
        yield from sorted(pairs, key=order)
        yield from sorted(several, key=order)[:MOST]


class _Order:
    """How many probes speak against some bugs being the candidate together."""

    def __init__(
        self, answers: Answers, exercise: Exercise, bugs: tuple[Bug, ...], probes: Sequence[Probe]
    ) -> None:
        right = expected(exercise)
        self.names = {probe.name for probe in probes}
        self.wrong = _names(answers.differing(right, probes))
        self.shown = {bug: _names(answers_with(bug).differing(right, probes)) for bug in bugs}
        self.unlike = {bug: _names(answers_with(bug).differing(answers, probes)) for bug in bugs}

    def __call__(self, some: tuple[Bug, ...]) -> int:
        against = self.wrong - set().union(*(self.shown[bug] for bug in some))
        for bug in some:
            others = set().union(*(self.shown[each] for each in some if each is not bug))
            against = against | ((self.shown[bug] - others) & self.unlike[bug])
        return len(against)


def _fit(answers: Answers, some: tuple[Bug, ...], probes: Sequence[Probe], form: str) -> Fit | None:
    """The form in which some of the bank together answer as the candidate, if there is one."""
    try:
        theirs = answers_with(*some)
    except BankError:  # they change the same place
        return None
    if theirs.agrees(answers, probes):
        return Fit()
    return fitted(answers, theirs, probes, form) if form else None


def _names(probes: list[Probe]) -> set[str]:
    return {probe.name for probe in probes}


def quiet_bugs(answers: Answers, exercise: Exercise) -> tuple[Bug, ...]:
    """Bugs that only probes with a remark show, and that the candidate has too.

    It may differ from the published function in other remarks as well, such as that it does not
    check its arguments; only the probes in which the bug shows count.
    """
    right = expected(exercise)
    probes = answers.required(exercise)
    others = [probe for probe in exercise.probes if probe not in probes]
    if answers.agrees(right, others):
        return ()
    found: dict[Bug, set[str]] = {}
    for bug in bugs_of(exercise.name):
        theirs = answers_with(bug)
        if theirs.agrees(right, probes):
            shown = theirs.differing(right, others)
            if shown and answers.agrees(theirs, shown):
                found[bug] = _names(shown)
    # What another bug shows beside more says nothing of its own.
    return tuple(bug for bug in found if not any(found[bug] < more for more in found.values()))
