"""Words and letters that a page uses before the page that introduces them."""

import pytest
from bookbuild import introduced, pages, project
from small_book import Book

NAV = """nav:
  - Home: index.md
  - Learn:
      - One: module-1/one.md
      - Two: module-1/b/two.md
  - Lab: lab/index.md
theme: {}
"""
WORDS = """
[view]
says = "A changed image."
also = ["views"]

["linear probe"]
says = "A layer."
"""
TWO = """
# Two

<!-- introduces: view, linear probe -->
Two *views*, and a linear
probe.

| Letter | Meaning |
|---|---|
| $N, x_i$ | images, and one of them |
"""


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What is wrong with a first page before ``TWO``, or another second one."""
    monkeypatch.setattr(project, "root", lambda *_: tmp_path)
    book = Book(tmp_path)
    (tmp_path / "mkdocs.yml").write_text(NAV, encoding="utf-8")
    (tmp_path / "docs/glossary.toml").write_text(WORDS, encoding="utf-8")
    book.page("A view.", "index.md")
    book.page("A view of $q$.", "lab/index.md")

    def ask(one: str, two: str = TWO) -> list[str]:
        book.page(one, "module-1/one.md")
        book.page(two, "module-1/b/two.md")
        found = introduced.problems(tmp_path, pages.pages(tmp_path))
        return sorted(f"{path}:{line}: {message}" for path, line, message in found)

    return ask


@pytest.mark.parametrize("use", ["A view.", "- Views", "| *views* |", "/// note\nA view"])
def test_a_word_before_its_time_is_told_with_both_places(told, use):
    (problem,) = told(f"# One\n\n{use}")
    assert problem.startswith("docs/module-1/one.md:")
    assert "'view' is introduced only at docs/module-1/b/two.md:4" in problem


def test_the_line_is_that_of_the_use(told):
    (problem,) = told("# One\n\nA line, and then a linear\nprobe.")
    assert problem.startswith("docs/module-1/one.md:3: 'linear probe'")


@pytest.mark.parametrize(
    "no_use",
    [
        "",
        "A review, `view`, <!-- view --> and $N$-view.".replace("$N$", "a"),
        "```text\nview\n```",
        "[a view](b/two.md#two) and another view, in one passage.",
        "| [two](b/two.md) | What is a view? |",
        "/// checklist | l\n- I know a view.\n///",
        "[@view, Section 1] and [a page](view.md)",
    ],
)
def test_code_links_there_and_checklists_are_no_use(told, no_use):
    assert told(no_use and f"# One\n\n{no_use}") == []


def test_a_link_counts_for_its_own_passage_and_page_alone(told):
    assert len(told("[a view](b/two.md)\n\nA view.")) == 1
    assert len(told("- [a view](b/two.md)\n- A view.")) == 1
    assert len(told("[a view](../lab/index.md)")) == 1


def test_a_letter_is_told_before_its_table_and_if_there_is_none(told):
    early, never = told("Of $N$ images, $\\mathrm{sum}\\; e^{-\\pi} \\sqrt{\\theta}$.")
    assert "the letter $N$ is introduced only at docs/module-1/b/two.md:10" in early
    assert r"the letter $\theta$ is introduced nowhere" in never


def test_a_letter_may_be_explained_anywhere_on_its_page_and_again_later(told):
    assert told("$$\nN\n$$\n\n<!-- introduces: $N$ -->\nwhere $N$ counts.") == []
    assert len(told("| $N$ | 12.5 |")) == 1  # a row of results declares nothing


def test_a_declaration_must_stand_where_the_word_is_and_know_it(told):
    wrong = "<!-- introduces: view, linear probe, thing, $N$ -->\nOnly a view.\n\nA linear probe."
    problems = told("# One", wrong)
    assert len(problems) == 3
    assert "'thing', which is no word of docs/glossary.toml" in " ".join(problems)
    assert "'linear probe', which its passage does not hold" in " ".join(problems)


def test_every_word_of_the_glossary_is_introduced(told):
    (problem,) = told("# One", "<!-- introduces: view -->\nA view.")
    assert problem.startswith("docs/glossary.toml:1: no lesson page introduces 'linear probe'")
