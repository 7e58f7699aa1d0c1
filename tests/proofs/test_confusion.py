"""The confusion matrix: each verdict on the bank and on readers' functions is as it should be."""

import inspect
import itertools
from collections import Counter

import pytest
from bookbuild import freshness, project, results
from proofs import confusion, readers
from proofs.confusion import Case, cases, main
from proofs.readers import attempts

from lesson_code.checker.register import families
from lesson_code.checker.shelf import exercise_of, exercises

#: How many functions of each kind an exercise needs, and how many classes, which are longer.
AT_LEAST = {"right": 10, "wrong": 9, "rare": 4}
CLASSES_AT_LEAST = {"right": 6, "wrong": 9, "rare": 3}
ROOT = project.root()
RECORD = results.load(ROOT, "museum/confusion")


def judged(name: str, share: int = 10) -> list[Case]:
    """What there is for an exercise; of what a fresh record has judged, a share in its turn."""
    if not freshness.is_fresh(ROOT, project.example("museum/confusion", ROOT), RECORD):
        return list(cases(name))
    turn = itertools.count(int(RECORD.provenance["key"], 16))
    judge = confusion._judged
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confusion, "_judged", lambda *it: None if next(turn) % share else judge(*it))
        return [case for case in cases(name) if case.verdict is not None]


def test_the_record_has_every_verdict_as_it_should_be():
    counted = RECORD.values
    for kind in ("bugs_named", "conventions_named", "correct_passed", "unknown_told"):
        assert counted[kind] == counted[kind.rpartition("_")[0]] > 0, kind
    assert counted["unknown_passed"] == 0
    assert counted["attempts_named_rightly"] == counted["attempts_named"]
    assert counted["attempts_named"] >= 0.9 * counted["attempts"]
    assert counted["exercises"] == len(exercises())


def test_what_a_fresh_record_has_judged_has_its_turn(monkeypatch):
    monkeypatch.setattr(confusion, "_judged", lambda candidate, exercise: candidate)
    monkeypatch.setattr(freshness, "is_fresh", lambda *_: False)
    every = [(case.kind, case.name) for case in judged("ema_update")]
    monkeypatch.setattr(freshness, "is_fresh", lambda *_: True)
    turns = []
    for key in range(10):
        monkeypatch.setitem(RECORD.provenance, "key", f"{key:x}")
        turns += [(case.kind, case.name) for case in judged("ema_update")]
    assert sorted(turns) == sorted(every)


@pytest.mark.parametrize("name", list(exercises()))
def test_every_verdict_is_as_it_should_be(name):
    wrong = [
        f"{case.kind} {case.name} ({case.says}): {case.verdict}"
        for case in judged(name)
        if not case.as_it_should
    ]
    assert not wrong, "\n".join(wrong)


def test_there_are_functions_enough():
    for name in exercises():
        is_class = inspect.isclass(exercise_of(name).reference)
        counted = Counter(attempt.kind for attempt in attempts(name))
        for kind, number in (CLASSES_AT_LEAST if is_class else AT_LEAST).items():
            assert counted[kind] >= number, (name, kind)


def test_every_file_is_of_an_exercise_and_stays_short():
    files = {path.stem: path.read_text(encoding="utf-8") for path in readers.FOLDER.glob("*.py")}
    assert set(files) == set(exercises())
    assert sum(text.count("\n") for text in files.values()) <= 9000


def test_the_names_that_fit_are_told_of_each_attempt_and_are_in_the_bank():
    known = {bug.name for family in families() for bug in (*family.bugs, *family.conventions)}
    for name in exercises():
        fitting = readers.names()[name]
        wrong = [attempt.name for attempt in attempts(name) if attempt.kind == "wrong"]
        assert sorted(fitting) == sorted(wrong), name
        assert {one for sets in fitting.values() for names in sets for one in names} <= known, name


def test_a_function_that_does_not_say_what_it_is_is_told():
    def silent():
        pass

    with pytest.raises(ValueError, match="silent does not say what it is"):
        readers.right(silent)


def test_the_command_tells_all_of_it(capsys):
    assert main(["simclr_loss"]) == 0
    said = capsys.readouterr().out
    assert "0 verdicts are not as they should be" in said
    for kind in ("reference", "bug", *readers.KINDS):
        assert f"simclr_loss  {kind}" in said


def test_a_name_that_does_not_fit_is_counted(capsys, monkeypatch):
    """An attempt that is named, and not by what it does, is told with an exit status of 1."""
    fitting = readers.names() | {"simclr_loss": {"masks_with_zero": (frozenset(["own-diagonal"]),)}}
    monkeypatch.setattr(confusion, "names", lambda: fitting)
    assert main(["simclr_loss"]) == 1
    assert "! simclr_loss  wrong      masks_with_zero" in capsys.readouterr().out


def test_a_wrong_verdict_is_counted(capsys, monkeypatch):
    """A function that is right, filed as a rare error, is told with an exit status of 1."""
    from lesson_code import simclr_loss

    filed = readers.Attempt("rare", "right", simclr_loss, "in truth")
    monkeypatch.setattr(confusion, "attempts", lambda _: (filed,))
    assert main(["simclr_loss"]) == 1
    assert "! simclr_loss  rare" in capsys.readouterr().out
