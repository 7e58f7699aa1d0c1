"""How an example declares itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from bookbuild import project
from bookbuild.project import BookError, Example
from small_book import Book


def test_the_root_is_found_from_below(book: Book) -> None:
    below = book.root / "docs" / "deep"
    below.mkdir()
    assert project.root(below) == book.root.resolve()


def test_outside_a_book_the_message_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"mkdocs\.yml"):
        project.root(tmp_path)


def test_a_header_is_read(book: Book) -> None:
    name = book.example("it", "", 'cost = "lab"\nlimit = 300\nseed = 7\ntolerance = 0.01')
    path = book.root / "lesson_code/examples/l0/it.py"
    assert project.example(name, book.root) == Example(name, path, "lab", 300, 7, 0.01)


def test_an_empty_header_declares_a_quick_example(book: Book) -> None:
    assert project.example(book.example("it", "", ""), book.root).cost == "quick"


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("cost = 'huge'", "cost must be one of quick, lab, gpu"),
        ("color = 'red'", "not 'color'"),
        ("limit = 0", "limit must be above 0"),
        ("limit = true", "limit"),
        ("limit = 'long'", "limit"),
        ("tolerance = 2.0", "tolerance"),
        ("seed = 1.5", "seed"),
        ("seed 1", "not TOML"),
    ],
)
def test_a_wrong_header_is_refused(book: Book, declared: str, says: str) -> None:
    name = book.example("it", "", declared)
    with pytest.raises(BookError, match=says) as caught:
        project.example(name, book.root)
    assert "l0/it.py" in str(caught.value)


def test_no_header_is_refused(book: Book) -> None:
    book.module("examples/l0/it", "print(1)\n")
    with pytest.raises(BookError, match="no header"):
        project.examples(book.root)


@pytest.mark.parametrize("name", ["l0/nothing", "nothing", "../l0/it", "l0/It", ""])
def test_an_unknown_name_is_refused(book: Book, name: str) -> None:
    with pytest.raises(BookError, match="no example|no name"):
        project.example(name, book.root)
