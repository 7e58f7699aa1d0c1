"""Marks that no rule of Markdown took, and code by indentation, end the making of a page."""

from __future__ import annotations

import markdown
import pytest
from bookbuild.project import BookError
from rendering import EXTENSIONS, SETTINGS, _Where
from small_book import Book


def convert(text: str) -> str:
    extensions = [*EXTENSIONS, "bookbuild.markdown.leftovers"]
    md = markdown.Markdown(extensions=extensions, extension_configs=SETTINGS)
    md.treeprocessors.register(_Where("page.md"), "relpath", 0)
    return md.convert(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is {{ l0/it.x\n| d }} long.",
        "Open {{ l0/it.x | d.",
        "| a |\n| - |\n| x }} |",
        "Words.\n\n~~~~\nx\n",
        "Words.\n\n/// nosuchblock | x\n///\n",
    ],
)
def test_a_mark_that_is_left_is_told(book: Book, text: str) -> None:
    with pytest.raises(BookError, match=r"page.md: .* is left as it was written"):
        convert(text)


def test_two_equal_addresses_are_told(book: Book) -> None:
    assert convert('## A {#x}\n\n`<p id="x">`\n\n<!-- <p id="x"> -->')
    with pytest.raises(BookError, match=r"page.md: the address #x is there twice"):
        convert('## A {#x}\n\n<p id="x">a</p>')


@pytest.mark.parametrize("text", ["Words.\n\n    import torch", "\tx = 1", "- a\n\n        x = 1"])
def test_code_by_indentation_is_told(book: Book, text: str) -> None:
    with pytest.raises(BookError, match=r"page.md: a block of code by indentation"):
        convert(text)


@pytest.mark.parametrize(
    "text",
    [
        "`{{ x }}` and `~~~`",
        "```text\n{{ x }}\n/// quiz\n```",
        "- a\n\n    b\n\n    ```text\n    x\n    ```",
        "!!! note\n    a\n\n    b",
        "<!-- {{ x }} -->",
        "1. a\n    1. b\n\n        c",
    ],
)
def test_what_is_shown_as_code_is_free(book: Book, text: str) -> None:
    assert convert(text)
