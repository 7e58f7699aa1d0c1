"""Questions and checklists, usable without a script and kept between visits with one.

A quiz has one right option or several; every option says why it is right or wrong::

    /// quiz | Which of the two moves?
    - [ ] The teacher, by its gradient
        It has none: its parameters follow the student's by an average.
    - [x] The student, by its gradient
        Only the student is in the optimizer.
    ///

    /// checklist | l1_3
    - I can say why a view is not its own negative.
    ///

    /// review | simclr moco
    ///

The last asks again what these pages of the same folder ask, each with the way to its page; a script
leaves there what was missed or not yet answered.

The right option may be written anywhere: readers see the options shuffled, as ``questions`` tells.
Answers are kept under a hash of the question's and the options' words, so that other questions may
come, go, and change places without mixing up what a reader answered.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from pathlib import Path

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild import pages, project
from bookbuild.markdown import failing, page_of
from bookbuild.markdown.questions import Option, blocks, items, key, options, shown
from bookbuild.project import BookError

_ITEM = re.compile(r"^[-*] +(?P<text>\S.*)$")
_CHECKLIST = re.compile(r"[a-z0-9_-]+")
_REVIEW = re.compile(r"^/// review \|(?P<pages>[^\n]*)\n///$", re.MULTILINE)
_BEFORE_FENCES = 34


class _RawBlock(Block):
    """A block whose lines it reads itself."""

    ARGUMENT = True

    def on_markdown(self) -> str:
        """Ask for the lines as they are."""
        return "raw"

    def take(self, block: etree.Element) -> str:
        """The lines of the block, which leave it."""
        body, block.text = block.text or "", None
        return str(body)

    def unique(self, name: str, told: str) -> None:
        """Refuse a second block of one name on a page."""
        seen = self.tracker.setdefault("seen", set())
        if name in seen:
            raise BookError(f"{told} stands twice on one page")
        seen.add(name)

    def add(
        self, parent: etree.Element, tag: str, text: str = "", **attributes: str
    ) -> etree.Element:
        """Append an element whose text is Markdown within a line."""
        named = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        element = etree.SubElement(parent, tag, named)
        element.text = text or None
        return element


class Quiz(_RawBlock):
    """``/// quiz | Question``: a fieldset of radio buttons, or of boxes when several are right."""

    NAME = "quiz"

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Make the fieldset with its legend."""
        self.key = key(self.argument)
        with failing(self.md):
            self.unique(self.key, f"quiz {self.argument!r}")
        return etree.SubElement(parent, "fieldset", {"class": "quiz", "data-quiz": self.key})

    def on_end(self, block: etree.Element) -> None:
        """Fill in the options and their explanations."""
        with failing(self.md):
            written = options(self.take(block), self.argument)
        found = shown(_root(), self.argument, written)
        several = sum(option.right for option in found) > 1
        self.add(block, "legend", self.argument)
        if several:
            self.add(block, "p", "More than one is right.", class_="quiz-hint")
        for option in found:
            self._choice(block, option, "checkbox" if several else "radio")
        answer = self.add(block, "details", class_="quiz-answer")
        self.add(answer, "summary", "Show the answer, every option explained")
        reasons = self.add(answer, "ul")
        for option in found:
            item = self.add(reasons, "li", class_=f"quiz-{'right' if option.right else 'wrong'}")
            item.set("data-explains", key(option.text))
            said = self.add(item, "p", class_="quiz-option-text")
            self.add(said, "strong", "Right:" if option.right else "Wrong:")
            self.add(said, "span", option.text)
            self._reason(self.add(item, "div", class_="quiz-reason"), option.explanation)

    def _reason(self, parent: etree.Element, text: str) -> None:
        lines = text.splitlines()
        if "fenced_code_block" in self.md.preprocessors:  # a raw block got its fences back as text
            lines = self.md.preprocessors["fenced_code_block"].run(lines)
        self.md.parser.parseChunk(parent, "\n".join(lines))

    def _choice(self, block: etree.Element, option: Option, kind: str) -> None:
        label = self.add(block, "label", class_="quiz-option")
        box = self.add(label, "input", type=kind, name=f"quiz-{self.key}", value=key(option.text))
        box.set("autocomplete", "off")
        if option.right:
            box.set("data-right", "")
        self.add(label, "span", option.text)


class Checklist(_RawBlock):
    """``/// checklist | name``: boxes to tick, kept in the reader's browser."""

    NAME = "checklist"

    def on_create(self, parent: etree.Element) -> etree.Element:
        """Make the list."""
        name = self.argument
        with failing(self.md):
            if not _CHECKLIST.fullmatch(name):
                raise BookError(f"checklist {name!r}: its name may hold a-z, 0-9, - and _ only")
            self.unique(name, f"checklist {name!r}")
        return etree.SubElement(parent, "ul", {"class": "checklist", "data-checklist": name})

    def on_end(self, block: etree.Element) -> None:
        """Fill in the items."""
        where = f"checklist {self.argument!r}"
        with failing(self.md):
            found = items(self.take(block), _ITEM, where, "- I can ...")
            if not found:
                raise BookError(f"{where} has no items")
        for item, below in found:
            text = " ".join([item["text"], *below.split()])
            label = self.add(self.add(block, "li"), "label")
            box = self.add(label, "input", type="checkbox", value=key(text))
            box.set("autocomplete", "off")
            self.add(label, "span", text)


class _Review(Preprocessor):
    """Write out the questions of the pages that a review names."""

    def run(self, lines: list[str]) -> list[str]:
        with failing(self.md):
            return _REVIEW.sub(self._asked, "\n".join(lines)).split("\n")

    def _asked(self, review: re.Match[str]) -> str:
        folder = (project.root() / "docs" / page_of(self.md)).parent
        found = []
        for name in review["pages"].split():
            if not (folder / f"{name}.md").is_file():
                raise BookError(f"the review names {name}, which is no page of its folder")
            page = pages.page(project.root(), folder / f"{name}.md")
            title = re.findall(r"^# (.*)", page.text, re.MULTILINE)[0]
            asked = [f"/// quiz | {question}\n{body}\n///" for _, question, body in blocks(page)]
            if not asked:
                raise BookError(f"the review names {name}, which asks nothing")
            found += [f"{quiz}\n\nFrom [{title}]({name}.md)" for quiz in asked]
        begin, end = '<section class="asked" markdown>', "</section>"
        return "\n\n".join(f"{begin}\n\n{one}\n\n{end}" for one in found)


def _root() -> Path | None:
    """The book's folder; none where a text of no book is converted."""
    try:
        return project.root()
    except BookError:
        return None


class QuizExtension(BlocksExtension):
    """The two blocks."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:
        """Register them."""
        block_mgr.register(Quiz, self.getConfigs())  # type: ignore[attr-defined]
        block_mgr.register(Checklist, self.getConfigs())  # type: ignore[attr-defined]
        md.preprocessors.register(_Review(md), "book_review", _BEFORE_FENCES)


makeExtension = QuizExtension  # the name by which Python-Markdown asks
