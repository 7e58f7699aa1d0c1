"""The command on a book of one function, with mutmut at work, and its record."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bookbuild import results
from helpers import PATIENCE
from proofs.mutation import published, record, slices
from proofs.mutation.__main__ import _parser
from proofs.mutation.outcomes import Count, NotJudgedError, count, read
from proofs.mutation.record import Kept
from small_concept import fill

ROOT = Path(__file__).resolve().parents[2]
LINE = "return total if total < 10 else 10"
SURVIVOR = ("add", "add", LINE, LINE.replace("<", "<="))


def mutate(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "proofs.mutation", "--processes", "2", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENCE)


def explain(root: Path, *keys: tuple[str, str, str, str]) -> None:
    """Give each survivor a reason."""
    text = record.blank(keys).replace("reason = ''", "reason = 'The same number.'")
    (root / record.REASONS).write_text(text)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A small book whose mutants are judged, its one survivor explained."""
    root = tmp_path_factory.mktemp("book")
    fill(root)
    explain(root, SURVIVOR)
    done = mutate(root, "--record")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def book(recorded, tmp_path) -> Path:
    """A copy of it, with what mutmut has made so far."""
    shutil.copytree(recorded, tmp_path / "book")
    return tmp_path / "book"


def test_every_mutant_is_counted_once(book):
    kept = record.load(book)["add:add"]
    assert kept.survivor_keys() == {SURVIVOR}
    assert kept.count.mutants == sum(kept.count.row()[1:])
    assert kept.count.survived == 1
    assert kept.count.broken == 1  # total = None
    assert kept.count.score == 1 - 1 / (kept.count.mutants - 1)
    assert record.problems(book) == []


def test_the_tables_of_the_record(book):
    raw = json.loads((book / "lesson_code/results/mutation/concepts/result.json").read_text())
    assert raw["tables"]["survivors"]["rows"] == [[*SURVIVOR[1:], "The same number."]]
    assert raw["values"]["mutants"] == raw["tables"]["listings"]["rows"][0][2]
    assert raw["values"]["score"] == pytest.approx(raw["tables"]["listings"]["rows"][0][1])


def test_a_second_run_judges_nothing_again(book):
    log = book / ".bookcache/mutation/add/mutmut.log"
    log.unlink()
    done = mutate(book)
    assert done.returncode == 0
    assert "1 survived" in done.stdout
    assert not log.exists()


def test_a_weaker_test_lets_a_new_one_survive(book):
    path = book / "tests/test_add.py"
    path.write_text(path.read_text().replace("    assert add(5, 5.5) == 10\n", ""))
    done = mutate(book, "--listing", "add")
    assert done.returncode == 1
    assert "mutated = 'return total if total < 11 else 10'" in done.stdout
    assert "<= 10" not in done.stdout  # this one is known


def test_a_stronger_test_is_told(book):
    path = book / "tests/test_add.py"
    path.write_text(path.read_text() + "    assert isinstance(add(5.0, 5), int)\n")
    done = mutate(book, "add")
    assert "killed now, though a survivor is kept" in done.stdout
    assert "./scripts/mutate --record add" in done.stdout


def test_a_survivor_without_a_reason_is_new(book):
    (book / record.REASONS).write_text("")
    done = mutate(book)
    assert done.returncode == 1
    assert record.blank([SURVIVOR]) in done.stdout


def test_the_slice_begins_from_nothing(book):
    done = mutate(book, "--slice")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "add:add" in done.stdout
    assert (book / ".bookcache/mutation-slice/add/mutmut.log").exists()


def test_reasons_alone_reach_the_record(book):
    path = book / record.REASONS
    path.write_text(path.read_text().replace("The same number.", "Ten is ten."))
    (problem,) = record.problems(book)
    assert problem.endswith("run ./scripts/mutate --reasons")
    assert mutate(book, "--reasons").returncode == 0
    assert record.problems(book) == []


def test_tests_that_fail_without_a_mutant_are_an_error(book):
    path = book / "tests/test_add.py"
    path.write_text(path.read_text().replace("== 5", "== 6"))
    done = mutate(book)
    assert done.returncode == 2
    assert "mutmut failed on add" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["addition"], "no concept 'addition'; there are: add"),
        (["--listing", "addition"], "no listing 'addition'; there are: add"),
    ],
)
def test_a_wrong_name_is_answered_with_those_there_are(small, arguments, says):
    done = mutate(small, *arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_the_commands_of_the_contributing_page_exist():
    text = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\| `./scripts/mutate ([^`]*)` \| ", text, re.MULTILINE)
    options = [_parser().parse_args(re.sub(r"\[.*\]", "dino ema", one).split()) for one in commands]
    assert [one.concepts for one in options[:3]] == [["dino", "ema"], ["moco"], ["dino", "ema"]]
    assert options[1].listing == ["MoCo"]
    assert [one.record for one in options] == [False, False, True, False, False]
    assert options[3].reasons and options[4].slice


# What the verdicts of mutmut mean


def verdicts(folder: Path, codes: dict[str, int | None], errors: dict[str, str]) -> Path:
    """Put exit codes of mutants, and the errors of their first failures, into a finished folder."""
    meta = folder / "mutants/lesson_code/add.py.meta"
    raw = json.loads(meta.read_text())
    names = list(raw["exit_code_by_key"])
    raw["exit_code_by_key"] = dict(zip(names, codes.values(), strict=False))
    meta.write_text(json.dumps(raw))
    for name, error in zip(names, errors.values(), strict=False):
        note = folder / "mutants/noticed" / f"{name}.json"
        note.write_text(json.dumps({"test": "t", "error": [error, "Exception"]}))
    return folder


@pytest.mark.parametrize(
    ("code", "error", "status"),
    [
        (1, "AssertionError", "killed"),
        (1, "ValueError", "killed"),
        (1, "IndexError", "killed"),
        (1, "TypeError", "broken"),
        (1, "UnboundLocalError NameError", "broken"),
        (36, "AssertionError", "timed out"),
        (-24, "AssertionError", "timed out"),
        (0, "AssertionError", "survived"),
        (33, "AssertionError", "survived"),
    ],
)
def test_a_verdict_by_exit_code_and_first_error(book, code, error, status):
    folder = verdicts(book / ".bookcache/mutation/add", {"a": code}, {"a": error.split()[-1]})
    (mutant,) = read("add", published.of("add", book), folder)
    assert mutant.status == status


@pytest.mark.parametrize("code", [None, 2, -11])
def test_no_verdict_is_an_error(book, code):
    folder = verdicts(book / ".bookcache/mutation/add", {"a": code}, {})
    with pytest.raises(NotJudgedError):
        read("add", published.of("add", book), folder)


def test_the_score_leaves_out_what_cannot_run():
    assert Count(10, killed=5, timeouts=1, broken=2, survived=2).score == 0.75
    assert Count(3, broken=3).score is None
    assert count([]).score is None


# The slice


def listings(*names: str, code: str = "c") -> list[published.Listing]:
    return [published.Listing(*name.split(":"), (), code, "t") for name in names]


def kept(listing: published.Listing, mutants: int = 20, tests: str = "t") -> Kept:
    return Kept(listing.key, listing.code, tests, Count(mutants, killed=mutants), ())


NAMES = [f"c{n}:f{n}" for n in range(30)]


def test_the_slice_keeps_within_its_limit():
    every = listings(*NAMES)
    known = {one.key: kept(one) for one in every}
    chosen = slices.chosen(every, known)
    assert len({one.concept for one in chosen}) == slices.CONCEPTS
    assert sum(known[one.key].count.mutants for one in chosen) <= slices.MUTANTS


def test_what_has_new_tests_comes_first():
    every = listings(*NAMES)
    known = {one.key: kept(one, tests="old" if one.name == "f7" else "t") for one in every}
    for code in "abcd":
        again = listings(*NAMES, code=code)
        kept_now = {key: Kept(key, code, one.tests, one.count, ()) for key, one in known.items()}
        assert "c7:f7" in {one.key for one in slices.chosen(again, kept_now)}


def test_the_rest_takes_turns_as_the_code_changes():
    seen = set()
    for code in "abcdefghij":
        every = listings(*NAMES, code=code)
        seen |= {one.key for one in slices.chosen(every, {one.key: kept(one) for one in every})}
    assert len(seen) > 15


# The record of this book


def test_the_record_says_what_has_changed_and_every_survivor_has_its_reason():
    assert record.problems(ROOT) == []


def test_the_tests_notice_nearly_every_error():
    found = record.load(ROOT)
    total = sum((one.count for one in found.values()), Count())
    assert total.score >= 0.95
    for one in found.values():
        assert one.count.score is not None, one.listing
        # Of a dozen mutants, four that change nothing are a third.
        assert one.count.score >= 0.8 or one.count.survived <= 4, one.listing


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[survivor]]\nmodule = 'add'\n", "an entry has module, function"),
        (record.blank([SURVIVOR]) + record.blank([SURVIVOR]), "this mutant has two entries"),
    ],
)
def test_a_faulty_file_of_reasons_is_refused(small, text, says):
    (small / record.REASONS).write_text(text)
    with pytest.raises(record.RecordError, match=says):
        record.reasons(small)


def last_column(book):
    return [row[-1] for row in results.load(book, record.NAME).tables["listings"].rows]


def test_each_way_of_not_being_up_to_date_is_told(book):
    path = book / "lesson_code/add.py"
    right = path.read_text()
    assert record.problems(book) == [] and last_column(book) == ["yes"]
    path.write_text(right.replace("a + b", "b + a"))
    stale = "the record does not say what has changed since; run ./scripts/mutate --reasons"
    assert record.problems(book) == [stale]
    record.renew(book)
    assert record.problems(book) == [] and last_column(book) == ["no"]
    assert results.load(book, record.NAME).values["outdated"] == 1
    path.write_text(right.replace("add", "sum_of"))
    (gone,) = record.problems(book)
    assert gone.startswith("the record has add:add, which is no listing")
    path.write_text(right)
    record.renew(book)
    explain(book, SURVIVOR, ("add", "add", "x", "y"))
    (idle,) = record.problems(book)
    assert "no such mutant survives: ('add', 'add', 'x', 'y')" in idle
    (book / record.REASONS).write_text(record.blank([SURVIVOR]))
    (empty,) = record.problems(book)
    assert empty.endswith("is empty")
    (book / record.REASONS).write_text("")
    (lacking,) = record.problems(book)
    assert "gives no reason" in lacking


def test_a_reason_is_found_whatever_quotes_the_code_has(small):
    key = ("add", "add", """f('a', "b")""", "f('\\\\')")
    (small / record.REASONS).write_text(record.blank([key]).replace('reason = ""', "reason = 'x'"))
    assert set(record.reasons(small)) == {key}
