"""Words and letters before their time: each is declared where a page says what it means.

``<!-- introduces: view, $V$ -->`` stands in the passage that explains them; a row of a table that
begins with letters, ``| $V$ | views of an image |``, declares them by itself. No lesson page before
that one, in the order of the navigation, may use them, unless the same passage, row or item links
to it; a checklist, which one reads at the end, may. The words are those of the glossary in all
their forms; the letters are those of formulas, and each needs a declaration.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from bookbuild import project
from bookbuild.glossary import FILE, glossary
from bookbuild.pages import CLAIM_LIKE, CODE, COMMENT, MATH, Page, prose

_IN_NAV = re.compile(r"^ +- .*:\s+(module-\S+\.md)\s*$", re.MULTILINE)
_DECLARED = re.compile(
    r"(?ms)<!--\s*introduces:\s*(.*?)\s*-->|^\|((?:\s*\$[^|$]+\$,?)+)\s*\|(?!\s*[-\d])"
)
_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_CHECKLIST = re.compile(r"^/// checklist\b.*?^///$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s#]*)[^)\s]*\)|\[@[^\]]*\]")
_BEGINS = re.compile(r"\s*(?:$|\||[-*] |\d+\. |/{3})")
_NAMES = re.compile(r"\\(?:text|mathrm|operatorname\*?|begin|end)\s*\{[^}]*\}")
_LETTER = re.compile(  # e and pi are numbers
    r"(\\(?:var)?(?:[Gg]amma|[Dd]elta|[Tt]heta|[Ll]ambda|[Xx]i|[Ss]igma|[Pp]hi|[Pp]si|[Oo]mega|alpha"
    r"|[bz]?eta|epsilon|iota|kappa|mu|nu|rho|tau|chi|ell)(?![A-Za-z]))|\\[A-Za-z]+|([A-Za-df-z])"
)


def problems(root: Path, read: list[Page]) -> Iterator[tuple[str, int, str]]:
    """What is used before its time, declared nowhere, or declared where it is not explained."""
    named = _IN_NAV.findall(project.read(root / "mkdocs.yml", "mkdocs.yml"))
    order = [page for name in named for page in read if page.path == f"docs/{name}"]
    forms = {word: [word, *also] for word, _, *also in glossary(root)}
    declared: dict[str, tuple[int, str]] = {}  # the number of its page, and page:line
    for number, page in enumerate(order):
        for line, name in _declared(page):
            if not name.startswith("$") and name not in forms:
                yield page.path, line, f"introduces {name!r}, which is no word of {FILE}"
            elif not _holds(page, line, forms.get(name), name):
                yield page.path, line, f"introduces {name!r}, which its passage does not hold"
            declared.setdefault(name, (number, f"{page.path}:{line}"))
    for word in forms.keys() - declared.keys() if order else ():
        yield FILE, 1, f"no lesson page introduces {word!r}: <!-- introduces: {word} -->"
    for number, page in enumerate(order):
        passages = list(_passages(page))
        for word in forms.keys() & declared.keys():
            at, where = declared[word]
            if number < at and (line := _first_use(passages, forms[word], order[at].path)):
                only = f"is introduced only at {where}; introduce it earlier, or link there"
                yield page.path, line, f"{word!r} {only}"
        for letter, line in _letters(page).items():
            at, where = declared.get(letter, (len(order), ""))
            if at > number:
                told = f"only at {where}" if where else "nowhere"
                remedy = f"say what it is, with <!-- introduces: {letter} --> in that passage"
                yield page.path, line, f"the letter {letter} is introduced {told}; {remedy}"


def _declared(page: Page) -> Iterator[tuple[int, str]]:
    text = prose(page.text, page.fences, [CODE])
    for found in _DECLARED.finditer(text):
        for name in found[1].split(",") if found[1] else _of(found[2]):
            yield text.count("\n", 0, found.start()) + 1, " ".join(name.split())


def _holds(page: Page, line: int, forms: list[str] | None, letter: str) -> bool:
    """Whether the lines around a declaration, up to blank ones, have the word or the letter."""
    lines = prose(page.text, page.fences, []).split("\n")
    end = next((n for n in range(line, len(lines)) if not lines[n].strip()), len(lines))
    start = next((n for n in range(line, 0, -1) if not lines[n - 1].strip()), 0)
    passage = COMMENT.sub("", "\n".join(lines[start:end]))
    if forms is None:
        return any(letter in _of(math) for math in MATH.findall(passage))
    return bool(_pattern(forms).search(passage))


def _passages(page: Page) -> Iterator[tuple[int, str, set[str]]]:
    """Each paragraph, item or row: its line, its words, and the pages that it links to."""
    unsaid = [_MATTER, _CHECKLIST, COMMENT, CODE, MATH, CLAIM_LIKE]
    lines = ["", *prose(page.text, page.fences, unsaid).split("\n")]
    starts = [n for n, line in enumerate(lines) if _BEGINS.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        text, here = "\n".join(lines[start:end]), posixpath.dirname(page.path)
        targets = {posixpath.normpath(f"{here}/{one}") for one in _LINK.findall(text) if one}
        yield start, _LINK.sub("]", text), targets


def _pattern(forms: list[str]) -> re.Pattern[str]:
    """Any of the forms; a sentence may begin with one, and a line end within one."""
    either = "|".join(f"(?i:{re.escape(one[0])}){re.escape(one[1:])}" for one in forms)
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])".replace(r"\ ", r"\s+"))


def _first_use(passages: list[tuple[int, str, set[str]]], forms: list[str], target: str) -> int:
    """The line on which one of the forms is first used without a link to the target, or 0."""
    pattern = _pattern(forms)
    for line, text, targets in passages:
        if target not in targets and (found := pattern.search(text)):
            return line + text.count("\n", 0, found.start())
    return 0


def _letters(page: Page) -> dict[str, int]:
    """Each letter of the page's formulas, with the line of the first one that has it."""
    text = prose(page.text, page.fences, [_MATTER, _CHECKLIST, COMMENT, CODE, CLAIM_LIKE])
    found = [(one, math.start()) for math in MATH.finditer(text) for one in _of(math[0])]
    return {letter: text.count("\n", 0, start) + 1 for letter, start in reversed(found)}


def _of(formula: str) -> list[str]:
    """The letters of a formula, ``$N$`` each, without the names of functions."""
    found = _LETTER.findall(_NAMES.sub(" ", formula))
    return [f"${greek or latin}$" for greek, latin in found if greek or latin]
