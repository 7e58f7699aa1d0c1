"""Right and wrong code under each other."""

from __future__ import annotations

import html
import re

from bookbuild.markdown import changes
from rendering import convert


def words(markup: str) -> list[str]:
    """What stands in each row, as a reader sees it."""
    rows = re.findall(r"<span.*</span>", markup)
    return [html.unescape(re.sub(r"<[^>]+>", "", row)) for row in rows]


def test_each_side_is_called_what_it_is_and_only_once() -> None:
    markup = "\n".join(changes.block(["a", "b = 1", "c = 2", "d"], ["a", "b = 3", "c = 4", "d"]))
    assert words(markup) == ["a", "right b = 1", "c = 2", "wrong b = 3", "c = 4", "d"]
    assert markup.count('class="right"') == markup.count('class="wrong"') == 2


def test_the_words_that_differ_are_marked_in_both() -> None:
    right, wrong = changes.marked("x.roll(n)", "x.repeat(2)")
    assert right == "x.<mark>roll</mark>(<mark>n</mark>)"
    assert wrong == "x.<mark>repeat</mark>(<mark>2</mark>)"


def test_different_code_is_not_marked_word_by_word() -> None:
    assert "<mark>" not in "".join(changes.marked("return loss.mean()", "for i in range(3): pass"))


def test_a_mark_ends_with_its_line_and_leaves_the_indentation_out() -> None:
    _, wrong = changes.marked("f(a)", "f(a,\n    b)")
    assert wrong == "f(a<mark>,</mark>\n    <mark>b</mark>)"


def test_code_that_is_left_out_is_told() -> None:
    assert words("\n".join(changes.block(["a", "b"], ["a"]))) == ["a", "right b", "wrong nothing"]


def test_what_lies_far_from_a_change_is_left_out() -> None:
    many = [f"line {number}" for number in range(20)]
    found = words("\n".join(changes.block(many, ["first", *many[1:19], "last"])))
    assert found.count("…") == 1 and "line 9" not in found


def test_nothing_of_the_code_is_read_as_markdown_or_html() -> None:
    """Shown on a page, it is what it was, character by character."""
    code = "x[`a`] *= _b_ <i> & 'c' | $d$ ~e~ ^f^ ==g== :h: @i {j} \\\\ \"k\""
    markup = convert("\n".join(changes.block([code], ["other"])) + "\n")
    assert f"right {code}" in html.unescape(re.sub(r"<[^>]+>", "", markup))
