"""Python in color: what is marked, by classes that the theme knows; the same all over the site."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import lru_cache

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, String, _TokenType

# Most special first. Marking numbers, operators and every name would double the page.
_MARKED = (
    (Comment, "c1"),
    (Keyword, "k"),
    (String.Doc, "sd"),
    (String, "s1"),
    (Name.Function, "nf"),
    (Name.Class, "nc"),
)
Piece = tuple[str, str]


def highlighted(code: str, folded: Sequence[tuple[int, int]] = ()) -> str:
    """``code`` as HTML; each line has its own marks, so that lines can be taken apart.

    The characters in the ranges ``folded`` stand in a ``span`` of the class ``docstring-rest``.
    """
    out: list[str] = []
    pieces, position = list(_pieces(code)), 0
    for begin, end in sorted(folded):
        shown, pieces = _cut(pieces, begin - position)
        rest, pieces = _cut(pieces, end - begin)
        out += [*_marked(shown), '<span class="docstring-rest">', *_marked(rest), "</span>"]
        position = end
    return "".join([*out, *_marked(pieces)])


@lru_cache(maxsize=1024)
def _pieces(code: str) -> tuple[Piece, ...]:
    """Runs of text with one class each, which together are ``code``."""
    pieces: list[Piece] = []
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        css = _css(kind)
        if pieces and (pieces[-1][0] == css or not value.strip()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + value)
        else:
            pieces.append((css, value))
    return tuple(pieces)


def _cut(pieces: list[Piece], length: int) -> tuple[list[Piece], list[Piece]]:
    """The first ``length`` characters, and the others."""
    for index, (css, text) in enumerate(pieces):
        if length <= len(text):
            first, second = (css, text[:length]), (css, text[length:])
            return [*pieces[:index], first], [second, *pieces[index + 1 :]]
        length -= len(text)
    return pieces, []


@lru_cache(maxsize=256)
def _css(kind: _TokenType) -> str:
    return next((css for marked, css in _MARKED if kind in marked), "")


def _marked(pieces: list[Piece]) -> list[str]:
    return [_piece(css, text) for css, text in pieces]


def _piece(css: str, text: str) -> str:
    """A piece of code with its mark, which begins anew on each line."""
    lines = [html.escape(line, quote=False) for line in text.split("\n")]
    if css:
        lines = [f'<span class="{css}">{line}</span>' if line.strip() else line for line in lines]
    return "\n".join(lines)
