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

Answers are kept under a hash of the question's and the options' words, so that other questions may
come, go, and change places without mixing up what a reader answered.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
import xml.etree.ElementTree as etree
from dataclasses import dataclass

from markdown import Markdown
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from bookbuild.markdown import failing
from bookbuild.project import BookError

_OPTION = re.compile(r"^[-*] \[(?P<mark>[ xX])\] +(?P<text>\S.*)$")
_ITEM = re.compile(r"^[-*] +(?P<text>\S.*)$")
_MATH = re.compile(r"\$[^$]*\$")
_CHECKLIST = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True)
class Option:
    """One option of a question: Markdown, and the paragraphs that explain it."""

    text: str
    explanation: str
    right: bool


def options(body: str, question: str) -> list[Option]:
    """Read the options of a quiz.

    Raises:
        BookError: If a line is no option, none is right, all are, or one lacks its explanation.
    """
    items = _items(body, _OPTION, f"quiz {question!r}", "- [ ] An option")
    found = [Option(item["text"], told, item["mark"] != " ") for item, told in items]
    if len(found) < 2:
        raise BookError(f"quiz {question!r}: a quiz needs two options or more")
    if not any(option.right for option in found):
        raise BookError(f"quiz {question!r}: no option is marked as right by - [x]")
    if len({option.text for option in found}) < len(found):
        raise BookError(f"quiz {question!r}: two options are the same")
    for option in found:
        if not option.explanation:
            raise BookError(
                f"quiz {question!r}: the option {option.text!r} has no explanation; "
                "write it below, indented by four spaces"
            )
        if not re.search(r"\w", _MATH.sub("", option.text)):
            raise BookError(
                f"quiz {question!r}: the option {option.text!r} needs a word beside its "
                "mathematics, for those who hear the page"
            )
    return found


def _items(
    body: str, start: re.Pattern[str], where: str, wanted: str
) -> list[tuple[re.Match[str], str]]:
    """The items of a list: the match of each one's first line, and the text below it."""
    items: list[tuple[re.Match[str], list[str]]] = []
    for line in body.splitlines():
        if item := start.match(line):
            items.append((item, []))
        elif items and (not line.strip() or line.startswith("  ")):
            items[-1][1].append(line)
        elif line.strip():
            raise BookError(f"{where}: cannot read {line.strip()!r}; expected '{wanted}'")
    return [(item, textwrap.dedent("\n".join(below)).strip()) for item, below in items]


def key(text: str) -> str:
    """A short name that stays the same as long as the words do."""
    words = " ".join(text.lower().split())
    return hashlib.sha256(words.encode()).hexdigest()[:10]


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
            found = options(self.take(block), self.argument)
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
            items = _items(self.take(block), _ITEM, where, "- I can ...")
            if not items:
                raise BookError(f"{where} has no items")
        for item, below in items:
            text = " ".join([item["text"], *below.split()])
            label = self.add(self.add(block, "li"), "label")
            box = self.add(label, "input", type="checkbox", value=key(text))
            box.set("autocomplete", "off")
            self.add(label, "span", text)


class QuizExtension(BlocksExtension):
    """The two blocks."""

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:
        """Register them."""
        block_mgr.register(Quiz, self.getConfigs())  # type: ignore[attr-defined]
        block_mgr.register(Checklist, self.getConfigs())  # type: ignore[attr-defined]


def makeExtension(**options: object) -> QuizExtension:
    """What Python-Markdown calls for ``bookbuild.markdown.quiz``."""
    return QuizExtension(**options)
