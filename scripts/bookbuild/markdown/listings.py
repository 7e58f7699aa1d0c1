"""Listings: the Python fences of includes and the walks of a page, under a title.

A preprocessor that runs before the snippets are read puts a ``listing`` block in the place of each.
A listing shows the first line of each docstring and hides the rest in the same block of code, where
a control of the title unfolds it; it links to the very lines of the file. The code of an example
waits behind one line: what a reader looks for first is what the run gave.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild import project, source_files, take_home
from bookbuild.docstrings import folds
from bookbuild.markdown import add, after, failing, link_to, page_of
from bookbuild.markdown.highlighting import highlighted
from bookbuild.pages import PYTHON, Listing, fences, listings
from bookbuild.project import PACKAGE, BookError
from bookbuild.regions import IMPORTS, Region

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor

_SLASHES = "//////"
_BEFORE_SNIPPETS = 33
_OPEN_LINES = 8
_RUN = "run"


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
            block = ["", f"{_SLASHES}/ listing | {index}", ""]
            for number, step in enumerate(listing.fence.walk.steps if listing.fence.walk else ()):
                says = step.says.split("\n")
                block += [f"{_SLASHES} step | {index}.{number}", "", *says, "", _SLASHES, ""]
            lines[first:last] = [f"{indent}{line}" for line in [*block, f"{_SLASHES}/", ""]]
        return lines


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
        fold = _fold(parent, listing)
        self.element = element = SubElement(parent if fold is None else fold, "div", marks)
        title = add(element, "p", class_="listing-title")
        *others, main = listing.regions
        with failing(self.md):
            after(add(title, "strong", listing.label, class_="listing-name"), " ")
            named = [region for region in others if region.name != IMPORTS]
            if named:
                self._list(title, "with", "listing-with", named)
            if listing.needs:
                self._needs(title, listing, found)
            _place(self.md, title, main)
        if not listing.fence.walk:
            _code(self.md, element, listing, 0)
        return element if fold is None else fold

    def on_add(self, block: Element) -> Element:
        return self.element

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


def _fold(parent: Element, listing: Listing) -> Element | None:
    """What a listing waits in if it is an example's and of more than a few lines."""
    lines = listing.code.count("\n") + 1
    if lines <= _OPEN_LINES or not listing.regions[-1].path.startswith(f"{PACKAGE}/examples/"):
        return None
    fold = SubElement(parent, "div", {"class": _RUN, "data-search-exclude": ""})
    name = add(add(fold, "p"), "code", listing.label)
    after(name, f", the code of this run, {lines} lines")
    return fold


class _Folds(Treeprocessor):
    """Make folds of what holds runs, last: what comes before takes any fold for its own.

    Of a walk, what comes after ``forward`` waits in one too: it serves what the reader has seen.
    """

    def run(self, root: Element) -> None:
        for holder in list(root.iter("div")):
            if holder.get("class") == _RUN:
                holder.tag, holder[0].tag = "details", "summary"
            elif holder.get("class") == "listing":
                _fold_the_rest(holder)


def _fold_the_rest(listing: Element) -> None:
    steps = listing.findall("div[@class='step']")
    names = ".//p[@class='step-names']/code"
    named = [[str(code.text) for code in step.iterfind(names)] for step in steps]
    told = next((n for n, names in enumerate(named, 1) if "forward" in names), len(steps))
    if not steps[told:]:
        return
    fold = add(listing, "details", class_="rest")
    summary = add(fold, "summary", "The rest of the class: ")
    for name in chain.from_iterable(named[told:]):
        after(add(summary, "code", name), " ")
    for step in steps[told:]:
        listing.remove(step)
        fold.append(step)


class _StepBlock(Block):
    """One part of a walk: what it is called, what is said about it, its code."""

    NAME = "step"
    ARGUMENT = True

    def on_create(self, parent: Element) -> Element:
        found: list[Listing] = self.config["extension"].found
        index, _, number = self.argument.partition(".")
        if not (index + number).isdecimal() or int(index) >= len(found):
            with failing(self.md):
                raise BookError("write a step as a line of a walk, /// walk | path:Class")
        listing = found[int(index)]
        assert listing.fence.walk is not None
        element = SubElement(parent, "div", {"class": "step"})
        self.says = add(element, "div", class_="step-says")
        names = add(self.says, "p", class_="step-names")
        for name in listing.fence.walk.steps[int(number)].names:
            after(add(names, "code", name), " ")
        _code(self.md, element, listing, int(number))
        return element

    def on_add(self, block: Element) -> Element:
        return self.says


def _code(md: Markdown, parent: Element, listing: Listing, number: int) -> None:
    """The code of one part of a listing, the rest of its docstrings marked as such."""
    begin, end = listing.parts[number]
    inside = [fold for fold in folds(listing.code) if begin <= fold[0] < end]
    folded = [(first - begin, last - begin) for first, last in inside]
    html = highlighted(listing.code[begin:end], folded)
    holder = add(parent, "div", class_="language-python highlight")
    holder.text = AtomicString(md.htmlStash.store(f"<pre><code>{html}\n</code></pre>"))


def _region(md: Markdown, parent: Element, region: Region) -> Element:
    link = add(parent, "a", region.title, href=source_link(md, region))
    after(link, " ")
    return link


def _place(md: Markdown, parent: Element, region: Region) -> None:
    """Where the listing stands in its file; a narrow screen shows the lines alone."""
    href = source_link(md, region)
    link = add(parent, "a", class_="listing-place", href=href)
    path = region.path.removeprefix(f"{PACKAGE}/")
    after(add(link, "span", f"{path}, ", class_="listing-path"), _lines(region))


def _lines(region: Region) -> str:
    if region.first == region.last:
        return f"line {region.first}"
    return f"lines {region.first}–{region.last}"


def source_link(md: Markdown, region: Region) -> str:
    """Where a reader sees the lines of ``region`` in their file.

    Raises:
        BookError: If the repository has no address and the file is none that the site brings along.
    """
    if address := repository(md):
        return f"{address}/blob/main/{region.path}#L{region.first}-L{region.last}"
    if not region.path.endswith(".py"):
        raise BookError(
            f"the site brings no {region.path} along: show a Python file, or set the option "
            "repository of bookbuild.markdown.listings"
        )
    return link_to(md, source_files.address(region.path, region.first))


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
        if not self.getConfig("repository"):
            source_files.ensure_once(project.root())
        take_home.ensure_once(project.root())
        md.preprocessors.register(_Wrap(self, md), "book_listings", _BEFORE_SNIPPETS)
        md.treeprocessors.register(_Folds(), "book_folds", 0)
        super().extendMarkdown(md)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the blocks."""
        block_mgr.register(_ListingBlock, {"extension": self})
        block_mgr.register(_StepBlock, {"extension": self})

    def reset(self) -> None:
        """Forget the last page."""
        self.found = []


makeExtension = ListingsExtension  # the name by which Python-Markdown asks
