"""Source to patch: without what no patch may depend on, and with several changes at once."""

import ast
import difflib
import io
import itertools
import re
import tokenize
from functools import cache

#: Where it starts, where it ends, and what comes there.
Edit = tuple[int, int, str]


@cache
def bare(source: str) -> str:
    """The source without comments and docstrings, which no patch may depend on."""
    lines = source.splitlines()
    gone = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
            if not lines[row - 1]:
                gone.add(row)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and len(node.body) > 1:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                gone |= {*range(first.lineno, (first.end_lineno or first.lineno) + 1)}
    kept = [line for row, line in enumerate(lines, 1) if row not in gone]
    return "\n".join(kept) + "\n"


def merged(source: str, edits: set[Edit]) -> str:
    """The text with all edits; of one place, word by word.

    Raises:
        ValueError: if two put something else in one place.
    """
    done: list[Edit] = []
    for start, end, text in sorted({word for edit in edits for word in _words(source, *edit)}):
        if done and start < done[-1][1]:
            first, last, other = done.pop()
            if text or other:
                raise ValueError("two changes of one place")
            start, end = first, max(last, end)  # both take it out
        done.append((start, end, text))
    for start, end, text in reversed(done):
        source = source[:start] + text + source[end:]
    return source


@cache
def _words(source: str, start: int, end: int, text: str) -> list[Edit]:
    """An edit as edits of those words and signs that change."""
    before, after = (re.findall(r"\w+|\s+|.", each) for each in (source[start:end], text))
    places = [start, *(start + n for n in itertools.accumulate(map(len, before)))]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        (places[i], places[j], "".join(after[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]
