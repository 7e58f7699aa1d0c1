"""The files that a site without a repository's address brings along."""

from __future__ import annotations

import html
import re

from bookbuild import source_files
from rendering import convert
from small_book import Book

CODE = '''"""Doc <string> & more."""


def f(x: int) -> int:
    """Two
    lines."""
    return x + 1
'''


def test_every_line_is_there_under_its_number(book: Book) -> None:
    book.module("deep/alpha", CODE)
    source_files.ensure(book.root)
    text = (book.root / "docs/source/lesson_code/deep/alpha.py.html").read_text()
    lines = re.findall(r'<span id="L(\d+)">(.*?)</span>', text)
    assert [int(number) for number, _ in lines] == list(range(1, 8))
    assert [html.unescape(line) for _, line in lines] == CODE.splitlines()
    assert source_files.address("lesson_code/deep/alpha.py", 4).endswith("alpha.py.html#L4")


def test_an_edit_is_taken_over_and_what_went_goes(book: Book) -> None:
    file = book.module("alpha", CODE)
    source_files.ensure(book.root)
    page = book.root / "docs/source/lesson_code/alpha.py.html"
    before = page.stat().st_mtime_ns
    source_files.ensure(book.root)
    assert page.stat().st_mtime_ns == before, "an equal page was written again"
    file.write_text("y = 2\n")
    source_files.ensure(book.root)
    assert "y = 2" in page.read_text()
    file.unlink()
    source_files.ensure(book.root)
    assert not page.exists()


def test_they_are_made_for_a_book_without_a_repository_only(book: Book) -> None:
    convert("# Page", repository="https://host/name")
    assert not (book.root / "docs/source").exists()
    convert("# Page")
    assert (book.root / "docs/source/lesson_code/__init__.py.html").is_file()
