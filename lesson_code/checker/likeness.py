"""Which bugs of the bank behave as a candidate does.

A name is given only if all required probes are answered as bugs of the bank, alone or together,
answer them, up to what a loss is free in. So a wrong function like none is called just that.
"""

import contextlib
import inspect
import itertools
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lesson_code.checker.answers import RAISED, Answers, answers_with, expected
from lesson_code.checker.compare import difference
from lesson_code.checker.exercise import Exercise, Probe
from lesson_code.checker.fit import Fit, fitted
from lesson_code.checker.register import BankError, Bug, bugs_of, clashing

#: So many conventions may come together, by themselves and with a bug.
TOGETHER = 3

#: So many combinations are tried of three and more, and of any bugs of a class, whose probes take
#: training steps; the likeliest first. Of functions all pairs are.
MOST = 100

#: So many of a class's probes say what is likely.
TELLING = 3


class CutShort(Exception):
    """There was no time to compare with all that the bank has; says how far it went."""


@dataclass(frozen=True)
class Likeness:
    """Bugs and conventions that together behave as a candidate, and the form that is left.

    In the ``failed`` probes the candidate raises, which is an error beside those bugs.
    """

    bugs: tuple[Bug, ...]
    fit: Fit = Fit()
    failed: tuple[Probe, ...] = ()

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
        yield from (some for some in itertools.combinations(every, number) if not clashing(some))


def like(answers: Answers, exercise: Exercise, until: float = math.inf) -> Likeness | None:
    """The bug, the pair, or the bugs under conventions that answer all required probes alike.

    Of a candidate that raises in a few of them, those that answer all others alike.

    Raises:
        CutShort: if the time of this process, ``time.process_time()``, passes ``until``.
    """
    probes = answers.required(exercise)
    if found := _like(answers, exercise, probes, until):
        return found
    failed = tuple(probe for probe in probes if RAISED in answers.to(probe))
    if not 0 < 3 * len(failed) <= len(probes):
        return None
    others = [probe for probe in probes if probe not in failed]
    found = _like(answers, exercise, others, until)
    return replace(found, failed=failed) if found else None


def _like(
    answers: Answers, exercise: Exercise, probes: Sequence[Probe], until: float
) -> Likeness | None:
    wrong = answers.differing(expected(exercise), probes)
    # Two functions that only fail alike, with an error of one type, are not thereby the same.
    if all(RAISED in answers.to(probe) for probe in wrong):
        return None
    first = [*wrong, *(probe for probe in probes if probe not in wrong)]
    # What is right but for a factor has no bug that is right but for another factor.
    form = exercise.form
    form = "" if form and fitted(answers, expected(exercise), probes, form) else form
    for several in _candidates(answers, exercise, first):
        in_a_form = None
        for number, some in enumerate(several):
            if number >= MOST and time.process_time() > until:
                raise CutShort(f"{number} of {len(several)}")
            if fit := _fit(answers, some, first, "" if in_a_form else form):
                if fit.plain:
                    return Likeness(some)
                in_a_form = Likeness(some, fit)  # of as many, one that needs no form goes first
        if in_a_form:
            return in_a_form
    return None


def _gathered(
    answers: Answers, exercise: Exercise, probes: Sequence[Probe], telling: int | None
) -> tuple[Bug, ...]:
    """Conventions and bugs, one by one that with which most probes are answered alike.

    The first is found by the ``telling`` probes; if it is far from the candidate, it stays alone.
    """
    every = (*bugs_of(exercise.name, accepted=True), *bugs_of(exercise.name))
    chosen: tuple[Bug, ...] = ()
    some = probes[:telling]
    fewest = len(answers.differing(expected(exercise), some))
    before: tuple[Bug, ...] | None = None
    while fewest and before != chosen and len(chosen) <= TOGETHER:
        before = chosen
        for each in every if not before or 3 * fewest <= 2 * len(some) else ():
            with contextlib.suppress(BankError):
                missed = _missed(answers, answers_with(*before, each), some, fewest)
                if missed < fewest:
                    chosen, fewest = (*before, each), missed
        if chosen and not before:
            some, fewest = probes, _missed(answers, answers_with(*chosen), probes, len(probes))
    return chosen


def _missed(answers: Answers, theirs: Answers, probes: Sequence[Probe], most: int) -> int:
    """How many probes two answer differently; counts up to ``most``."""
    apart = (p for p in probes if difference(p, answers.to(p), theirs.to(p), loosely=True))
    return sum(1 for _ in itertools.islice(apart, most))


def exactly(answers: Answers, exercise: Exercise) -> Likeness | None:
    """The one bug that answers all required probes alike, as it stands."""
    probes = answers.required(exercise)
    found = [bug for bug in bugs_of(exercise.name) if answers_with(bug).agrees(answers, probes)]
    apart = {bug: len(answers_with(bug).differing(answers, exercise.remarked)) for bug in found}
    return Likeness((min(found, key=lambda bug: apart[bug]),)) if found else None


def nearest(answers: Answers, exercise: Exercise) -> tuple[tuple[Bug, ...], list[Probe]] | None:
    """What of the bank answers most of the probes alike, and those in which it does not.

    Only where it answers half of the probes alike, and more than the published function does.
    """
    probes = answers.required(exercise)
    wrong = answers.differing(expected(exercise), probes)
    first = [*wrong, *(probe for probe in probes if probe not in wrong)]
    some = _gathered(answers, exercise, first, TELLING)
    if not some or all(bug.accepted for bug in some):
        return None
    apart = answers.differing(answers_with(*some), probes)
    return (some, apart) if len(apart) < len(wrong) and 2 * len(apart) <= len(probes) else None


def _candidates(
    answers: Answers, exercise: Exercise, probes: Sequence[Probe]
) -> Iterator[Sequence[tuple[Bug, ...]]]:
    """What may be the candidate: bugs alone, with conventions, in pairs; the likeliest first.

    Where one alone makes a difference, both together mostly answer as that one does. So pairs are
    tried in the order of how often that fails; but all of them, since paths of code may cross.
    """
    conventions = bugs_of(exercise.name, accepted=True)
    bugs = bugs_of(exercise.name)
    yield [(bug,) for bug in bugs]
    telling = TELLING if inspect.isclass(exercise.reference) else None
    gathered = _gathered(answers, exercise, probes, telling)
    several = [gathered] if {*gathered} & {*bugs} else []
    yield several if telling or len(gathered) == 2 else ()
    order = _Order(answers, exercise, (*conventions, *bugs), probes[:telling])
    pairs = [*itertools.product(conventions, bugs), *itertools.combinations(bugs, 2)]
    yield sorted(pairs, key=order)[: MOST if telling else None]
    if not telling:
        several += [(*two, bug) for two in itertools.combinations(conventions, 2) for bug in bugs]
        yield sorted(several, key=order)[:MOST]


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
    if theirs.agrees(answers, probes, loosely=True):
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
