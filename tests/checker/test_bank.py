"""The bug bank: every variant has its place in the source, its proof, and a test that kills it."""

import ast
import copy
import math
import re
import tomllib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from bookbuild import results
from torch import nn
from variants import Variant, problems

import lesson_code
from lesson_code import simclr_loss
from lesson_code.checker import register
from lesson_code.checker.exhibits import symptoms
from lesson_code.checker.register import BankError
from lesson_code.checker.shelf import exercises

ROOT = Path(__file__).resolve().parents[2]
BUGS = [bug for family in register.families() for bug in family.bugs]
VARIANTS = [bug for family in register.families() for bug in family.variants]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
THREAD = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+")
LINE = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/blob/[0-9a-f]{40}/\S+#L\d+(-L\d+)?")

each_family = pytest.mark.parametrize("family", register.families(), ids=lambda family: family.name)


def test_the_bank_is_large_enough_and_holds_every_exercise():
    assert len(BUGS) >= 50
    assert {family.name for family in register.families()} == {
        exercise.family for exercise in exercises().values()
    }
    without = [name for name in exercises() if len(register.bugs_of(name)) < 3]
    assert not without, f"fewer than three bugs of {without}"


def test_it_stays_short_enough_to_be_read():
    """Stories are for what was seen or teaches; the rest is a title, a patch and a test."""
    lines = sum(
        path.read_text(encoding="utf-8").count("\n") for path in register.BANK.glob("*.toml")
    )
    assert lines <= 7000
    for family in register.families():
        assert 5 <= sum(bug.has_story for bug in family.bugs) <= 10, family.name


def test_every_family_has_its_room_in_the_museum():
    """A page that shows it."""
    for family in register.families():
        page = ROOT / "docs" / "museum" / f"{family.name.replace('_', '-')}.md"
        assert f"\n/// bugs | {family.name}\n///\n" in page.read_text(encoding="utf-8")


def test_names_are_unique_and_can_be_anchors():
    names = [bug.name for bug in VARIANTS]
    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) for name in names)
    assert not set(names) & set(exercises())


@each_family
def test_the_patches_apply(family):
    """To the function that is named, and leave a function or class of that name behind."""
    for bug in family.variants:
        right, wrong = register.right_and_wrong(bug)
        assert right != wrong, bug.name
        variant = register.patched(bug)
        assert variant.__name__ == bug.of
        assert variant is not getattr(lesson_code, bug.of)


@each_family
def test_no_patch_holds_a_comment(family):
    held = [bug.name for bug in family.variants for change in bug.changes if "#" in str(change)]
    assert not held


@each_family
def test_bugs_and_conventions_are_of_an_exercise_of_their_family(family):
    for bug in (*family.bugs, *family.conventions):
        assert exercises()[bug.of].family == family.name, bug.name
        assert not bug.same_as or register.find(bug.same_as).of == bug.of


def test_a_mistake_of_several_functions_names_bugs_once_each():
    shared = tomllib.loads((ROOT / "lesson_code/checker/mistakes.toml").read_text("utf-8"))
    names = [name for bugs in shared.values() for name in bugs]
    assert set(names) <= {bug.name for bug in BUGS} and len(set(names)) == len(names)
    assert all(len(bugs) > 1 for bugs in shared.values())


def test_the_lab_trains_with_bugs_whose_story_the_museum_tells():
    (measured,) = results.load(ROOT, "museum/measured").tables.values()
    names = [row[1] for row in measured.rows if row[1]]
    assert len(set(names)) == len(names) >= 12
    assert not [name for name in names if not register.find(name).has_story]


def test_a_link_is_to_a_thread_or_to_a_line_that_stays():
    for bug in VARIANTS:
        for link in (*bug.seen_in_code, *bug.asked_about_in):
            assert THREAD.fullmatch(link) or LINE.fullmatch(link), (bug.name, link)


def test_no_thread_both_shows_a_mistake_and_only_asks_about_it():
    """Whoever is said to have made a mistake is not cited for a question about the same one."""
    for bug in VARIANTS:
        assert not set(bug.seen_in_code) & set(bug.asked_about_in), bug.name


def scope(bug, function):
    """What an assertion of the bank may use."""
    published = {name: getattr(lesson_code, name) for name in lesson_code.__all__}
    tools = {"torch": torch, "F": F, "nn": nn, "math": math, "copy": copy}
    return {**published, **tools, bug.of: function}


@each_family
def test_an_assertion_holds_for_the_right_function_only(family):
    for bug in family.bugs:
        if not bug.has_story:
            continue
        assertion = compile(bug.assertion, f"<assertion of {bug.name}>", "exec")
        torch.manual_seed(0)
        exec(assertion, scope(bug, getattr(lesson_code, bug.of)))
        torch.manual_seed(0)
        with pytest.raises(AssertionError):
            exec(assertion, scope(bug, register.patched(bug)))


@pytest.mark.in_turn
@each_family
def test_the_tests_that_are_named_kill_what_names_them(family):
    """They say no to the variants, and yes to the published functions."""
    killed = [bug for bug in family.variants if not bug.accepted]
    found = problems([Variant(bug.name, bug.of, bug.test, register.patched(bug)) for bug in killed])
    assert not found, "\n".join(found)


@each_family
def test_a_probe_shows_each_bug(family):
    """The museum's table has a row for each bug, and two different answers in it."""
    of = [exercise for exercise in exercises().values() if exercise.family == family.name]
    rows = symptoms(family.name, of)["rows"]
    assert [row[0] for row in rows] == [bug.name for bug in family.bugs]
    same = [row[0] for row in rows if row[4] == row[5]]
    assert not same, "the two answers are written alike"


# --- what stands above the published code ---------------------------------------------------


def without_a_guard(tree):
    """Copies of a concept's syntax tree, each without one of its guards; what is guarded, first."""
    for number, node in enumerate(tree.body):
        for place, decorator in enumerate(getattr(node, "decorator_list", ())):
            if not isinstance(decorator, ast.Call):
                continue
            name = ast.unparse(decorator.func)
            for keyword in range(len(decorator.keywords)) if name == "guard_methods" else (None,):
                less = copy.deepcopy(tree)
                if keyword is None and name == "guard":
                    del less.body[number].decorator_list[place]
                elif keyword is not None:
                    del less.body[number].decorator_list[place].keywords[keyword]
                else:
                    continue
                yield f"{node.name} without guard {keyword or 0}", node.name, less


@pytest.mark.in_turn
@pytest.mark.parametrize("concept", [family.name for family in register.families()])
def test_a_guard_that_is_taken_away_is_missed(concept):
    """Whatever a guard refuses, some ordinary test of the concept asks for it."""
    tree = ast.parse((ROOT / "lesson_code" / f"{concept}.py").read_text(encoding="utf-8"))
    unguarded = []
    for name, of, less in without_a_guard(tree):
        scope = {"__name__": f"unguarded_{concept}"}
        exec(compile(less, f"<{name}>", "exec"), scope)
        unguarded.append(Variant(name, of, f"tests/test_{concept}.py", scope[of]))
    found = problems(unguarded) if unguarded else []
    assert not found, "\n".join(found)


# --- what runs the tests on a variant --------------------------------------------------------

BY_HAND = "tests/test_simclr.py::test_by_hand"


def judged(function, of="simclr_loss", test=BY_HAND):
    return "".join(problems([Variant("tried", of, test, function)]))


def test_a_variant_that_is_right_is_told():
    """It passes the test that should kill it, also under another name."""

    def same(z_i, z_j, temperature=0.5):
        return simclr_loss(z_i, z_j, temperature)

    assert f"tried is accepted by {BY_HAND}" in judged(same)


def test_a_variant_that_does_not_run_is_no_mistake():
    """A function that fails with a NameError is rejected for the wrong reason."""

    def broken(z_i, z_j, temperature=0.5):
        return not_defined(z_i)  # noqa: F821

    assert "tried is broken rather than wrong" in judged(broken)
    assert "tried is accepted" in judged(lambda *_: 1 / 0)


def test_a_test_or_a_name_that_is_not_there_is_told():
    assert "does not import MoCo" in judged(simclr_loss, of="MoCo")
    assert "there is no test" in judged(simclr_loss, test="tests/test_simclr.py::test_nothing")
    assert "there is no test" in judged(simclr_loss, test="tests/test_no.py::test_nothing")


def test_nothing_is_left_behind():
    """After a run the tests see the real function, the seed and the settings as before."""
    import hypothesis
    import test_simclr

    profile = hypothesis.settings.get_current_profile_name()
    state = torch.get_rng_state()
    assert not judged(lambda *_: torch.zeros(()))
    assert test_simclr.simclr_loss is simclr_loss
    assert hypothesis.settings.get_current_profile_name() == profile
    assert torch.equal(torch.get_rng_state(), state)


# --- the reader of the bank -----------------------------------------------------------------

ENTRY = {
    "title": "A title",
    "right": "return F.cross_entropy(logits, positives)",
    "wrong": "return -F.cross_entropy(logits, positives)",
    "test": "test_by_hand",
}
TOLD = {**ENTRY, **dict.fromkeys(register.STORY, "words")}


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

    def write(kind="bug", top='title = "SimCLR"', of="simclr_loss.one", **entry):
        for function in (register.families, register._read):
            function.cache_clear()
        lines = [top, f"[{kind}.{of}]", *(f"{key} = {toml(value)}" for key, value in entry.items())]
        (tmp_path / "bank" / "simclr.toml").write_text("\n".join(lines), encoding="utf-8")
        return register.family("simclr").variants[0]

    yield write
    for function in (register.families, register._read):
        function.cache_clear()


def test_a_bug_is_read_and_made(written):
    bug = written(**ENTRY)
    z = torch.eye(3)
    assert bug.of == "simclr_loss" and not bug.accepted and not bug.has_story
    assert bug.test == "tests/test_simclr.py::test_by_hand"
    assert register.patched(bug)(z, z) == -lesson_code.simclr_loss(z, z)
    assert register.find("one") == bug


@pytest.mark.parametrize("lacking", [*register.STORY, "title", "test"])
def test_a_text_that_is_missing_is_told(written, lacking):
    entry = {key: text for key, text in TOLD.items() if key != lacking}
    with pytest.raises(BankError, match=f"simclr.toml, one: {lacking} is missing"):
        written(**entry)
    with pytest.raises(BankError, match=f"{lacking} is missing"):
        written(**{**TOLD, lacking: "  "})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"probe": "one"}, "symptom is missing"),
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


def test_a_right_text_is_that_of_the_entry_above(written):
    """And whoever records what was read hears of both entries."""
    written(top='title = "SimCLR"\ntest.simclr_loss = "test_it"', **{**ENTRY, "test": "test_other"})
    path = register.BANK / "simclr.toml"
    second = '\n[bug.simclr_loss.two]\ntitle = "Two"\nwrong = "2 + "\n'
    path.write_text(path.read_text("utf-8") + second, encoding="utf-8")
    register._read.cache_clear()
    one, two = register.family("simclr").variants
    assert two.changes[0].right == one.changes[0].right and two.changes[0].wrong == "2 + "
    assert two.test == "tests/test_simclr.py::test_it"
    assert two.places == ("bug.simclr_loss.two", "bug.simclr_loss.one")


def test_a_bad_file_is_told(written):
    with pytest.raises(BankError, match="simclr.toml"):
        written(top="title =", **ENTRY)
    with pytest.raises(BankError, match="title is missing"):
        written(top="", **ENTRY)
    with pytest.raises(BankError, match="unknown key 'titel'"):
        written(top='titel = "SimCLR"', **ENTRY)


def test_a_convention_is_accepted(written):
    entry = {key: ENTRY[key] for key in ("title", "right", "wrong")}
    bug = written(kind="convention", says="What is different.", **entry)
    assert bug.accepted and bug.says == "What is different."
    assert register.bugs_of("simclr_loss") == () and register.bugs_of("simclr_loss", True) == (bug,)


def test_a_patch_applies_whatever_a_comment_says(written, tmp_path):
    """Beside the very line that it changes, and above it."""
    bug = written(**ENTRY)
    before = register.right_and_wrong(bug)
    path = tmp_path / "simclr.py"
    line = next(line for line in path.read_text().splitlines() if ENTRY["right"] in line)
    indent = line[: len(line) - len(line.lstrip())]
    code = line.partition("  #")[0]
    edited = f"{indent}# Another reason.\n{code}  # (another, shape)"
    path.write_text(path.read_text().replace(line, edited))
    assert "(another, shape)" in path.read_text()
    assert register.right_and_wrong(bug) == before and before[0] != before[1]
    assert callable(register.patched(bug))


def test_an_unknown_name_is_told():
    with pytest.raises(BankError, match="no family 'simcl'"):
        register.family("simcl")
    with pytest.raises(BankError, match="did you mean own-diagonal"):
        register.find("own-diagonl")


def test_bugs_of_different_functions_do_not_mix():
    two = BUGS[0], next(bug for bug in BUGS if bug.family != BUGS[0].family)
    with pytest.raises(BankError, match="different functions"):
        register.patched(*two)
