"""Notebooks and scripts: the cells of a page, in its order, with its numbers and outputs."""

from __future__ import annotations

import json
import xml.etree.ElementTree as etree

import pytest
from bookbuild import pages, take_home, whole_book
from bookbuild.results import Result
from rendering import keep
from small_book import Book

PAGE = """
    ---
    tags: [loss]
    ---

    # Loss

    See [the other page](other.md#there) and [the paper](https://example.org) [@known, Table 1].
    It falls to {{ l0/loss.low | .1f }} [bug](m.md#it-rises){ .what-if title="What if not?" }.

    //// details | A side path

    ```python
    --8<-- "lesson_code/examples/l0/loss.py:show"
    ```

    /// output | l0/loss
    ///

    /// figure | l0/loss:curve
        play: slider
    It falls
    to {{ l0/loss.low | .1f }}.
    ///

    ////

    /// quiz | one
    Not here?
    ///

    ```sh
    ls
    ```

    The end.

    *[EMA]: exponential moving average
"""
CODE = """
    # --8<-- [start:show]
    def low():
        \'\'\'The lowest.

        More of it.
        \'\'\'
        return 0.5


    print(low())
    # --8<-- [end:show]
"""


@pytest.fixture
def cells(book: Book) -> list[take_home.Cell]:
    book.example("loss", CODE)
    keep(book, "l0/loss", Result("0.5\n", {}, {}, {"low": 0.5}))
    return take_home.cells(book.root, pages.page(book.root, book.page(PAGE, "deep/loss.md")))


def test_prose_keeps_numbers_and_leaves_what_only_a_page_shows(cells: list[take_home.Cell]) -> None:
    origin, before, _, after = cells
    assert "CC BY 4.0" in origin.text
    assert before.text == (
        "# Loss\n\nSee the other page and [the paper](https://example.org) [known, Table 1].\n"
        "It falls to 0.5.\n\n**A side path**"
    )
    figure = "*Figure on the page:* It falls to 0.5."
    assert after.text == f"{figure}\n\n```sh\nls\n```\n\nThe end."


def test_code_is_what_is_shown_with_what_it_prints(cells: list[take_home.Cell]) -> None:
    (code,) = (cell for cell in cells if cell.is_code)
    assert code.text == "def low():\n    '''The lowest.'''\n    return 0.5\n\n\nprint(low())"
    assert code.output == "0.5\n"


def test_a_notebook_is_of_format_4_5(cells: list[take_home.Cell]) -> None:
    whole = json.loads(take_home.notebook(cells))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert [cell["cell_type"] for cell in whole["cells"]] == ["markdown"] * 2 + ["code", "markdown"]
    assert len({cell["id"] for cell in whole["cells"]}) == 4
    code = whole["cells"][2]
    assert code["outputs"] == [{"output_type": "stream", "name": "stdout", "text": ["0.5\n"]}]
    assert code["execution_count"] == 1
    for cell in (whole["cells"][0], whole["cells"][3]):
        assert cell.keys() == {"cell_type", "id", "metadata", "source"}


def test_a_script_runs_and_says_what_it_prints(cells: list[take_home.Cell], capsys) -> None:
    text = take_home.script(cells)
    exec(compile(text, "script", "exec"), {})
    assert capsys.readouterr().out == "0.5\n"
    assert "\n# Prints:\n# 0.5\n" in text
    assert text.count("# %% [markdown]\n") == 3


def test_files_follow_the_pages(book: Book, cells: list[take_home.Cell]) -> None:
    book.page("# No code", "bare.md")
    take_home.write(book.root, book.root / "site")
    folder = book.root / "site/take-home"
    made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert made == ["deep/loss.ipynb", "deep/loss.py"]
    book.page("# No code any more", "deep/loss.md")
    take_home.write(book.root, book.root / "site")
    assert not list(folder.rglob("*.*"))


def test_a_folder_s_page_lies_beside_the_folder(book: Book) -> None:
    page = pages.page(book.root, book.page("# Index", "deep/index.md"))
    assert take_home.address(page) == "take-home/deep"


CHANGES = """# Changelog
## 0.2.0
- A lab: it trains *fast*,
  and & knows <no> [limits](lab.md).
## 0.1.0
- The first pages.
- More.
"""


def test_the_changelog_is_a_feed_where_the_site_has_an_address(book: Book, monkeypatch) -> None:
    (book.root / "CHANGELOG.md").write_text(CHANGES)
    file = book.root / "site/take-home/changes.xml"
    take_home.write(book.root, book.root / "site")
    assert not file.exists()
    monkeypatch.setenv("BOOK_URL", "https://example.org/a&b/")
    take_home.write(book.root, book.root / "site")
    feed = etree.fromstring(file.read_text(encoding="utf-8"))
    items = [{part.tag: part.text for part in item} for item in feed.iter("item")]
    assert [item["title"] for item in items] == ["A lab", "The first pages", "More"]
    assert items[0]["description"] == "A lab: it trains fast, and & knows <no> limits."
    assert [item["category"] for item in items] == ["0.2.0", "0.1.0", "0.1.0"]
    assert len({item["guid"] for item in items}) == 3
    assert {item["link"] for item in items} == {"https://example.org/a&b/"}


def test_a_notebook_says_how_to_get_the_code_that_it_imports(book: Book, monkeypatch) -> None:
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/owner/name")
    for line, told in (("from lesson_code import lab", True), ("import os  # lesson_code", False)):
        book.example("loss", f"\n# --8<-- [start:show]\n{line}\n# --8<-- [end:show]\n")
        page = pages.page(book.root, book.page(PAGE, "deep/loss.md"))
        keep(book, "l0/loss", Result("", {}, {}, {"low": 0.5}))
        first = take_home.cells(book.root, page)[0].text
        assert ("`pip install git+https://github.com/owner/name`" in first) == told


def test_the_book_has_the_pages_of_the_navigation_and_leaves_out_the_sites_own() -> None:
    inner = [{"Overview": "a/index.md"}, {"One": "a/one.md"}]
    nav = [{"Home": "index.md"}, {"Learn": [{"First": "first.md"}, {"A": inner}]}]
    nav += [{"Reference": [{"Lab": "reference/lab.md"}, {"Words": "reference/words.md"}]}]
    found = [tuple(entry.values()) for entry in whole_book.entries(nav)]
    assert found == [
        ("first/", "First", "Learn"),
        ("a/", "Overview", "A"),
        ("a/one/", "One", ""),
        ("reference/words/", "Words", "Reference"),
    ]
