"""The questions of all quizzes, read from the pages, and the order in which options are shown.

Authors write the right option wherever it reads best. What a reader sees is another order, which
must not give the answer away: over the whole book, the right option stands in each place equally
often. A page alone cannot know that, so the places are dealt out from a plan of all questions. The
plan depends on nothing but the words of the questions: it is the same in whatever order pages are
built, and needs no script in the browser.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bookbuild import pages, reading
from bookbuild.pages import Page
from bookbuild.project import BookError

_OPTION = re.compile(r"^[-*] \[(?P<mark>[ xX])\] +(?P<text>\S.*)$")
_QUIZ = re.compile(r"(?P<indent> *)(?P<slashes>/{3,})[ \t]*quiz[ \t]*\|[ \t]*(?P<question>\S.*)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MATH = re.compile(r"\$[^$]*\$")
_BAR = "\ue00b"  # what stands for the bar of a claim while a page is converted
# What an option says of other options by their place is wrong as soon as they are shuffled.
_BY_PLACE = re.compile(
    r"\b((all|none|both|any|neither|either) of (the|these|those)( (two|three))?"
    r" (above|below|options|answers|others)"
    r"|(first|second|third|last|previous|next) (option|answer|one of these)"
    r"|(option|answer)s? [A-D1-5]\b|(all|none|both|any) of (these|those)$|the above$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Option:
    """One option of a question: Markdown, and the paragraphs that explain it."""

    text: str
    explanation: str
    right: bool


@dataclass(frozen=True)
class Question:
    """A quiz as its author wrote it: its page from the root, its line, its words."""

    page: str
    line: int
    text: str
    options: tuple[Option, ...]


def key(text: str) -> str:
    """A short name that stays the same as long as the words do."""
    words = " ".join(text.lower().split())
    return hashlib.sha256(words.encode()).hexdigest()[:10]


def items(
    body: str, start: re.Pattern[str], where: str, wanted: str
) -> list[tuple[re.Match[str], str]]:
    """The items of a list: the match of each one's first line, and the text below it.

    Raises:
        BookError: If a line belongs to no item; the message begins with ``where``.
    """
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in body.splitlines():
        if item := start.match(line):
            found.append((item, []))
        elif found and (not line.strip() or line.startswith("  ")):
            found[-1][1].append(line)
        elif line.strip():
            raise BookError(f"{where}: cannot read {line.strip()!r}; expected '{wanted}'")
    return [(item, textwrap.dedent("\n".join(below)).strip()) for item, below in found]


def options(body: str, question: str) -> list[Option]:
    """Read the options of a quiz, in the order in which they are written.

    Raises:
        BookError: If a line is no option, none is right, all are, one lacks its explanation, or one
            speaks of others by their place.
    """
    told = f"quiz {question!r}"
    found = [
        Option(item["text"].rstrip(), below, item["mark"] != " ")
        for item, below in items(body, _OPTION, told, "- [ ] An option")
    ]
    if len(found) < 2:
        raise BookError(f"{told}: a quiz needs two options or more")
    if not any(option.right for option in found):
        raise BookError(f"{told}: no option is marked as right by - [x]")
    if all(option.right for option in found):
        raise BookError(f"{told}: every option is marked as right; one must be wrong")
    if len({option.text for option in found}) < len(found):
        raise BookError(f"{told}: two options are the same")
    for option in found:
        _check(option, told)
    return found


def _check(option: Option, told: str) -> None:
    if not option.explanation:
        raise BookError(
            f"{told}: the option {option.text!r} has no explanation; "
            "write it below, indented by four spaces"
        )
    if not re.search(r"\w", _MATH.sub("", option.text)):
        raise BookError(
            f"{told}: the option {option.text!r} needs a word beside its "
            "mathematics, for those who hear the page"
        )
    if place := _BY_PLACE.search(option.text.rstrip(".")):
        raise BookError(
            f"{told}: the option {option.text!r} speaks of others by their place, "
            f"{place[0]!r}, but options are shuffled; say what is meant"
        )


def read(page: Page) -> list[Question]:
    """The questions of a page; what stands in a fence or a comment is none.

    Raises:
        BookError: If a quiz cannot be read; the message names its page and line.
    """
    found = []
    for line, question, body in blocks(page):
        try:
            found.append(Question(page.path, line, question, tuple(options(body, question))))
        except BookError as error:
            raise BookError(f"{page.path}:{line}: {error}") from None
    return found


def blocks(page: Page) -> Iterator[tuple[int, str, str]]:
    """The line, the question and the body of each quiz."""
    written = page.text.split("\n")
    opened: tuple[int, re.Match[str]] | None = None
    bare = pages.prose(page.text, page.fences, [_COMMENT]).split("\n")
    for number, line in enumerate(bare):
        if opened is None:
            if match := _QUIZ.fullmatch(line.rstrip()):
                opened = number, match
        elif line.strip() == opened[1]["slashes"]:
            start, match = opened
            body = [one.removeprefix(match["indent"]) for one in written[start + 1 : number]]
            yield start + 1, match["question"], "\n".join(body)
            opened = None


def shown(root: Path | None, question: str, written: Sequence[Option]) -> list[Option]:
    """The options in the order in which readers see them.

    With one right option its place comes from the plan of the whole book, and the words of the
    question and the options decide the order of the others. With several, words alone decide.

    Args:
        root: of the book; None for a page that belongs to none.
        question: its words.
        written: the options as the author wrote them, in any order.
    """
    question = question.replace(_BAR, "|")
    right = [option for option in written if option.right]
    others = list(written) if len(right) > 1 else [one for one in written if not one.right]
    others.sort(key=lambda one: key(f"{question} {one.text.replace(_BAR, '|')}"))
    if len(right) > 1:
        return others
    name, count = key(question), len(written)
    place = _place(root, name, count) if root else None
    if place is None:  # a page of no book, or a draft outside of docs
        place = int(name, 16) % count
    return [*others[:place], *right, *others[place:]]


@reading.question
def _place(root: Path, name: str, count: int) -> int | None:
    return plan(root).get((name, count))


@reading.question
def plan(root: Path) -> dict[tuple[str, int], int]:
    """The place of the right option, from 0, by the question's key and its number of options.

    Of the questions with the same number of options, equally many have it in each place, or one
    more. A question that cannot be read has no place: its own page tells what is wrong with it.
    """
    files = sorted((root / "docs").rglob("[!.]*.md"))
    stats = [path.stat() for path in files]
    stamps = tuple(
        (path, stat.st_mtime_ns, stat.st_size) for path, stat in zip(files, stats, strict=True)
    )
    return _plan(root, stamps)


@lru_cache(maxsize=8)
def _plan(root: Path, stamps: tuple[tuple[Path, int, int], ...]) -> dict[tuple[str, int], int]:
    """``stamps`` names the pages, and is there for the cache to notice a change."""
    groups: defaultdict[int, set[str]] = defaultdict(set)
    for path, _, _ in stamps:
        for _, question, body in blocks(pages.page(root, path)):
            try:
                found = options(body, question)
            except BookError:
                continue
            if sum(option.right for option in found) == 1:
                groups[len(found)].add(key(question))
    # The keys are as good as random, so neighbors in their order stand on unrelated pages.
    return {
        (name, count): place % count
        for count, names in groups.items()
        for place, name in enumerate(sorted(names))
    }
