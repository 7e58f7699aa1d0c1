"""Results on pages: what an example printed, drew and tabulated, what was recorded, and how.

::

    /// output | l1_3/simclr_aligned_views
    ///

    /// figure | l1_3/simclr_aligned_views:temperature
    A caption in Markdown.
    ///

    /// figure | l1_3/temperature_table:temperature
        play: temperature
    With a script, ``docs/assets/js/play/temperature.js`` takes the drawing's place.
    ///

    /// table | lab/comparison:methods
    A caption in Markdown.
    ///

Figures are numbered on their page, and ``[figure](#figure-temperature)`` becomes *figure 2*.

::

    /// record | l1_3/simclr_gpu_step
    ///
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block, type_string

from bookbuild import freshness, project, results
from bookbuild.markdown import add, after, failing, preformatted
from bookbuild.markdown.listings import source_link
from bookbuild.project import MAY_LACK_A_RECORD, BookError, Example
from bookbuild.reading import question
from bookbuild.regions import Region, regions
from bookbuild.results import Result, Value

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor

#: The living figures, a script each.
_PLAY = "docs/assets/js/play"
#: The least that letters of a figure measure, in pixels, and how wide a figure is on a phone.
_LEAST, _PHONE = 11.08, 382
_SIZE = re.compile(r"font-size: ([\d.]+)px")
#: Texts that end at a place, such as names beside an axis, and how wide their letters are.
_ENDING = re.compile(
    r'font-size: ([\d.]+)px[^"]*text-anchor: end[^"]*" x="([\d.]+)"[^>]*>\s*([^<]+?)\s*<'
)
_WIDE = 0.58
_NUMBERED = "figure-"


class _ResultBlock(Block):
    """What the blocks of this module share: the example, its result, the word on its making."""

    ARGUMENT = None

    def on_create(self, parent: Element) -> Element:
        with failing(self.md):
            if not self.argument:
                raise BookError(f"say of which example: /// {self.NAME} | l1_3/name")
            if self.argument in self.tracker:
                raise BookError(f"the {self.NAME} of {self.argument} is on this page twice")
            self.tracker[self.argument] = True
            name, _, part = self.argument.partition(":")
            self.root = project.root()
            self.example = project.maker(name, self.root)
            self.result: Result | None = None
            needed = self.example.cost not in MAY_LACK_A_RECORD
            if needed or results.exists(self.root, name):
                self.result = results.load(self.root, name)
            return self.build(parent, part)

    def build(self, parent: Element, part: str) -> Element:
        """Append the block's element, for the figure or value ``part`` if there is one."""
        raise NotImplementedError

    def frame(self, parent: Element, tag: str, css: str) -> Element:
        """The outer element, which says what it shows to scripts and tests."""
        data = {"data-example": self.example.name, "data-cost": self.example.cost}
        return SubElement(parent, tag, {"class": css, **data})

    def missing(self, parent: Element) -> None:
        """Say that there is no record, and how a reader with the machine for it makes one."""
        needs = "a CUDA GPU" if self.example.cost == "gpu" else "some minutes"
        note = add(parent, "p", f"No record exists yet: this example needs {needs}; ")
        note.set("class", "record-missing")
        after(add(note, "code", f"python -m bookbuild record {self.example.name}"), " makes one.")

    def made(self, parent: Element) -> None:
        """Say how the result was made, and whether the code has changed since."""
        assert self.result is not None
        provenance = self.result.provenance
        is_kept = self.example.cost in MAY_LACK_A_RECORD
        if is_kept and _has_changed(self.root, self.example.name):
            text = "The code has changed since this was recorded."
            add(parent, "p", text, class_="record-stale")
        details = add(parent, "details", class_="provenance", data_search_exclude="")
        summary = add(details, "summary", title="How this was made")
        add(summary, "span", "How this was made", class_="visually-hidden")
        if self.example.cost == "command":
            command = self.example.path.relative_to(self.root).as_posix()
            maker = add(add(details, "p", "The command "), "code", f"./{command}")
        else:
            href = source_link(self.md, _shown(self))
            link = add(details, "p", "The example ")
            maker = add(link, "a", f"{self.example.name}.py", href=href)
        after(maker, _making(provenance))


@question
def _has_changed(root: Path, name: str) -> bool:
    """Whether the code of an example is another than the one its result was recorded with."""
    return freshness.has_changed(root, project.maker(name, root), results.load(root, name))


def _shown(block: _ResultBlock) -> Region:
    """The first region of the example, else its first line."""
    path = block.example.path.relative_to(block.root).as_posix()
    marked = list(regions(block.root, path).values())
    return marked[0] if marked else Region(path, "", 1, 1, "")


def _making(provenance: dict[str, Any]) -> str:
    versions: dict[str, str] = provenance.get("versions", {})
    said = {"Python" if name == "python" else name: version for name, version in versions.items()}
    order = sorted(said, key=lambda name: (name != "Python", name != "torch", name))
    tools = ", ".join(f"{name} {said[name]}" for name in order)
    parts = [
        f" on {provenance['date']}" if "date" in provenance else "",
        f" in {provenance['seconds']:g} s" if "seconds" in provenance else "",
        f" on {provenance['device']}" if "device" in provenance else "",
        f" with {tools}" if tools else "",
    ]
    return " made this" + "".join(parts) + "."


class _Output(_ResultBlock):
    """What the example printed."""

    NAME = "output"

    def build(self, parent: Element, part: str) -> Element:
        element = self.frame(parent, "div", "output")
        add(element, "p", "Output", class_="output-title")
        if self.result is None:
            self.missing(element)
            return element
        if not self.result.output:
            raise BookError(f"{self.example.name} prints nothing to show")
        _printed(element, self.result)
        self.made(element)
        return element


class _Captioned(_ResultBlock):
    """What has a caption, which the block holds."""

    caption: Element

    def on_add(self, block: Element) -> Element:
        return self.caption

    def on_markdown(self) -> str:
        return "block"


class _Figure(_Captioned):
    """What the example drew."""

    NAME = "figure"
    OPTIONS = {"play": ["", type_string]}

    def build(self, parent: Element, part: str) -> Element:
        element = self.frame(parent, "figure", "book-figure")
        element.set("id", f"{_NUMBERED}{part}")
        self.number = self.tracker["number"] = self.tracker.get("number", 0) + 1
        if play := self.options["play"]:
            if not (self.root / _PLAY / f"{play}.js").is_file():
                raise BookError(f"the figure {self.argument} plays what {_PLAY} has not: {play}.js")
            element.set("data-play", play)
        if self.result is None:
            self.missing(element)
        else:
            _drawn(self.md, element, self.result, self.example, part)
        self.caption = SubElement(element, "figcaption")
        return element

    def on_end(self, block: Element) -> None:
        with failing(self.md):
            if not len(self.caption):
                raise BookError(f"the figure {self.argument} needs a caption")
            first = self.caption[0]
            number = Element("span", {"class": "figure-number"})
            number.text, number.tail = f"Figure {self.number}.", f" {first.text or ''}"
            first.text = None
            first.insert(0, number)
            if self.result is not None:
                self.made(self.caption)


class _Table(_Captioned):
    """Numbers in rows and columns."""

    NAME = "table"

    def build(self, parent: Element, part: str) -> Element:
        element = self.frame(parent, "div", "book-table")
        if self.result is None:
            self.missing(element)
            self.caption = add(element, "div", class_="table-caption")
        else:
            self.caption = _tabled(element, self.result, self.example, part)
        return element

    def on_end(self, block: Element) -> None:
        with failing(self.md):
            if not len(self.caption):
                raise BookError(f"the table {self.argument} needs a caption")
            if self.result is not None:
                self.made(block)


class _Record(_ResultBlock):
    """All that an example which builds never run has recorded."""

    NAME = "record"

    def build(self, parent: Element, part: str) -> Element:
        element = self.frame(parent, "div", "record")
        if self.result is None:
            self.missing(element)
            return element
        device = self.result.provenance.get("device", "an unnamed device")
        add(element, "p", f"Recorded on {device}", class_="output-title")
        if self.result.values:
            body = add(add(element, "table"), "tbody")
            for name, value in self.result.values.items():
                row = add(body, "tr")
                add(row, "th", name.replace("_", " "), scope="row")
                add(row, "td", _written(value))
        for name in self.result.tables:
            holder = add(element, "div", class_="book-table")
            caption = _tabled(holder, self.result, self.example, name)
            add(caption, "p", name.replace("-", " ").capitalize())
        if self.result.output:
            _printed(element, self.result)
        for figure in self.result.figures:
            _drawn(self.md, element, self.result, self.example, figure)
        self.made(element)
        return element


def _printed(parent: Element, result: Result) -> None:
    printed = preformatted(parent)
    printed.set("data-search-exclude", "")
    printed.text = AtomicString(result.output.rstrip("\n"))


def _tabled(parent: Element, result: Result, example: Example, name: str) -> Element:
    """A table in a region that scrolls by itself; what comes back waits for its caption."""
    if name not in result.tables:
        known = ", ".join(sorted(result.tables)) or "none"
        raise BookError(f"{example.name} has no table {name!r}; it has: {known}")
    table = result.tables[name]
    anchor = f"table-{example.name.replace('/', '-').replace('_', '-')}-{name}"
    region = add(parent, "div", class_="table-scroll", id=anchor, role="region", tabindex="0")
    region.set("aria-labelledby", f"{anchor}-caption")
    drawn = add(region, "table", class_="result-table")
    caption = add(add(drawn, "caption", id=f"{anchor}-caption"), "div", class_="table-caption")
    numeric = [table.is_numeric(column) for column in range(len(table.columns))]
    head = add(add(drawn, "thead"), "tr")
    for (title, _), right in zip(table.columns, numeric, strict=True):
        add(head, "th", title, scope="col", **_aligned(right))
    body = add(drawn, "tbody")
    for row in range(len(table.rows)):
        line = add(body, "tr")
        add(line, "th", table.written(row, 0), scope="row", **_aligned(numeric[0]))
        for column, right in list(enumerate(numeric))[1:]:
            add(line, "td", table.written(row, column), **_aligned(right))
    return caption


def _aligned(right: bool) -> dict[str, str]:
    return {"class_": "number"} if right else {}


def _drawn(md: Markdown, parent: Element, result: Result, example: Example, figure: str) -> None:
    if figure not in result.figures:
        known = ", ".join(sorted(result.figures)) or "none"
        raise BookError(f"{example.name} has no figure {figure!r}; it has: {known}")
    holder = add(parent, "div", role="img", aria_label=result.alt[figure], data_search_exclude="")
    svg = result.figures[figure].replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    if sizes := [float(size) for size in _SIZE.findall(svg)]:
        holder.set("style", _letters(svg, min(sizes)))
        svg = _SIZE.sub(r"font-size: calc(\1px * var(--letters, 1))", svg)
    holder.text = AtomicString(md.htmlStash.store(svg))


def _letters(svg: str, least: float) -> str:
    """How much larger letters are drawn, and on a phone how far the drawing moves for long ones."""
    width = float(re.findall(r' width="([\d.]+)', svg)[0])
    units = float(re.findall(r' viewBox="0 0 ([\d.]+)', svg)[0])  # in which letters are measured
    shown = min(width, _PHONE)

    def larger(shown: float) -> float:
        return max(1, _LEAST / least * units / shown)

    beyond = [
        _WIDE * float(size) * larger(shown) * len(text) - float(end)
        for size, end, text in _ENDING.findall(svg)
    ]
    left = max(0, max(beyond, default=0) * shown / units - (_PHONE - shown) / 2)
    return f"--wide: {larger(width):.3f}; --phone: {larger(shown - left):.3f}; --left: {left:.0f}px"


class _References(Treeprocessor):
    """Give each link to a figure the figure's number."""

    def run(self, root: Element) -> None:
        shown = [figure.get("id") for figure in root.iter("figure") if figure.get("id")]
        for link in root.iter("a"):
            target = link.get("href", "").removeprefix("#")
            if target in shown:
                link.text = AtomicString(f"{link.text or 'figure'} {shown.index(target) + 1}")
            elif target.startswith(_NUMBERED):
                with failing(self.md):
                    raise BookError(f"no figure of this page is called {target!r}")


def _written(value: Value) -> str:
    """A recorded value for a table, not for a sentence."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return value


class OutputsExtension(BlocksExtension):
    """The blocks ``output``, ``figure``, ``table`` and ``record``."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the blocks."""
        for block in (_Output, _Figure, _Table, _Record):
            block_mgr.register(block, {})

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what numbers the links to figures."""
        super().extendMarkdown(md)
        md.treeprocessors.register(_References(md), "book_figures", 3)


makeExtension = OutputsExtension  # the name by which Python-Markdown asks
