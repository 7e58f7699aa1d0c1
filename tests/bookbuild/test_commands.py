"""Results that a command makes, such as the figures of mutation testing: shown, quoted, checked."""

from __future__ import annotations

import re

import pytest
from bookbuild import lint, pages, project, results
from bookbuild.project import BookError
from bookbuild.results import Result
from bookbuild.tables import checked
from rendering import convert
from small_book import Book

NAME = "mutation/concepts"
TABLE = "/// table | mutation/concepts:listings\nA caption.\n///\n"
CLAIM = "All of {{ mutation/concepts.mutants | d }} are judged.\n"


@pytest.fixture
def kept(book: Book) -> Book:
    rows = [["simclr_loss", 0.975], ["MoCo", None]]
    table = checked({"columns": {"Listing": "", "Score": ".1%"}, "rows": rows})
    result = Result(values={"mutants": 34}, tables={"listings": table})
    result.provenance = {"seconds": 12.5, "date": "2026-03-04", "versions": {"mutmut": "3.8.1"}}
    results.write(book.root, NAME, result)
    return book


def test_a_page_shows_the_table_and_names_the_command(kept: Book) -> None:
    html = convert(TABLE)
    text = re.sub(r"<[^>]+>", "", html)
    assert "97.5%" in text
    assert "The command ./scripts/mutate made this on 2026-03-04 in 12.5 s with mutmut" in text
    assert 'data-cost="command"' in html
    assert "The code has changed" not in text


def test_a_sentence_quotes_a_value(kept: Book) -> None:
    assert ">34<" in convert(CLAIM)
    assert pages.quoted(kept.root, "{{ mutation/concepts.mutants | d }}").value == 34


def test_pages_that_show_everything_are_right(kept: Book) -> None:
    kept.page(f"# Page\n\n{TABLE}\n{CLAIM}")
    assert lint.problems(kept.root) == []


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("", "scripts/mutate:1: no page shows this example"),
        (TABLE, "scripts/mutate:1: no page quotes its value 'mutants'"),
        (CLAIM, "scripts/mutate:1: no page shows its table 'listings'"),
        (TABLE + CLAIM.replace("mutants", "score"), "has no value 'score'; it has: mutants"),
        (CLAIM + TABLE.replace(":listings", ":lists"), "has no table 'lists'; it has: listings"),
    ],
)
def test_what_no_page_shows_is_told(kept: Book, page: str, says: str) -> None:
    kept.page(f"# Page\n\n{page}\n")
    (problem,) = lint.problems(kept.root)
    assert says in problem


def test_without_a_record_the_problem_names_the_command(book: Book) -> None:
    says = "mutation/concepts has no result; make it with: ./scripts/mutate --record"
    with pytest.raises(BookError, match=says):
        convert(TABLE)
    book.page(f"# Page\n\n{TABLE}\n{CLAIM}")
    problems = lint.problems(book.root)
    assert len(problems) == 2
    assert all(says in problem for problem in problems)


def test_a_record_edited_by_hand_is_noticed_and_the_command_named(kept: Book) -> None:
    path = kept.result(NAME, "result.json")
    path.write_text(path.read_text().replace("0.975", "1.0"))
    with pytest.raises(BookError, match="changed by hand.*anew: ./scripts/mutate --record"):
        results.load(kept.root, NAME)


def test_the_runner_does_not_take_a_command_for_an_example(kept: Book) -> None:
    assert project.examples(kept.root) == []
    with pytest.raises(BookError, match="no example mutation/concepts"):
        project.named(kept.root, [NAME])
