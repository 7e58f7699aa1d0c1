"""Numbers typed in prose: found where nothing stands for them, and nowhere else."""

from __future__ import annotations

import pytest
from bookbuild.lint import problems
from bookbuild.pages import page
from bookbuild.typed import typed
from small_book import Book


def found(book: Book, text: str, name: str = "lab/page.md") -> list[str]:
    path = book.page(f"# Page\n\n{text}\n", name)
    return [number for _, number in typed(book.root, page(book.root, path))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The error is 0.018 here.", "0.018"),
        ("It reaches .55 at most.", ".55"),
        ("It reaches 93% of them.", "93%"),
        ("It reaches 93.5 percent.", "93.5 percent"),
        ("A queue of 32 MiB.", "32"),
        ("- a list, with −0.7\n- in it", "0.7"),
        ("| a | b |\n|---|---|\n| x | 0.25 |", "0.25"),
        ("Cited before [@moco, Table 1].\n\nNot any more: 0.5 [@moco].", "0.5"),
        ("<!-- typed: short -->\nIt is 0.5.", "0.5"),
        ("<!-- a comment that gives no reason -->\nIt is 0.5.", "0.5"),
        ("Lesson 1.3 says 2.5.", "2.5"),
    ],
)
def test_a_typed_number_is_found(book: Book, text: str, number: str) -> None:
    assert found(book, text) == [number]
    assert found(book, text, "module-1/page.md") == [number]
    assert found(book, text, "about.md") == []


@pytest.mark.parametrize(
    "text",
    [
        "It is {{ l0/loss.low | .2f }}.",
        "It is 69.3% [@simclr, Table 6].",
        "Published [@moco, Table 1]:\n\n| m | 0.9 |\n|---|---|\n| a | 55.2 |",
        "With `lr=0.25` and $\\tau = 0.996$.",
        "$$\n0.5 + 0.5\n$$",
        "```text\n0.5\n```",
        "/// quiz | Is it 0.5?\n- [x] 0.5\n    Yes: 50%.\n///",
        "Lesson 1.3, and what lies beyond 1.3; Sections 3.1 and 5.3.",
        "A figure under CC BY-SA 4.0, with 95% intervals.",
        "[a link](https://example.org/v1.5/page) and torch 2.11.0.",
        "<!-- typed: an invented example -->\nSuppose that it is 0.5.",
        "<!-- a comment with 0.5 -->\nIn 300 steps of 1,097 images.",
    ],
)
def test_what_is_accounted_for_is_not(book: Book, text: str) -> None:
    assert found(book, text) == []


def test_a_setting_that_the_page_shows(book: Book) -> None:
    book.module("rates", "# --8<-- [start:RATES]\nRATES = (0.03, 8e-3)\n# --8<-- [end:RATES]\n")
    shown = '```python\n--8<-- "lesson_code/rates.py:RATES"\n```\n\n'
    assert found(book, f"{shown}Between 0.008 and 0.03, that is 3%, and 0.04.") == ["0.04"]


def test_lint_names_the_line_and_the_remedy(book: Book) -> None:
    book.page("# Page\n\nAbout\n0.5 of them.\n", "lab/page.md")
    (problem,) = [line for line in problems(book.root) if "typed in prose" in line]
    assert problem.startswith("docs/lab/page.md:4: 0.5 is typed")
    assert "<!-- typed: ... -->" in problem
