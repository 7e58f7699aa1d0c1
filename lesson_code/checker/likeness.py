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

import torch

from lesson_code.checker.answers import RAISED, Answers, answers_with, expected
from lesson_code.checker.compare import is_number
from lesson_code.checker.exercise import Exercise, Probe
from lesson_code.checker.fit import Fit, fitted
from lesson_code.checker.register import BankError, Bug, bugs_of, clashing

#: So many conventions may come together, by themselves and with a bug.
TOGETHER = 3

#: So many combinations are tried of three and more, and of any bugs of a class, whose probes take
#: training steps; the likeliest first. Of functions all pairs are.
MOST = 100

#: So many of a class's probes say what is likely, and so many pairs are compared in any case.
TELLING = 3
LEAST = 25


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
    least = LEAST if inspect.isclass(exercise.reference) else MOST
    for several in _candidates(exercise, _Order(answers, exercise, first)):
        in_a_form = None
        for number, some in enumerate(several):
            if len(some) > 1 and number >= least and time.process_time() > until:
                raise CutShort(f"{number} of {len(several)}")
            if fit := _fit(answers, some, first, "" if in_a_form else form):
                if fit.plain:
                    return Likeness(some)
                in_a_form = Likeness(some, fit)  # of as many, one that needs no form goes first
        if in_a_form:
            return in_a_form
    return None


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
    alone, pairs, _ = _candidates(exercise, _Order(answers, exercise, first))
    apart = {}
    for some in (*alone[:1], *pairs[:1]):
        with contextlib.suppress(BankError):
            apart[some] = answers.differing(answers_with(*some), probes)
    some = min(apart, key=lambda some: len(apart[some]))
    told = len(apart[some]) < len(wrong) and 2 * len(apart[some]) <= len(probes)
    return (some, apart[some]) if told else None


def _candidates(exercise: Exercise, order: "_Order") -> Iterator[Sequence[tuple[Bug, ...]]]:
    """What may be the candidate: bugs alone, in pairs and with conventions; the likeliest first.

    Where one alone makes a difference, both together mostly answer as that one does, or their
    changes add up. That gives the order; all pairs of a function are tried, as paths may cross.
    """
    conventions, bugs = bugs_of(exercise.name, accepted=True), bugs_of(exercise.name)
    telling = TELLING if inspect.isclass(exercise.reference) else None
    pairs = [*itertools.product(conventions, bugs), *itertools.combinations(bugs, 2)]
    several = [(*two, bug) for two in itertools.combinations(conventions, 2) for bug in bugs]
    for some, most in (
        ([(bug,) for bug in bugs], None),
        (pairs, MOST if telling else None),
        (several, telling or MOST),
    ):
        yield sorted(some, key=order)[:most]


class _Order:
    """How much speaks against some bugs being the candidate together: probes, then numbers."""

    def __init__(self, answers: Answers, exercise: Exercise, probes: Sequence[Probe]) -> None:
        right = expected(exercise)
        bugs = (*bugs_of(exercise.name, accepted=True), *bugs_of(exercise.name))
        probes = probes[:TELLING] if inspect.isclass(exercise.reference) else probes
        self.names = {probe.name for probe in probes}
        self.wrong = _names(answers.differing(right, probes))
        self.shown = {bug: _names(answers_with(bug).differing(right, probes)) for bug in bugs}
        self.unlike = {bug: _names(answers_with(bug).differing(answers, probes)) for bug in bugs}
        self.right, self.mine = (_numbers(each, right, probes) for each in (right, answers))
        self.changed = {bug: _numbers(answers_with(bug), right, probes) for bug in bugs}

    def __call__(self, some: tuple[Bug, ...]) -> tuple[int, float]:
        against = self.wrong - set().union(*(self.shown[bug] for bug in some))
        for bug in some:
            others = set().union(*(self.shown[each] for each in some if each is not bug))
            against = against | ((self.shown[bug] - others) & self.unlike[bug])
        return len(against), min(map(self._apart, self._together(some)))

    def _together(self, some: tuple[Bug, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        """Where changes lead that add up, and that multiply."""
        added = times = self.right
        for bug in some:
            added = added + self.changed[bug] - self.right
            times = times * (self.changed[bug] / self.right)
        return added, times

    def _apart(self, numbers: torch.Tensor) -> float:
        return float((self.mine - numbers).abs().nan_to_num(1.0).clamp(max=1.0).sum())


def _numbers(answers: Answers, right: Answers, probes: Sequence[Probe]) -> torch.Tensor:
    """A few numbers of each answer, in units of the right ones; NaN where it has another shape."""
    parts = [torch.zeros(0, dtype=torch.double)]
    for probe in probes:
        for key, item in right.to(probe).items():
            if is_number(item):
                wanted = torch.as_tensor(item).detach().double()
                mine = answers.to(probe).get(key)
                found = torch.as_tensor(mine if is_number(mine) else torch.nan).detach().double()
                fits = found.shape == wanted.shape
                own = found if fits else torch.full_like(wanted, torch.nan)
                parts.append((own / wanted.norm().clamp(min=1e-6)).flatten()[:8])
    return torch.cat(parts)


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
    apart = answers.differing(right, others)
    found: dict[Bug, set[str]] = {}
    for bug in bugs_of(exercise.name) if apart else ():
        theirs = answers_with(bug)
        likely = theirs.agrees(right, probes[:1]) and not theirs.agrees(right, apart)
        if likely and theirs.agrees(right, probes):
            shown = theirs.differing(right, others)
            if shown and answers.agrees(theirs, shown):
                found[bug] = _names(shown)
    # What another bug shows beside more says nothing of its own.
    return tuple(bug for bug in found if not any(found[bug] < more for more in found.values()))
