"""Judges a function: by the published one first, then by every bug that the bank knows."""

import math
import time
import traceback
from dataclasses import replace
from pathlib import Path

import torch

from lesson_code.checker.answers import RAISED, Answers, answers_with, expected
from lesson_code.checker.compare import Seen, difference, written
from lesson_code.checker.diagnose import diagnosis, of_layers
from lesson_code.checker.exercise import Exercise, NoPlace, Probe, ReaderError
from lesson_code.checker.fit import Fit
from lesson_code.checker.asking import is_right, unasked
from lesson_code.checker.called import Called, Through
from lesson_code.checker.forms import forms, ways
from lesson_code.checker.likeness import (
    CutShort,
    Likeness,
    convention,
    exactly,
    formed,
    like,
    nearest,
    quiet_bugs,
)
from lesson_code.checker.register import Bug, bugs_of
from lesson_code.checker.verdict import Example, Verdict, first_line, printable


def sentence(
    answers: Answers, exercise: Exercise, file: Path | None = None, search: float = math.inf
) -> Verdict:
    """The verdict that the answers of a candidate deserve; errors are told with the file's lines.

    After ``search`` seconds of a processor no more pairs of bugs are compared with it.
    """
    until = time.process_time() + search
    every = [answers, *(each for each in answers.others if not _of_unit_rows(each))]
    units = [each for each in answers.others if _of_unit_rows(each)]
    for each in every:
        fit = Fit(*getattr(each.candidate, "value", ()))
        if is_right(each, exercise) and fit.plain:
            return _otherwise(_passed(each, exercise), each, answers, exercise)
        if is_right(each, exercise):
            return replace(_conventional(each, exercise, Likeness((), fit)), notes=each.notes)
        if found := convention(each, exercise):
            return replace(_conventional(each, exercise, found), notes=each.notes)
    for each in (answers, *(it for it in every if isinstance(it.candidate, Through))):
        of = each.candidate.other if isinstance(each.candidate, Through) else exercise
        found = exactly(each, exercise) if of.published else None
        if found and found.bugs[0].name in of.published:
            told = replace(exercise, published=of.published)
            return replace(_conventional(each, told, found), notes=each.notes)
    for each in every if exercise.form else ():
        found = None if exactly(each, exercise) else formed(each, exercise)
        if found:
            return replace(_conventional(each, exercise, found), notes=each.notes)
    named = [each for each in every if exactly(each, exercise)]
    best = max(named[:1] or every, key=lambda each: _agreed(each, exercise))
    if (form := getattr(best.candidate, "form", None)) and form.doubt:
        late = f"Your class {form.doubt}; a single call does not show it."
        return unasked(late, [form], exercise)
    verdict = _wrong(best, exercise, file, until)
    for each in units:
        if is_right(each, exercise) or convention(each, exercise) or formed(each, exercise):
            return _of_length_one(verdict, each, best, exercise)
    return replace(verdict, notes=best.notes)


def _agreed(answers: Answers, exercise: Exercise) -> int:
    """How many probes it answers right; one that answers at all is ahead of one that fails."""
    probes = answers.required(exercise)
    failed = sum(RAISED in answers.to(probe) for probe in probes)
    return 2 * (len(probes) - len(answers.differing(expected(exercise), probes))) - failed


def _of_unit_rows(answers: Answers) -> bool:
    return bool(getattr(answers.candidate, "unit", False))


def _wrong(answers: Answers, exercise: Exercise, file: Path | None, until: float) -> Verdict:
    """The verdict on a candidate that is not right in any convention."""
    right, probes = expected(exercise), answers.required(exercise)
    wrong = answers.differing(right, probes)
    first = next((p for p in wrong if RAISED not in answers.to(p)), wrong[0])
    error = answers.errors.get(wrong[0].name)
    base = Verdict(
        exercise.name,
        "raises",
        "",
        agreed=len(probes) - len(wrong),
        asked=len(probes),
        example=_example(wrong[0], answers, right.to(wrong[0])),
        line=_line(error, file),
        see=exercise.told.page,
    )
    if isinstance(error, NotImplementedError):
        told = "Not written yet: it raises NotImplementedError."
        return replace(base, message=told, example=None)
    if trouble := _no_answer(error, answers):
        return replace(base, message=trouble)
    found, cut = exactly(answers, exercise), ""
    try:
        found = found or like(answers, exercise, until)
    except CutShort as short:
        cut = f"In the time there was, the likeliest {short} pairs of bugs were compared; "
        cut += "`--limit 100` gives more."
    if found:
        if value := getattr(answers.candidate, "value", ()):
            found = replace(found, fit=Fit(*value)) if value != (1, 0) else found
        return _named(base, found, answers, exercise)
    if error:
        told = f"It raises {type(error).__name__}: {first_line(error)}"
        return replace(base, message=told)
    return replace(
        base,
        status="unknown",
        example=_example(first, answers, right.to(first)),
        message=f"Wrong, and like no bug we know: {base.agreed} of {base.asked} probes are "
        f"answered right, the first difference is at “{first.name}”.",
        details={
            "hint": diagnosis(answers, right, probes, of_layers(answers.watched, exercise)),
            "near": _near(answers, exercise),
            "cut": cut,
        },
    )


def _near(answers: Answers, exercise: Exercise) -> str:
    """What of the bank is nearest, clearly not as a name."""
    if not (found := nearest(answers, exercise)):
        return ""
    some, apart = found
    names = " with ".join(f"`{bug.name}` ({bug.title})" for bug in some)
    total = len(answers.required(exercise))
    places = " and ".join(f"“{probe.name}”" for probe in apart[:2])
    return (
        f"Nearest is {names}, with {total - len(apart)} of {total} probes; it differs at {places}."
        " That is a direction to look in, not a name."
    )


def _passed(answers: Answers, exercise: Exercise) -> Verdict:
    """The verdict on a candidate that answers all required probes right."""
    remarked = answers.differing(expected(exercise), exercise.remarked)
    quiet = quiet_bugs(answers, exercise)
    beyond = [(probe, answers.errors.get(probe.name)) for probe in answers.beyond(exercise)]
    remarks = [
        f"It {error}, and was judged by the other probes."
        if isinstance(error, NoPlace)
        else probe.beyond
        for probe, error in beyond
    ]
    lenient = [probe for probe in remarked if "refused" in expected(exercise).to(probe)]
    told = [probe.remark for probe in remarked if probe not in lenient or len(lenient) == 1]
    remarks = list(dict.fromkeys([*remarks, *told]))
    if len(lenient) > 1:
        names = ", ".join(probe.name for probe in lenient)
        remarks.append(f"It accepts {names}; the published one refuses them with an error.")
    remarks += [f"This is the bug `{bug.name}`: {bug.title}. {bug.advice}" for bug in quiet]
    counted = f", with {len(remarks)} remarks" if len(remarks) > 1 else ", with a remark"
    total = len(answers.required(exercise))
    return Verdict(
        exercise.name,
        "passed",
        f"Right{counted if remarks else ''}.",
        names=tuple(bug.name for bug in quiet),
        agreed=total,
        asked=total,
        remarks=tuple(remarks),
    )


def _otherwise(verdict: Verdict, each: Answers, first: Answers, exercise: Exercise) -> Verdict:
    """A verdict with what is said of rows of both views in the usual order, if it has another."""
    way = getattr(getattr(first.candidate, "reading", None), "packed", "")
    found = exactly(first, exercise) if way and each is not first else None
    for bug in found.bugs if found else ():
        told = f"Handed {way}, it behaves like `{bug.name}`: {bug.title}."
        verdict = replace(verdict, names=(bug.name,), remarks=(*verdict.remarks, told))
    return replace(verdict, notes=each.notes)


def _conventional(answers: Answers, exercise: Exercise, found: Likeness) -> Verdict:
    """The verdict on a candidate that is right by other conventions."""
    total = len(answers.required(exercise))
    names = " and ".join(f"`{bug.name}`" for bug in found.bugs)
    form = f"{found.fit}" if not found.fit.plain else ""
    told = " and ".join(filter(None, (names, form))) or "its numbers are rounded on the way"
    says = [exercise.published.get(bug.name, bug.says) for bug in found.bugs]
    if form:
        says.append(f"The value has another form: {form}. It trains alike; compare with care.")
    return Verdict(
        exercise.name,
        "convention",
        f"Right, by another convention: {told} ({total} of {total} probes).",
        names=tuple(bug.name for bug in found.bugs),
        titles=tuple(bug.title for bug in found.bugs),
        agreed=total,
        asked=total,
        see=exercise.told.page,
        remarks=tuple(dict.fromkeys(probe.beyond for probe in answers.beyond(exercise))),
        details={"says": " ".join(says)},
    )


def _of_length_one(
    verdict: Verdict, units: Answers, answers: Answers, exercise: Exercise
) -> Verdict:
    """That on what is right for rows of length one: like it is the nearest bug that is so, too."""
    details = {key: it for key, it in verdict.details.items() if key not in ("hint", "near")}
    if not verdict.names and (bug := _nearest_of_unit_rows(answers, exercise)):
        verdict = replace(verdict, names=(bug.name,), titles=(bug.title,), see=bug.page)
        details |= _details(bug)
    named = f", and there it behaves like `{verdict.names[0]}`" if verdict.names else ""
    return replace(
        verdict,
        status="bug" if verdict.names else "unknown",
        message="Right for rows of length one, and only for those. The exercise gives rows of any "
        f"length{named}: normalize them inside, with `F.normalize(z, dim=1)`.",
        notes=units.notes,
        line="",
        details=details,
    )


def _nearest_of_unit_rows(answers: Answers, exercise: Exercise) -> Bug | None:
    """The bug nearest to a candidate, of those that are right for rows of length one."""
    right, probes, apart = expected(exercise), answers.required(exercise), {}
    for bug in bugs_of(exercise.name):
        form, theirs = forms(answers_with(bug).candidate, exercise)[0], answers_with(bug)
        units = Answers(Called(form, ways(form, exercise)[0], exercise, unit=True))
        if not right.agrees(theirs, probes) and right.agrees(units, probes):
            apart[bug] = len(theirs.differing(answers, probes))
    return min(apart, key=lambda bug: apart[bug], default=None)


def _named(base: Verdict, found: Likeness, answers: Answers, exercise: Exercise) -> Verdict:
    """The verdict on a candidate that behaves like bugs of the bank; all of it is of the first."""
    worst, *others = sorted(found.bugs, key=lambda bug: bug.accepted)
    names = " and ".join(f"`{bug.name}`" for bug in found.bugs)
    form = f", {found.fit}" if not found.fit.plain else ""
    details = _details(worst)
    besides = [exercise.unless[bug.name] for bug in found.bugs if bug.name in exercise.unless]
    details["mend"] += "".join(f" And `{bug.name}`: {bug.advice}" for bug in others)
    if form:
        besides.append(f"Besides, the value has another form ({found.fit}), which is no error.")
    if found.failed:
        places = " and ".join(f"“{probe.name}”" for probe in found.failed[:2])
        raised = answers.to(found.failed[0])[RAISED]
        besides.append(f"Besides, it raises {raised} at {places}.")
    alike = base.asked - len(found.failed)
    if besides:
        details["besides"] = " ".join(besides)
    return replace(
        base,
        status="bug",
        message=f"It behaves like {names}{form} on {alike} of {base.asked} probes.",
        names=tuple(bug.name for bug in found.bugs),
        titles=tuple(bug.title for bug in (worst, *others)),
        see=worst.page,
        details=details,
        example=_example_of(worst, found, answers, exercise) or base.example,
    )


def _example_of(bug: Bug, found: Likeness, answers: Answers, exercise: Exercise) -> Example | None:
    """The first probe that shows this bug, held against the right value in the same convention."""
    if found.fit.plain and len(found.bugs) == 1:
        return None
    accepted = [each for each in found.bugs if each.accepted]
    right = answers_with(*accepted) if accepted else expected(exercise)
    for probe in answers.required(exercise):
        if difference(probe, answers_with(bug).to(probe), expected(exercise).to(probe)):
            fit = Fit() if exercise.values else found.fit  # a class answers in the usual form
            against = fit.applied(probe, right.to(probe))
            if difference(probe, answers.to(probe), against):
                return _example(probe, answers, against)
    return None


def _details(bug: Bug) -> dict[str, str]:
    details = {"symptom": bug.symptom, "why": bug.why, "see": bug.see}
    details["mend"] = bug.advice
    if bug.same_as:
        details["same_as"] = f"No probe can tell it from `{bug.same_as}`."
    return details


def _no_answer(error: BaseException | None, answers: Answers) -> str:
    """What to say of a function that gives nothing which could be right or wrong."""
    if isinstance(error, SystemExit):
        return "It ends the program (sys.exit). A function returns; take the exit out."
    if isinstance(error, KeyboardInterrupt):
        return "It raises KeyboardInterrupt. A function returns a value or raises an error."
    if isinstance(error, ReaderError):
        if str(error) == "returns None":
            prints = bool(answers.output.getvalue().strip())
            told = " It prints, but printing is not returning." * prints
            return f"It returns None: is the `return` missing?{told}"
        tail = ", and a tensor is expected" if str(error).startswith("returns") else ""
        return f"It {error}{tail}."
    return ""


def _example(probe: Probe, answers: Answers, expected_: Seen) -> Example:
    yours = answers.to(probe)
    if RAISED in yours:
        error, what = answers.errors[probe.name], next(iter(expected_), "")
        told = first_line(error) if isinstance(error, ReaderError) else type(error).__name__
        return Example(probe.name, probe.shows, what, told, written(expected_.get(what, "")))
    what = difference(probe, yours, expected_) or ""
    both = (_described(yours, what, expected_), _described(expected_, what, yours))
    return Example(probe.name, probe.shows, what, *both)


def _described(seen: Seen, what: str, other: Seen) -> str:
    """One side of a difference; with its shape where the shapes differ."""
    if what not in seen:
        return "nothing"
    item, against = seen[what], other.get(what)
    text = written(item)
    if (
        isinstance(item, torch.Tensor)
        and isinstance(against, torch.Tensor)
        and item.shape != against.shape
    ):
        return f"{text}, of shape {tuple(item.shape)}"
    return text


def _line(error: BaseException | None, file: Path | None) -> str:
    """Where in the reader's file an error came from, with the line itself."""
    if error is None or file is None:
        return ""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename and Path(frame.filename) == file
    ]
    if not frames:
        return ""
    return printable(f"{file.name}, line {frames[-1].lineno}: {frames[-1].line}")
