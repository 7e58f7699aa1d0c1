"""Listings: each Python fence of includes gets a title that links to its very lines.

A preprocessor that runs before the snippets are read wraps each such fence into a ``listing``
block; the fence itself goes on to snippets and highlighting as it is.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from markdown.preprocessors import Preprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild import project
from bookbuild.markdown import add, after, failing, link_to, page_of
from bookbuild.pages import PYTHON, Listing, fences, listings, source_pages
from bookbuild.project import BookError
from bookbuild.regions import Region, source_id

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor

_SLASHES = "///////"
_BEFORE_SNIPPETS = 33


class _Wrap(Preprocessor):
    """Put each listing of the page into a block of its own."""

    def __init__(self, extension: ListingsExtension, md: Markdown) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        with failing(self.md):
            found = fences(lines)
            if page_of(self.md):
                for fence in found:
                    if fence.language in PYTHON and fence.includes() is None:
                        begins = next((line.strip() for line in fence.body if line.strip()), "")
                        raise BookError(
                            f"the {fence.language} fence that begins with {begins!r} was typed by "
                            "hand; include a region of lesson_code"
                        )
            good, wrong = listings(project.root(), found)
            if wrong:
                raise BookError(wrong[0][1])
        self.extension.found = good
        for index, listing in reversed(list(enumerate(good))):
            first, last, indent = listing.fence.line - 1, listing.fence.end, listing.fence.indent
            wrapped = [f"{_SLASHES} listing | {index}", "", *_bare(lines[first:last], indent)]
            block = [f"{indent}{line}" for line in ["", *wrapped, _SLASHES, ""]]
            lines[first:last] = block
        return lines


def _bare(lines: list[str], indent: str) -> list[str]:
    return [line.removeprefix(indent) for line in lines]


class _ListingBlock(Block):
    """The title of a listing, and its code."""

    NAME = "listing"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        found: list[Listing] = self.config["extension"].found
        if not self.argument.isdecimal() or int(self.argument) >= len(found):
            with failing(self.md):
                raise BookError("write a listing as a python fence that includes a region")
        listing = found[int(self.argument)]
        # A search should find prose: the reference and the source pages are there for code.
        marks = {"class": "listing", "id": listing.anchor, "data-search-exclude": ""}
        element = SubElement(parent, "div", marks)
        title = add(element, "p", class_="listing-title")
        *others, main = listing.regions
        with failing(self.md):
            _region(self.md, title, main)
            after(add(title, "span", _lines(main), class_="listing-lines"), " ")
            if others:
                self._list(title, "with", "listing-with", others)
            if listing.needs:
                self._needs(title, listing, found)
        return element

    def _list(self, title: Element, word: str, css: str, others: list[Region]) -> None:
        span = add(title, "span", f"{word}: ", class_=css)
        after(span, " ")
        for position, region in enumerate(others):
            link = _region(self.md, span, region)
            after(link, "" if position == len(others) - 1 else ", ")

    def _needs(self, title: Element, listing: Listing, found: list[Listing]) -> None:
        span = add(title, "span", "needs: ", class_="listing-needs")
        for position, (index, which) in enumerate(listing.needs):
            other = found[index]
            link = add(span, "a", other.label, href=f"#{other.anchor}", title=", ".join(which))
            after(link, "" if position == len(listing.needs) - 1 else ", ")


def _region(md: Markdown, parent: Element, region: Region) -> Element:
    link = add(parent, "a", region.title, href=source_link(md, project.root(), region))
    after(link, " ")
    return link


def _lines(region: Region) -> str:
    if region.first == region.last:
        return f"line {region.first}"
    return f"lines {region.first}–{region.last}"


def source_link(md: Markdown, root: Path, region: Region) -> str:
    """Where a reader sees the lines of ``region`` in their file.

    Raises:
        BookError: If the repository has no address and no source page shows the file.
    """
    if address := repository(md):
        return f"{address}/blob/main/{region.path}#L{region.first}-L{region.last}"
    for page, pattern in source_pages(root):
        if PurePosixPath(region.path).match(pattern):
            return link_to(md, f"{page}#{source_id(region.path)}-{region.first}")
    raise BookError(
        f"no page shows the source of {region.path}: add '/// source | {region.path}' to a page in "
        "docs/source, or set the option repository of bookbuild.markdown.listings"
    )


def repository(md: Markdown) -> str:
    """The repository's address as set in ``mkdocs.yml``, or nothing."""
    for extension in md.registeredExtensions:
        if isinstance(extension, ListingsExtension):
            return str(extension.getConfig("repository") or "").rstrip("/")
    return ""


class ListingsExtension(BlocksExtension):
    """Titles for listings; ``repository`` is the address that their links begin with, if any."""

    def __init__(self, **settings: Any) -> None:
        self.config = {"repository": ["", "where the repository is, such as https://host/name"]}
        self.found: list[Listing] = []
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what wraps the fences."""
        md.registerExtension(self)
        md.preprocessors.register(_Wrap(self, md), "book_listings", _BEFORE_SNIPPETS)
        super().extendMarkdown(md)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the block."""
        block_mgr.register(_ListingBlock, {"extension": self})

    def reset(self) -> None:
        """Forget the last page."""
        self.found = []


def makeExtension(**settings: Any) -> ListingsExtension:
    """The entry point of Python-Markdown."""
    return ListingsExtension(**settings)
