"""Citations by key, ``[@simclr, Table 6; @moco]``, and the page that lists what they point to.

The entries are in ``docs/bibliography.toml``; the block ``/// bibliography`` shows all of them.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild import project
from bookbuild.markdown import add, after, failing, link_to
from bookbuild.project import BookError
from bookbuild.reading import question

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor

_PAGE = "bibliography.md"
_FILE = "docs/bibliography.toml"
_PATTERN = r"\[(@[^\[\]\n]*(?:\n[^\[\]\n]+)*)\](?![(\[])"
_ITEM = re.compile(r"@(?P<key>[a-z][a-z0-9]*)(?:,\s*(?P<where>[^;@]+))?")
_BEFORE_LINKS = 174
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Entry:
    """One publication; ``date`` is that of its first version on arXiv, or of publication."""

    key: str
    title: str
    authors: tuple[str, ...]
    date: datetime.date
    label: str = ""
    arxiv: str = ""
    venue: str = ""
    url: str = ""


def entries(root: Path) -> dict[str, Entry]:
    """The bibliography by key, sorted by authors and date.

    Raises:
        BookError: If the file is missing or an entry is not as it should be.
    """
    path = root / _FILE
    if not path.is_file():
        raise BookError(f"{_FILE} does not exist")
    stat = path.stat()
    return _entries(path, stat.st_mtime_ns, stat.st_size)


@question
def entry(root: Path, key: str) -> Entry | None:
    """The entry of that key, if there is one."""
    return entries(root).get(key)


@lru_cache(maxsize=8)
def _entries(path: Path, modified: int, size: int) -> dict[str, Entry]:
    """``modified`` and ``size`` are there for the cache to notice a change."""
    raw = project.entries(path, _FILE)
    read = sorted((_entry(key, fields) for key, fields in raw.items()), key=_order)
    groups = Counter(_authors_year(entry) for entry in read)
    seen: Counter[str] = Counter()
    found = {}
    for entry in read:
        label = _authors_year(entry)
        letter = chr(ord("a") + seen[label]) if groups[label] > 1 else ""
        seen[label] += 1
        found[entry.key] = Entry(**{**vars(entry), "label": label + letter})
    return found


def _entry(key: str, fields: dict[str, Any]) -> Entry:
    optional = {"arxiv", "venue", "url"}
    required = {"title", "authors", "date"}
    if wrong := (required - fields.keys()) | (fields.keys() - required - optional):
        raise BookError(f"{_FILE}: entry {key!r}: missing or unknown: {', '.join(sorted(wrong))}")
    if not fields.get("arxiv") and not fields.get("url"):
        raise BookError(f"{_FILE}: entry {key!r} needs arxiv or url")
    if not _ITEM.fullmatch(f"@{key}") or not isinstance(fields["date"], datetime.date):
        raise BookError(f"{_FILE}: entry {key!r}: keys are like simclr2, dates like 2020-02-13")
    if not fields["authors"] or not all(", " in author for author in fields["authors"]):
        raise BookError(f"{_FILE}: entry {key!r}: write authors as 'Family, Given'")
    return Entry(key=key, **{**fields, "authors": tuple(fields["authors"])})


def _order(entry: Entry) -> tuple[str, str, datetime.date, str]:
    """By first author, then alone, with one other, with others; then by date."""
    names = [author.split(", ")[0].lower() for author in entry.authors]
    others = "".join(names[1:]) if len(names) < 3 else "\uffff"
    return names[0], others, entry.date, entry.key


def _authors_year(entry: Entry) -> str:
    names = [author.split(", ")[0] for author in entry.authors]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who} {entry.date.year}"


class _Citation(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:
        element = Element("span", {"class": "citation"})
        element.text = AtomicString("(")
        with failing(self.md):
            items = m[1].split(";")
            for position, item in enumerate(items):
                end = ")" if position == len(items) - 1 else "; "
                self._item(element, " ".join(item.split()), end)
        return element, m.start(0), m.end(0)

    def _item(self, parent: Element, item: str, end: str) -> None:
        match = _ITEM.fullmatch(item)
        if match is None:
            raise BookError(f"[{item}] is no citation; one looks like [@simclr, Table 6; @moco]")
        cited = entry(project.root(), match["key"])
        if cited is None:
            raise BookError(f"[{item}]: {_FILE} has no entry {match['key']!r}")
        link = add(parent, "a", cited.label, href=link_to(self.md, f"{_PAGE}#{cited.key}"))
        link.set("title", cited.title)
        after(link, (f", {match['where'].strip()}" if match["where"] else "") + end)


class _Bibliography(Block):
    """The list of all entries."""

    NAME = "bibliography"

    def on_create(self, parent: Element) -> Element:
        element = SubElement(parent, "ul", {"class": "bibliography"})
        with failing(self.md):
            for entry in entries(project.root()).values():
                _listed(add(element, "li", id=entry.key), entry)
        return element


def _listed(item: Element, entry: Entry) -> None:
    after(add(item, "strong", entry.label), f". {_people(entry.authors)}. ")
    after(add(item, "cite", entry.title), "." if entry.title[-1] not in ".?!" else "")
    said = f" {entry.venue}." if entry.venue else ""
    item[-1].tail = AtomicString((item[-1].tail or "") + said + " ")
    date = f"{entry.date.day} {_MONTHS[entry.date.month - 1]} {entry.date.year}"
    if entry.arxiv:
        link = add(item, "a", f"arXiv:{entry.arxiv}", href=f"https://arxiv.org/abs/{entry.arxiv}")
        after(link, f", first version of {date}.")
    else:
        link = add(item, "a", entry.url.removeprefix("https://"), href=entry.url)
        after(link, f", published {date}.")


def _people(authors: tuple[str, ...]) -> str:
    names = [" ".join(reversed(author.split(", "))) for author in authors]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


class CitationsExtension(BlocksExtension):
    """Citations and the bibliography."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the block and the inline pattern."""
        block_mgr.register(_Bibliography, {})
        md.inlinePatterns.register(_Citation(_PATTERN, md), "book_citation", _BEFORE_LINKS)


makeExtension = CitationsExtension  # the name by which Python-Markdown asks
