"""The bug bank: every bug has its place in the source, its assertion, and a test that kills it."""

import copy
import math
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mistakes.harness import Mistake, run
from torch import nn

import lesson_code
from lesson_code.checker import register
from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.register import BankError
from lesson_code.checker.shelf import FAMILIES, exercises

ROOT = Path(__file__).resolve().parents[2]
BUGS = [bug for family in register.families() for bug in family.bugs]
CONVENTIONS = [bug for family in register.families() for bug in family.conventions]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def named(bug):
    return f"{bug.family}-{bug.name}"


def test_the_bank_is_large_enough_and_holds_every_exercise():
    assert len(BUGS) >= 50
    assert {family.name for family in register.families()} == set(FAMILIES)
    without = [name for name in exercises() if len(register.bugs_of(name)) < 3]
    assert not without, f"fewer than three bugs of {without}"


def test_every_family_has_its_room_in_the_museum():
    """A page that shows it, and an example that computes what the page shows."""
    for family in register.families():
        page = ROOT / "docs" / "museum" / f"{family.name.replace('_', '-')}.md"
        assert f"\n/// bugs | {family.name}\n///\n" in page.read_text(encoding="utf-8")
        assert (ROOT / "lesson_code/examples/museum" / f"{family.name}.py").is_file()


def test_names_are_unique_and_can_be_anchors():
    names = [bug.name for bug in BUGS + CONVENTIONS]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) for name in names)
    assert not set(names) & set(exercises())


@pytest.mark.parametrize("bug", BUGS + CONVENTIONS, ids=named)
def test_the_patch_applies(bug):
    """To the function that it names, and leaves a function or class of that name behind."""
    right, wrong = register.right_and_wrong(bug)
    assert right != wrong
    variant = register.patched(bug)
    assert variant.__name__ == bug.of
    assert variant is not getattr(lesson_code, bug.of)


@pytest.mark.parametrize("bug", BUGS + CONVENTIONS, ids=named)
def test_it_is_of_an_exercise_of_its_family(bug):
    assert exercises()[bug.of].family == bug.family


def scope(bug, function):
    """What an assertion of the bank may use."""
    published = {name: getattr(lesson_code, name) for name in lesson_code.__all__}
    tools = {"torch": torch, "F": F, "nn": nn, "math": math, "copy": copy}
    return {**published, **tools, bug.of: function}


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_its_assertion_holds_for_the_right_function_only(bug):
    assertion = compile(bug.assertion, f"<assertion of {bug.name}>", "exec")
    torch.manual_seed(0)
    exec(assertion, scope(bug, getattr(lesson_code, bug.of)))
    torch.manual_seed(0)
    with pytest.raises(AssertionError):
        exec(assertion, scope(bug, register.patched(bug)))


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_the_test_that_is_named_kills_it(bug):
    """It says no to the variant, and yes to the published function."""
    file, _, test = bug.test.partition("::")
    assert re.fullmatch(r"tests/test_\w+\.py", file) and re.fullmatch(r"test_\w+", test)
    module = Path(file).stem
    variant = Mistake(bug.name, bug.of, module, bug.title, register.patched(bug))
    outcome = run(module, variant, only=test)
    assert outcome.failures, f"{bug.test} accepts {bug.name}"
    told = [str(failure) for failure in outcome.failures]
    assert not any(failure.broken() for failure in outcome.failures), told
    assert any(failure.rejects() for failure in outcome.failures), told


@pytest.mark.parametrize("family", register.families(), ids=lambda family: family.name)
def test_the_probe_that_is_named_shows_it(family):
    """The museum's table has a row for each bug, and two different answers in it."""
    of = [one for one in exercises().values() if one.family == family.name]
    rows = symptoms(family.name, of)["rows"]
    assert [row[0] for row in rows] == [bug.name for bug in family.bugs]
    same = [row[0] for row in rows if row[4] == row[5]]
    assert not same, "the two answers are written alike"


@pytest.mark.parametrize("bug", BUGS, ids=named)
def test_places_are_links_or_words(bug):
    for place in bug.seen:
        assert place.startswith("https://") or " " in place, place
    assert not bug.same_as or register.find(bug.same_as).of == bug.of


# --- the reader of the bank -----------------------------------------------------------------

ENTRY = {
    "of": "simclr_loss",
    "title": "A title",
    "right": "return F.cross_entropy(logits, positives)",
    "wrong": "return -F.cross_entropy(logits, positives)",
    **dict.fromkeys(register.TEXTS, "words"),
}


def toml(value):
    """Text, or a list of tables of text, as TOML."""
    if isinstance(value, str):
        return repr(value)
    tables = (", ".join(f"{key} = {text!r}" for key, text in one.items()) for one in value)
    return "[" + ", ".join(f"{{{table}}}" for table in tables) + "]"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a small bank beside a copy of one concept; return how to read its one bug."""
    (tmp_path / "bank").mkdir()
    source = (ROOT / "lesson_code" / "simclr.py").read_text(encoding="utf-8")
    (tmp_path / "simclr.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(register, "BANK", tmp_path / "bank")
    monkeypatch.setattr(register, "CONCEPTS", tmp_path)

    def write(kind="bugs", top='title = "SimCLR"', **entry):
        for function in (register.families, register.family, register.patched):
            function.cache_clear()
        lines = [top, f"[{kind}.one]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
        (tmp_path / "bank" / "simclr.toml").write_text("\n".join(lines), encoding="utf-8")
        found = register.family("simclr")
        return (*found.bugs, *found.conventions)[0]

    yield write
    for function in (register.families, register.family, register.patched):
        function.cache_clear()


def test_a_bug_is_read_and_made(written):
    bug = written(**ENTRY)
    z = torch.eye(3)
    assert bug.inside == "simclr_loss" and not bug.accepted
    assert register.patched(bug)(z, z) == -lesson_code.simclr_loss(z, z)
    assert register.find("one") == bug


@pytest.mark.parametrize("lacking", [*register.TEXTS, "of", "title"])
def test_a_text_that_is_missing_is_told(written, lacking):
    entry = {key: text for key, text in ENTRY.items() if key != lacking}
    with pytest.raises(BankError, match=f"simclr.toml, one: {lacking} is missing"):
        written(**entry)
    with pytest.raises(BankError, match=f"{lacking} is missing"):
        written(**{**ENTRY, lacking: "  "})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"changes": [{"right": "a", "wrong": "b"}]}, "either right and wrong, or changes"),
        ({"wrong": ENTRY["right"]}, "another, wrong one"),
        ({"right": ""}, "needs a right text"),
    ],
)
def test_a_bad_entry_is_told(written, entry, message):
    with pytest.raises(BankError, match=message):
        written(**{**ENTRY, **entry})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"right": "not there"}, "occurs 0 times"),
        ({"right": "torch."}, r"occurs \d+ times"),
        ({"wrong": "return ("}, "is no Python"),
        ({"inside": "dino_loss"}, "no dino_loss in lesson_code/simclr.py"),
    ],
)
def test_a_patch_that_does_not_fit_is_told(written, entry, message):
    bug = written(**{**ENTRY, **entry})
    with pytest.raises(BankError, match=message):
        register.patched(bug)


def test_a_bad_file_is_told(written):
    with pytest.raises(BankError, match="simclr.toml"):
        written(top="title =", **ENTRY)
    with pytest.raises(BankError, match="title is missing"):
        written(top="", **ENTRY)
    with pytest.raises(BankError, match="unknown key 'titel'"):
        written(top='titel = "SimCLR"', **ENTRY)


def test_a_convention_is_accepted(written):
    entry = {key: ENTRY[key] for key in ("of", "title", "right", "wrong")}
    bug = written(kind="conventions", says="What is different.", **entry)
    assert bug.accepted and bug.says == "What is different."
    assert register.bugs_of("simclr_loss") == () and register.bugs_of("simclr_loss", True) == (bug,)


def test_an_unknown_name_is_told():
    with pytest.raises(BankError, match="no family 'simcl'"):
        register.family("simcl")
    with pytest.raises(BankError, match="near: own-diagonal"):
        register.find("own-diagonl")


def test_bugs_of_different_functions_do_not_mix():
    two = BUGS[0], next(bug for bug in BUGS if bug.family != BUGS[0].family)
    with pytest.raises(BankError, match="different functions"):
        register.patched(*two)
