"""The bug bank and the exercises on pages."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bookbuild import bank, pages, results
from bookbuild.project import BookError
from bookbuild.results import Result
from bookbuild.tables import checked
from rendering import convert
from small_book import Book

ROOT = Path(__file__).resolve().parents[2]

CONCEPT = '''
    """A concept."""

    import torch


    def halve(x):
        """Halve a number.

        Args:
            x: any.
        """
        # the right half
        return x / 2


    class Counter:
        """Count calls."""

        def count(self):
            """Count one."""
            self.n += 1
'''
FAMILY = """
title = "Halves"

[bug.halve.doubled]
title = "Doubles *instead*"
right = "x / 2"
wrong = "x * 2"
symptom = "Numbers grow."
why = "A wrong sign of $x^{-1}$."
see = "Try it with 1."
mend = "Divide."
seen_in_code = ["https://github.com/some/where/issues/7"]
asked_about_in = ["https://github.com/else/where/pull/8"]
assertion = "assert halve(torch.ones(1)) < F.relu(torch.ones(1))"
test = "tests/test_halves.py::test_half"
probe = "one"

[bug.halve.kept]
title = "Keeps | it whole"
right = "x / 2"
wrong = "x"
test = "test_half"

[convention.halve.of-whole]
title = "Floor"
right = "x / 2"
wrong = "x // 2"
says = "It rounds down."
"""
EXERCISES = """
[halve]
family = "halves"
page = "lesson/page.md"
hints = ["Divide it.", "By 2."]
"""
ROW = ["doubled", "one | two", "x = 1\ny = 2", "value", "0.5", "2"]
OTHER = ["kept", "one | two", "x = 1", "value", "0.5", "1"]


@pytest.fixture
def small(book: Book) -> Book:
    """A book with one concept, its bugs, its exercise and its museum's result."""
    names = book.module("__init__", "")
    names.with_suffix(".pyi").write_text("from lesson_code.halves import halve\n")
    book.module("halves", CONCEPT)
    book.module("bugs/__init__", "")
    (book.root / "lesson_code/checker/bank").mkdir(parents=True, exist_ok=True)
    for reader in (bank.READER, bank.CONTENTS):
        shutil.copy(ROOT / reader, book.root / reader)
    (book.root / "lesson_code/checker/bank/halves.toml").write_text(FAMILY)
    (book.root / "lesson_code/checker/exercises.toml").write_text(EXERCISES)
    (book.root / bank.MISTAKES).write_text('"Not | halved" = ["doubled", "kept"]\n')
    write_result(book, ROW, OTHER)
    write_run(book, ["halves", "", *([1.0, 0.1] for _ in range(5))])
    return book


def write_result(book: Book, *rows: list[str]) -> None:
    columns = dict.fromkeys(["Bug", "Probe", "Arguments", "Seen", "Published", "Bug's"], "")
    table = checked({"columns": columns, "rows": [list(row) for row in rows]})
    results.write(book.root, "museum/symptoms", Result(tables={"halves": table}))


def write_run(book: Book, *rows: list[object]) -> None:
    """What the lab measured: a row without a bug, then those with one."""
    columns = {"Method": "", "Bug": ""} | dict.fromkeys(
        ["first", "last", "std", "rank", "knn"], ".2f"
    )
    table = checked({"columns": columns, "rows": [list(row) for row in rows]})
    results.write(book.root, "museum/measured", Result(tables={"measured": table}))


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"<[^>]+>", "", html)


class TestBugs:
    def test_a_bug_is_shown_with_all_that_the_bank_knows(self, small: Book) -> None:
        html = convert("/// bugs | halves\n///\n", repository="")
        assert '<h3 id="doubled">Doubles <em>instead</em></h3>' in html
        assert "Numbers grow." in html and "Try it with 1." in html and "Divide." in html
        assert re.search(r'class="right"[^>]*><b>right </b>return x <mark>/</mark> 2<', html)
        assert re.search(r'class="wrong"[^>]*><b>wrong </b>return x <mark>&#42;</mark> 2<', html)
        assert "one | two" in html and "<code>0.5</code>" in html and "<code>2</code>" in html
        assert "x = 1\ny = 2" in html
        assert "test_half" in html and "tests/test_halves.py" in html
        link = '<a href="https://github.com/some/where/issues/7">some/where#7</a>'
        asked = '<a href="https://github.com/else/where/pull/8">else/where#8</a>'
        assert f"Seen in code: {link}. Asked about in: {asked}." in html
        assert "python -m lesson_code check halve my_halve.py" in plain(html)

    def test_a_bug_without_a_story_is_a_row(self, small: Book) -> None:
        html = convert("/// bugs | halves\n///\n")
        row = next(row for row in html.split("<tr>") if 'id="kept"' in row)
        assert "Keeps | it whole" in row and "right <code>x / 2</code>" in row
        assert "wrong <code>x</code>" in row
        assert "<code>0.5</code>" in row and "<code>1</code>" in row
        assert 'id="doubled"' not in row

    def test_what_the_lab_measured_is_told_and_what_it_did_not_is_said_too(
        self, small: Book
    ) -> None:
        assert "By argument; not measured." in convert("/// bugs | halves\n///\n")
        right = ["halves", "", *([1.0, 0.1] for _ in range(5))]
        write_run(small, right, ["halves", "doubled", 5.0, 2.0, 0.5, 3.0, 0.75])
        text = plain(convert("/// bugs | halves\n///\n"))
        assert "loss from 5.00 to 2.00, std 0.50, rank 3.0, k-NN 0.750; without it, loss" in text
        assert "By argument" not in text

    def test_what_was_seen_in_code_comes_first_and_what_ends_a_run_last(self, small: Book) -> None:
        story = FAMILY.split("[bug.halve.kept]")[0].partition("[bug.halve.doubled]")[2]
        unseen = re.sub(r"(seen_in_code|asked_about_in) = .*\n", "", story)
        path = small.root / "lesson_code/checker/bank/halves.toml"
        bugs = f"[bug.halve.unseen]{unseen}\n[bug.halve.doubled]{story}\n[bug.halve.loud]{story}"
        path.write_text('title = "Halves"\n' + bugs)
        small.root.joinpath(bank.MISTAKES).write_text("")
        loud = ["loud", *ROW[1:-1], "ValueError: no"]
        write_result(small, ["unseen", *ROW[1:]], ROW, loud)
        html = convert("/// bugs | halves\n///\n")
        places = [html.index(f'<h3 id="{name}"') for name in ("doubled", "unseen", "loud")]
        assert places == sorted(places)

    def test_a_mistake_of_several_functions_is_one_row(self, small: Book) -> None:
        html = convert("/// bugs | halves\n///\n", page="museum/halves.md")
        assert '<a href="index.md#same-doubled">Not | halved</a>' in html
        html = convert("/// mistakes | all\n///\n", page="museum/index.md")
        row = next(row for row in html.split("<tr>") if 'id="same-doubled"' in row)
        assert 'href="halves.md#doubled"' in row and 'href="halves.md#kept"' in row

    def test_an_assertion_can_be_pasted(self, small: Book) -> None:
        html = convert("/// bugs | halves\n///\n")
        code = plain(html[html.index("The assertion") :])
        for line in (
            "import torch\n",
            "import torch.nn.functional as F\n",
            "from lesson_code import halve\n",
        ):
            assert line in code
        assert code.index("import torch\n") < code.index("assert halve")

    def test_a_convention_is_shown_with_what_it_changes(self, small: Book) -> None:
        html = convert("/// bugs | halves\n///\n")
        assert 'id="of-whole"' in html and "It rounds down." in html
        assert "return x /<mark>/</mark> 2" in html

    def test_no_comment_line_of_the_code_becomes_a_heading(self, small: Book) -> None:
        assert convert("/// bugs | halves\n///\n").count("<h1") == 0

    def test_a_change_of_the_bank_is_seen(self, small: Book) -> None:
        convert("/// bugs | halves\n///\n")
        (small.root / "lesson_code/checker/bank/halves.toml").write_text(
            FAMILY.replace("Numbers grow.", "Numbers become larger.")
        )
        assert "Numbers become larger." in convert("/// bugs | halves\n///\n")

    @pytest.mark.parametrize(
        ("page", "message"),
        [
            ("/// bugs | thirds\n///\n", "no family 'thirds'"),
            ("/// bugs | halves\ntext\n///\n", "holds nothing"),
            ("/// bugs | halves\n", "never closed"),
            ("/// pitfalls | third\n///\n", "no bug of 'third'"),
            ("/// exercises | nowhere\n///\n", "no exercise is explained in 'nowhere'"),
        ],
    )
    def test_a_bad_block_is_told(self, small: Book, page: str, message: str) -> None:
        with pytest.raises(BookError, match=message):
            convert(page)

    def test_a_result_that_does_not_know_the_bug_is_told(self, small: Book) -> None:
        write_result(small, ["other", *ROW[1:]])
        with pytest.raises(BookError, match="no row for doubled.*accept museum/symptoms"):
            convert("/// bugs | halves\n///\n")

    def test_a_patch_that_no_longer_fits_is_told(self, small: Book) -> None:
        small.module("halves", CONCEPT.replace("x / 2", "x * 0.5"))
        with pytest.raises(BookError, match="occurs 0 times"):
            convert("/// bugs | halves\n///\n")

    def test_blocks_in_fences_are_left_alone(self, small: Book) -> None:
        html = convert("```text\n/// bugs | halves\n///\n```\n")
        assert "/// bugs | halves" in html and "Numbers grow." not in html

    def test_the_page_counts_as_showing_the_result(self, small: Book) -> None:
        path = small.page("# Bugs\n\n/// bugs | halves\n///\n", "museum/halves.md")
        (use,) = pages.page(small.root, path).uses
        assert (use.kind, use.example, use.part) == ("table", "museum/symptoms", "halves")


class TestPitfalls:
    def test_they_link_to_the_museum(self, small: Book) -> None:
        html = convert("/// pitfalls | halve\n///\n", page="lesson/page.md")
        assert '<a href="../museum/halves.md#doubled">Doubles <em>instead</em></a>' in html
        assert "2 known bugs of this function" in plain(html)
        assert '<a href="../museum/halves.md#others">1 more in the museum</a>' in html
        assert "python -m lesson_code check halve my_halve.py" in plain(html)


class TestExercises:
    def test_they_are_listed_with_their_hints(self, small: Book) -> None:
        html = convert("/// exercises | lesson\n///\n", page="lesson/exercises.md")
        assert '<h2 id="halve">' in html and "Halve a number." in html
        assert "Hint 1 of 2" in html and "Divide it." in html and "By 2." in html
        assert '<a href="page.md">Explained here</a>' in html
        assert "python -m lesson_code exercise start halve" in plain(html)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("hints", "clues", "hints"),
            ("page =", "place =", "place"),
            ("[halve]", "[half]", "'half' is not in list"),
            ("]\n", "\n", "exercises.toml: "),
        ],
    )
    def test_what_cannot_be_read_is_told(
        self, small: Book, old: str, new: str, message: str
    ) -> None:
        told = small.root / "lesson_code/checker/exercises.toml"
        told.write_text(EXERCISES.replace(old, new))
        with pytest.raises(BookError, match=message):
            bank.exercises(small.root)


def test_the_real_bank_and_exercises_are_read() -> None:
    names = {exercise.name for exercise in bank.exercises(ROOT)}
    assert {"simclr_loss", "MoCo", "dino_loss"} <= names
    assert bank.bugs_of(ROOT, "simclr_loss")
    for exercise in bank.exercises(ROOT):
        assert exercise.summary and exercise.hints
