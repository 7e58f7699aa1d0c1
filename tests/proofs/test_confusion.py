"""The confusion matrix: each verdict on the bank and on the specimens is as it should be."""

import pytest
from proofs.confusion import SPECIMENS, cases, main, specimens

from lesson_code.checker.shelf import exercises

#: How many specimens of each kind an exercise needs.
AT_LEAST = {"correct": 10, "attempts": 9, "unknown": 4}


@pytest.mark.parametrize("name", list(exercises()))
def test_every_verdict_is_as_it_should_be(name):
    wrong = [
        f"{case.kind} {case.name} ({case.told}): {case.verdict}"
        for case in cases(name)
        if not case.as_it_should
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", list(exercises()))
def test_there_are_specimens_enough(name):
    for kind, number in AT_LEAST.items():
        assert len(specimens(name, kind)) >= number, kind


@pytest.mark.parametrize("kind", SPECIMENS)
@pytest.mark.parametrize("name", list(exercises()))
def test_every_specimen_says_what_it_is(name, kind):
    assert all(told.strip() for _, _, told in specimens(name, kind))


def test_the_command_tells_all_of_it(capsys):
    assert main(["simclr_loss"]) == 0
    said = capsys.readouterr().out
    assert "0 verdicts are not as they should be" in said
    for kind in ("reference", "bug", *SPECIMENS):
        assert f"simclr_loss  {kind}" in said


def test_a_wrong_verdict_is_counted(capsys, monkeypatch):
    """A function that is right, filed as an unknown bug, is told with an exit status of 1."""
    from proofs import confusion

    from lesson_code import simclr_loss

    monkeypatch.setattr(confusion, "specimens", lambda *_: [("right", simclr_loss, "in truth")])
    assert main(["simclr_loss"]) == 1
    assert "! simclr_loss  unknown" in capsys.readouterr().out
