"""Right and wrong code under each other, as HTML that calls each what it is.

A diff shows in red what leaves and in green what comes; here it is the right line that leaves. So
right lines are green and say so, wrong ones are red, and the words that differ are marked in both.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
#: What Markdown could take for its own, inside HTML too.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&|$~^=:@{}\"]")
#: Below this share of equal words two pieces are different code, and no word is marked.
_LIKE = 0.4
_CONTEXT = 2


def escaped(text: str) -> str:
    """Text that neither HTML nor Markdown takes for anything else."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def marked(right: str, wrong: str) -> tuple[str, str]:
    """Both as HTML, with ``mark`` around the words that the other one does not have."""
    one, other = _WORD.findall(right), _WORD.findall(wrong)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < _LIKE:
        return escaped(right), escaped(wrong)
    sides: tuple[list[str], list[str]] = ([], [])
    for tag, start, end, begin, stop in matcher.get_opcodes():
        for side, words in zip(sides, (one[start:end], other[begin:stop]), strict=True):
            text = "".join(words)
            side.append(escaped(text) if tag == "equal" else _mark(text))
    return "".join(sides[0]), "".join(sides[1])


def _mark(text: str) -> str:
    """Each line of a text marked without its indentation."""
    return re.sub(r"\S.*", lambda match: f"<mark>{escaped(match[0])}</mark>", text)


def block(right: Sequence[str], wrong: Sequence[str]) -> list[str]:
    """The lines that differ, with a little around them."""
    matcher = difflib.SequenceMatcher(None, right, wrong, autojunk=False)
    rows: list[tuple[str, str]] = []
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        rows += [("", "…")] if rows else []
        for tag, start, end, begin, stop in group:
            before, after = "\n".join(right[start:end]), "\n".join(wrong[begin:stop])
            if tag == "equal":
                rows += [("", row) for row in escaped(before).splitlines()]
            else:
                for name, code in zip(("right", "wrong"), marked(before, after), strict=True):
                    rows += [(name, row) for row in code.splitlines() or ["<i>nothing</i>"]]
    return ['<pre class="right-wrong"><code>', *_written(rows), "</code></pre>"]


def _written(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A line of HTML for each row that is not empty; the first of its kind says what it is."""
    least = min(_deep(row) for _, row in rows if row.strip() and row[0] not in "<…")
    before = ""
    for name, row in rows:
        if code := row.strip():
            kind = f' class="{name}"' if name else ""
            label = f"<b>{name} </b>" if name and name != before else ""
            deep = max(_deep(row) - least, 0)
            yield f'<span{kind} style="--deep: {deep}ch">{label}{code}</span>'
            before = name


def _deep(row: str) -> int:
    return len(row) - len(row.lstrip())
