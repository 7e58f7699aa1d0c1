"""Judges a function: by the published one first, then by every bug that the bank knows."""

import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from lesson_code.checker.register import Bug
from lesson_code.checker.adapt import adapted
from lesson_code.checker.answers import RAISED, Answers, asked, expected
from lesson_code.checker.diagnose import diagnosis
from lesson_code.checker.likeness import like, quiet_bugs
from lesson_code.checker.verdict import Example, Verdict
from lesson_code.checker.exercise import Exercise, Probe, ReaderError, Seen, difference, written


def answers_of(candidate: Any, exercise: Exercise) -> Answers | Verdict:
    """What a candidate answers, or the verdict on one that cannot be asked.

    This is the part of judging that runs the reader's code.
    """
    try:
        function: Callable[..., Any] = adapted(candidate, exercise)
    except ReaderError as error:
        word = "class" if isinstance(candidate, type) else "function"
        return Verdict(exercise.name, "broken", f"Your {word} {error}.")
    return asked(function, exercise)


def sentence(answers: Answers, exercise: Exercise, file: Path | None = None) -> Verdict:
    """The verdict that the answers of a candidate deserve.

    Args:
        answers: what it answered.
        exercise: what it should be.
        file: the reader's file; errors are told with its lines.
    """
    right = expected(exercise)
    wrong = answers.differing(right, exercise.required)
    total = len(exercise.required)
    if not wrong:
        return _passed(answers, exercise, total)
    first = wrong[0]
    error = answers.errors.get(first.name)
    base = Verdict(
        exercise.name,
        "raises",
        "",
        agreed=total - len(wrong),
        asked=total,
        example=_example(first, answers, right),
        line=_line(error, file),
        see=exercise.page,
    )
    if isinstance(error, NotImplementedError):
        told = "Not written yet: it raises NotImplementedError."
        return replace(base, message=told, example=None)
    if trouble := _no_answer(error, answers):
        return replace(base, message=trouble)
    if bugs := like(answers, exercise):
        return _named(base, bugs)
    if error:
        told = f"It raises {type(error).__name__}: {_first_line(error)}"
        return replace(base, message=told)
    return replace(
        base,
        status="unknown",
        message=f"Wrong, and like no bug we know: {base.agreed} of {total} probes are answered "
        f"right, the first difference is at “{first.name}”.",
        details={"hint": diagnosis(answers, right, exercise.required)},
    )


def _passed(answers: Answers, exercise: Exercise, total: int) -> Verdict:
    """The verdict on a candidate that answers all required probes right."""
    remarked = answers.differing(expected(exercise), exercise.remarked)
    quiet = quiet_bugs(answers, exercise)
    remarks = list(dict.fromkeys(probe.remark for probe in remarked))
    remarks += [f"This is the bug `{bug.name}`: {bug.title}. {bug.advice}" for bug in quiet]
    counted = f", with {len(remarks)} remarks" if len(remarks) > 1 else ", with a remark"
    return Verdict(
        exercise.name,
        "passed",
        f"Right{counted if remarks else ''}.",
        names=tuple(bug.name for bug in quiet),
        agreed=total,
        asked=total,
        remarks=tuple(remarks),
    )


def _named(base: Verdict, bugs: tuple[Bug, ...]) -> Verdict:
    """The verdict on a candidate that behaves like these."""
    only_conventions = all(bug.accepted for bug in bugs)
    names = " and ".join(f"`{bug.name}`" for bug in bugs)
    titles = tuple(bug.title for bug in bugs)
    worst = next((bug for bug in bugs if not bug.accepted), bugs[0])
    of_all = f"{base.asked} of {base.asked} probes"
    if only_conventions:
        message = f"Right, by another convention: {names} ({of_all})."
    else:
        message = f"It behaves like {names} on {of_all}."
    details = {"says": worst.says} if only_conventions else _details(worst)
    others = [bug for bug in bugs if bug is not worst]
    if others and not only_conventions:
        details["besides"] = " ".join(f"And `{bug.name}`: {bug.advice}" for bug in others)
    return replace(
        base,
        status="convention" if only_conventions else "bug",
        message=message,
        names=tuple(bug.name for bug in bugs),
        titles=titles,
        see=base.see if only_conventions else worst.page,
        details=details,
    )


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
            told = (
                " It prints, but printing is not returning."
                if answers.output.getvalue().strip()
                else ""
            )
            return f"It returns None: is the `return` missing?{told}"
        tail = ", and a tensor is expected" if str(error).startswith("returns") else ""
        return f"It {error}{tail}."
    return ""


def _example(probe: Probe, answers: Answers, right: Answers) -> Example:
    yours, expected_ = answers.to(probe), right.to(probe)
    what = difference(probe, yours, expected_) or ""
    if RAISED in yours:
        error = answers.errors[probe.name]
        what = next(iter(expected_), "")
        return Example(
            probe.name,
            probe.shows,
            what,
            str(error) if isinstance(error, ReaderError) else type(error).__name__,
            written(expected_.get(what, "")),
        )
    return Example(
        probe.name,
        probe.shows,
        what,
        _described(yours, what, expected_),
        _described(expected_, what, yours),
    )


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
    return f"{file.name}, line {frames[-1].lineno}: {frames[-1].line}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or "(no message)"
