"""Docstrings in two lengths: what the short form keeps, and what it cannot be made of."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from bookbuild import docstrings, project
from bookbuild.markdown.highlighting import highlighted
from bookbuild.project import BookError

ROOT = project.root(Path(__file__))
CODE = '''@torch.no_grad()
class Töchter(nn.Module):
    r"""Ä queue: \\top.

    Section 3.

    Args:
        K: how many.
    """  # a comment behind

    def forward(self, x):
        \'\'\'Step.
        And on.\'\'\'
        return """no
        docstring"""

    def size(self): "One line."; return 1
'''
SHORT = '''@torch.no_grad()
class Töchter(nn.Module):
    r"""Ä queue: \\top."""  # a comment behind

    def forward(self, x):
        \'\'\'Step.\'\'\'
        return """no
        docstring"""

    def size(self): "One line."; return 1
'''


def test_the_first_line_of_each_docstring_stays() -> None:
    assert docstrings.short(CODE) == SHORT


def test_what_has_no_rest_stays_as_it_is() -> None:
    assert docstrings.short(SHORT) == SHORT
    assert docstrings.folds("x = 1\n") == ()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('def f():\n    """\n    Late.\n    """\n', "the docstring of f says nothing"),
        ('def f():\n    """Say "x"\n\n    More.\n    """\n', "cannot stand alone"),
        ('def f():\n    """Go \\\n    on.\n    """\n', "cannot stand alone"),
    ],
)
def test_a_first_line_that_cannot_stand_alone(code: str, message: str) -> None:
    with pytest.raises(BookError, match=message):
        docstrings.short(code)


def test_without_sees_every_other_difference() -> None:
    assert docstrings.without(CODE) == docstrings.without(SHORT)
    for change in (("return 1", "return 2"), ("forward", "backward"), ("no\n", "yes\n")):
        assert docstrings.without(CODE.replace(*change)) != docstrings.without(CODE)


@pytest.mark.parametrize(
    "path", sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("lesson_code/*.py"))
)
def test_in_color_both_forms_have_every_character(path: str) -> None:
    """The text of the HTML is the file, and without what folds it is the short form."""
    code = (ROOT / path).read_text(encoding="utf-8")
    marked = highlighted(code, docstrings.folds(code))
    assert html.unescape(re.sub(r"<[^>]+>", "", marked)) == code
    rest = r'<span class="docstring-rest">(?:[^<]|<span class="\w+">[^<]*</span>)*</span>'
    shown = re.sub(rest, "", marked)
    assert html.unescape(re.sub(r"<[^>]+>", "", shown)) == docstrings.short(code)
