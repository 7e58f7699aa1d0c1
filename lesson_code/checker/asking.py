"""Asks a reader's function: in the likeliest way, and in all others where that is not right."""

import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

import torch

from lesson_code.checker.answers import RAISED, Answers, answers_with, asked, expected
from lesson_code.checker.called import Called, Through
from lesson_code.checker.diagnose import watched
from lesson_code.checker.exercise import Exercise, NoPlace, ReaderError
from lesson_code.checker.fit import ENOUGH
from lesson_code.checker.forms import Form, forms, ways
from lesson_code.checker.likeness import exactly
from lesson_code.checker.match import Reading
from lesson_code.checker.register import bugs_of
from lesson_code.checker.verdict import Verdict


def answers_of(candidate: Any, exercise: Exercise) -> Answers | Verdict:
    """What a candidate answers, or the verdict on one that cannot be asked.

    This is the part of judging that runs the reader's code. It is called in the likeliest way
    first; the others are asked where that one does not answer right.
    """
    if candidate is exercise.reference:
        return asked(Answers(candidate), exercise)
    calls, trouble, every = list[Called](), "", list[Form]()
    try:
        every = forms(candidate, exercise)
    except ReaderError as error:
        trouble = str(error)
    for form in every:
        try:
            calls += [Called(form, reading, exercise) for reading in ways(form, exercise)]
        except ReaderError as error:
            trouble = trouble or str(error)
    more: list[Called | Through] = [*calls[1:], *_through(candidate, exercise)]
    if not calls:
        more = [each for each in more if _answers(Answers(each), exercise)]
    if not calls and not more:
        word = "class" if isinstance(candidate, type) else "function"
        return unasked(f"Your {word} {trouble}.", every, exercise)
    first = calls[0] if calls else more.pop(0)
    answers = asked(Answers(first), exercise)
    unseen = [each for each in answers.errors.values() if isinstance(each, NoPlace)]
    few = bool(unseen) and len(answers.required(exercise)) < ENOUGH
    if is_right(answers, exercise) and not few:
        return answers
    if calls:
        likeliest = [each for each in calls if each.form is calls[0].form][:4]
        likeliest += {
            each.form.name: each for each in reversed(calls) if each.form is not calls[0].form
        }.values()
        form, reading = calls[0].form, calls[0].reading
        if reduce := _reduction(answers, exercise):
            more.append(Called(form, reading, exercise, reduce=reduce))
        overflows = any(answers.overflows(each, exercise) for each in exercise.required)
        if answers.halved and not overflows and not exactly(answers, exercise):
            more.append(Called(form, reading, exercise, full=True))
        more += _in_other_forms(form, reading, exercise)
        if exercise.unit_rows:
            more += [Called(each.form, each.reading, exercise, unit=True) for each in likeliest]
    others = [Answers(each) for each in more]
    able = [asked(each, exercise) for each in others if _answers(each, exercise)]
    if few and not able:
        return unasked(f"It {unseen[0]}, and too few probes do without.", every, exercise)
    answers = able.pop(0) if few else answers
    answers.others = tuple(able)
    if calls:
        answers.watched = watched(first, answers, exercise)
    return answers


def _in_other_forms(form: Form, reading: Reading, exercise: Exercise) -> Iterator[Called]:
    """A class with its loss in the forms in which the first one is known to the bank."""
    kinds = (True, False) if exercise.values else ()
    bugs = [bug for accepted in kinds for bug in bugs_of(exercise.name, accepted)]
    known = [expected(exercise), *map(answers_with, bugs)]
    for value in exercise.values:
        called = Called(form, reading, exercise, value=value)
        mine = Answers(called)  # one for all, which is asked once
        if any(mine.agrees(each, exercise.required[:1]) for each in known):
            yield called


def _through(candidate: Any, exercise: Exercise) -> list[Through]:
    """A candidate in the other forms that published code has."""
    found = []
    for other in exercise.others:
        alike = other.exercise()
        with contextlib.suppress(ReaderError):
            for form in forms(candidate, alike):
                found += [
                    Through(Called(form, reading, alike), other) for reading in ways(form, alike)
                ]
    return found


def _answers(answers: Answers, exercise: Exercise) -> bool:
    """Whether it answers one of the first probes at all, and has a place for what enough give."""
    failed = [RAISED in answers.to(probe) for probe in exercise.required[:3]]
    errors = [answers.errors.get(probe.name) for probe in exercise.required[:3]]
    if all(failed) and not any(isinstance(error, NoPlace) for error in errors):
        return False
    return len(answers.required(exercise)) >= ENOUGH


def unasked(told: str, every: list[Form], exercise: Exercise) -> Verdict:
    """The verdict on what cannot be asked, with lines that make it judgeable."""
    lines = _template(every[0] if every else None, exercise)
    return Verdict(exercise.name, "broken", told, details={"lines": lines})


def _template(form: Form | None, exercise: Exercise) -> str:
    """Three lines that make a function judgeable, for whoever has one that cannot be called."""
    wanted = inspect.signature(exercise.reference)
    parameters = [
        name if item.default is inspect.Parameter.empty else f"{name}={item.default!r}"
        for name, item in wanted.parameters.items()
    ]
    name, own = form.name if form else "yours", ", ".join(form.parameters) if form else "..."
    hint = "  # in place of your names, put those above"
    if inspect.isclass(exercise.reference):
        return (
            f"class {exercise.name}({name}):\n"
            f"    def __init__(self, {', '.join(parameters)}):\n"
            f"        super().__init__({own}){hint}"
        )
    made, use = (form.made, form.use) if form and form.made else (name, f"({own})")
    called = f"yours{made.removeprefix(made.partition('(')[0])}{use}"
    alias = f"yours = {made.partition('(')[0]}\n"
    return f"{alias}def {exercise.name}({', '.join(parameters)}):\n    return {called}{hint}"


def is_right(answers: Answers, exercise: Exercise) -> bool:
    """Whether it answers all that is asked for like the published function."""
    return answers.agrees(expected(exercise), answers.required(exercise))


def _reduction(answers: Answers, exercise: Exercise) -> str:
    """How to make one number, or one a row, of a result that has an axis too many."""
    for probe in exercise.required:
        for key, item in expected(exercise).to(probe).items():
            mine = answers.to(probe).get(key)
            if key == "value" and isinstance(mine, torch.Tensor) and isinstance(item, torch.Tensor):
                if mine.ndim == item.ndim + 1:
                    return ("mean" if exercise.form else "") if item.ndim == 0 else "first column"
                return ""
    return ""
