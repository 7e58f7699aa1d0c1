"""Source pages: files shown whole, with an id on every line for listings to link to.

::

    /// source | lesson_code/*.py
        exclude: lesson_code/__init__.py
    ///
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block, type_string

from bookbuild import project
from bookbuild.markdown import add, failing, preformatted
from bookbuild.markdown.highlighting import highlighted
from bookbuild.project import BookError
from bookbuild.regions import Region, regions, source_id

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor


class _Source(Block):
    """Every file that a pattern names, one after the other."""

    NAME = "source"
    ARGUMENT = True
    OPTIONS = {"exclude": ("", type_string)}

    def on_create(self, parent: Element) -> Element:
        element = SubElement(parent, "div", {"class": "source"})
        with failing(self.md):
            root = project.root()
            files = sorted(set(root.glob(self.argument)) - set(_excluded(root, self.options)))
            if not files:
                raise BookError(f"no file is named like {self.argument}")
            for file in files:
                self._file(element, root, file.relative_to(root).as_posix())
        return element

    def _file(self, parent: Element, root: Path, path: str) -> None:
        add(parent, "h2", path, id=source_id(path))
        holder = add(parent, "div", class_="source-file highlight", data_search_exclude="")
        pre = preformatted(holder)
        pre.set("role", "region")
        pre.set("aria-label", path)
        stat = (root / path).stat()
        lines = _highlighted(root / path, stat.st_mtime_ns, stat.st_size)
        # The region a line stands in, innermost last; a region wraps its lines, so that the page
        # can light up all of them when a link leads to the first.
        inside: list[tuple[int, Element]] = [(len(lines), pre)]
        waiting = sorted(regions(root, path).values(), key=_widest_first)
        for number, line in enumerate(lines, 1):
            while number > inside[-1][0]:
                inside.pop()
            while waiting and waiting[0].first == number:
                region = waiting.pop(0)
                if region.last <= inside[-1][0]:
                    inside.append((region.last, add(inside[-1][1], "span", class_="source-region")))
            span = add(inside[-1][1], "span", class_="source-line")
            span.set("id", f"{source_id(path)}-{number}")
            span.text = AtomicString(self.md.htmlStash.store(line + "\n"))


def _widest_first(region: Region) -> tuple[int, int]:
    return region.first, -region.last


def _excluded(root: Path, options: dict[str, Any]) -> list[Path]:
    return list(root.glob(options["exclude"])) if options["exclude"] else []


@lru_cache(maxsize=1024)
def _highlighted(file: Path, modified: int, size: int) -> list[str]:
    """The lines of a file as HTML; ``modified`` and ``size`` let the cache notice a change."""
    return highlighted(file.read_text(encoding="utf-8").rstrip("\n")).split("\n")


class SourceExtension(BlocksExtension):
    """The block ``source``."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the block."""
        block_mgr.register(_Source, {})


def makeExtension(**settings: Any) -> SourceExtension:
    """The entry point of Python-Markdown."""
    return SourceExtension(**settings)
