"""The words of the book: a page marks the first use of each, ``/// glossary`` lists them all.

They are in ``docs/glossary.toml``. A mark is an ``abbr`` whose title says what the word means;
``book.js`` shows it on hover, tap and focus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild import project
from bookbuild.glossary import glossary
from bookbuild.markdown import add, page_of

if TYPE_CHECKING:
    from markdown import Markdown
    from pymdownx.blocks import BlocksProcessor

_BEFORE_IDS = 7  # after what stands within a line, as Python-Markdown's own abbreviations
_PROSE = ("p", "li", "div", "section", "ul", "ol", "em", "strong", "figure", "figcaption")
#: Code, results and questions speak for themselves.
_APART = ("listing", "output", "quiz", "admonition", "glossary", "proof", "citation", "arithmatex")


class _FirstUses(Treeprocessor):
    """Mark the first use of each word in the prose of a page."""

    def run(self, root: Element) -> None:
        if not page_of(self.md).startswith(("module-", "lab/")):
            return
        self.says: dict[str, str] = {}
        for word, says, *forms in glossary(project.root()):
            self.says |= dict.fromkeys([word, *forms], says)
        self.waiting = set(self.says.values())
        words = "|".join(map(re.escape, sorted(self.says, key=len, reverse=True)))
        self.pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")
        self._within(root)

    def _within(self, element: Element) -> None:
        position = self._marked(element, element.text, 0)
        while position < len(element):
            child = element[position]
            classes = (child.get("class") or "").split()
            if child.tag in _PROSE and not set(classes) & set(_APART):
                self._within(child)
            position = self._marked(element, child.tail, position + 1)

    def _marked(self, parent: Element, text: str | None, position: int) -> int:
        """Mark words in the text before the child at ``position``; return where to go on."""
        if not text or isinstance(text, AtomicString):
            return position
        for match in self.pattern.finditer(text):
            if self.says[match[0]] not in self.waiting:
                continue
            self.waiting.remove(self.says[match[0]])
            mark = Element("abbr", {"title": self.says[match[0]]})
            mark.text, mark.tail = AtomicString(match[0]), text[match.end() :]
            if position:
                parent[position - 1].tail = text[: match.start()]
            else:
                parent.text = text[: match.start()]
            parent.insert(position, mark)
            return self._marked(parent, mark.tail, position + 1)
        return position


class _Glossary(Block):
    """The list of all words."""

    NAME = "glossary"

    def on_create(self, parent: Element) -> Element:
        listed = SubElement(parent, "dl", {"class": "glossary"})
        for word, says, *_ in glossary(project.root()):
            add(listed, "dt", word, id=f"word-{word.lower().replace(' ', '-')}")
            add(listed, "dd", says)
        return listed


class GlossaryExtension(BlocksExtension):
    """Marks and the list."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what marks words."""
        md.treeprocessors.register(_FirstUses(md), "book_glossary", _BEFORE_IDS)
        super().extendMarkdown(md)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: BlocksProcessor) -> None:
        """Register the block."""
        block_mgr.register(_Glossary, {})


makeExtension = GlossaryExtension  # the name by which Python-Markdown asks
