"""Numbers typed in prose: a decimal or a share that no run, citation, code or reason stands for.

What may stand is a claim, a number of a passage that cites a table or section of a paper, one that
the page's own listings hold (a setting), and one in a quiz, whose options tests compute. Everything
else says why it is typed, in its passage: ``<!-- typed: the level of all intervals -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bookbuild.pages import CLAIM_LIKE, CODE, COMMENT, MATH, Page, listings, prose

PLACES = ("docs/lab/", "docs/module-")
_NUMBER = re.compile(
    r"(?<![\w.,/])(?P<number>\d[\d,]*\.\d+|\.\d+|\d[\d,]*(?=\s?(?:%|percent|[KMGT]i?B\b)))"
    r"(?P<share>\s?(?:%|percent))?(?![.,]?\d|[A-Za-z_])"
)
# Names that hold a number: of lessons and sections, of licenses, of the book's intervals.
_NAMED = re.compile(
    r"(?:[Ll]essons?|[Bb]eyond|[Ss]ections?|[Mm]odule)[\s-](?:\d+\.\d+,? ?(?:and )?)+"
    r"|CC BY(?:-SA)? 4\.0|95% intervals?"
)
_CITED = re.compile(r"@\w+,\s")
_REASON = re.compile(r"<!--\s*typed:\s*\S.{9,}?-->", re.DOTALL)
_LINK = re.compile(r"\]\([^)\s]*\)")
_QUIZ = re.compile(r"^/// quiz\b.*?^///$", re.DOTALL | re.MULTILINE)
_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_IN_CODE = re.compile(r"(?<![\w.])\d+\.?\d*(?:e-?\d+)?")


def typed(root: Path, page: Page) -> Iterator[tuple[int, str]]:
    """Line and text of each number that nothing stands for."""
    if not page.path.startswith(PLACES):
        return
    good, _ = listings(root, page.fences)
    known = {float(found) for one in good for found in _IN_CODE.findall(one.code)}
    kept = prose(page.text, page.fences, []).split("\n")
    unsaid = [_MATTER, _QUIZ, COMMENT, CODE, MATH, CLAIM_LIKE, _LINK, _NAMED]
    blanked = prose(page.text, page.fences, unsaid).split("\n")
    for first, last in _passages(kept):
        whole = "\n".join(kept[first:last])
        if _CITED.search(whole) or _REASON.search(whole):
            continue
        for number, line in enumerate(blanked[first:last], first + 1):
            for found in _NUMBER.finditer(line):
                value = float(found["number"].replace(",", ""))
                if not {value, value / 100 if found["share"] else value} & known:
                    yield number, found[0]


def _passages(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Where each passage begins and ends; a table belongs to the one before it."""
    starts = [
        number
        for number, line in enumerate(lines)
        if line.strip()
        and not line.startswith("|")
        and (not number or not lines[number - 1].strip())
    ]
    yield from zip(starts, [*starts[1:], len(lines)], strict=True)
