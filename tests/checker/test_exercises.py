"""Exercises: unsolved they fail, solved they pass, and every hint says something."""

from pathlib import Path

import pytest

from lesson_code.checker import check
from lesson_code.checker.shelf import exercise_of, exercises, solution, stub

ROOT = Path(__file__).resolve().parents[2]
NAMES = list(exercises())


@pytest.mark.parametrize("name", NAMES)
def test_unsolved_it_fails(name, write):
    verdict = check(name, write(stub(exercise_of(name)), f"{name}.py"))
    assert verdict.status == "raises" and "Not written yet" in verdict.message


@pytest.mark.parametrize("name", NAMES)
def test_solved_it_passes(name, write):
    """With what the pages show; that it refuses no bad argument may be remarked on."""
    shown = solution(exercise_of(name))
    verdict = check(name, write(shown, f"{name}.py"))
    assert verdict.status == "passed", str(verdict)
    assert "guard" not in shown and "--8<--" not in shown


@pytest.mark.parametrize("name", NAMES)
def test_hints_lead_on_step_by_step(name):
    hints = exercise_of(name).told.hints
    assert len(hints) >= 3
    assert all(len(hint.split()) >= 5 and hint[-1] in ".?:`)$" for hint in hints)
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("name", NAMES)
def test_its_page_exists_and_tells_of_it(name):
    page = ROOT / "docs" / exercise_of(name).told.page
    assert f"/// pitfalls | {name}\n///" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_probes_have_names_of_their_own_and_something_to_show(name):
    probes = exercise_of(name).probes
    names = [probe.name for probe in probes]
    assert len(set(names)) == len(names)
    assert len(exercise_of(name).required) >= 3
    assert all(probe.shows for probe in probes)


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_gives_nothing_away(name):
    """It holds the signature and the docstring, and no line of the body."""
    body = solution(exercise_of(name)).split('"""')[-1]
    lines = {line.strip() for line in body.splitlines() if len(line.strip()) > 25}
    empty = stub(exercise_of(name))
    assert "your turn" in empty
    assert not {line for line in lines if line in empty and "import" not in line}


def test_every_concept_has_an_exercise():
    """But for guards, the significance of a lab's runs, and what has none yet."""
    concepts = {path.stem for path in (ROOT / "lesson_code").glob("*.py") if path.stem[0] != "_"}
    assert {exercise.family for exercise in exercises().values()} == concepts - {
        "guards",
        "significance",
        "sigreg",
        "recipe",
        "patches",
    }
