"""Claims: ``{{ l1_3/example.value | .2f }}`` in prose becomes the value that the run gave.

``{{ lab/example:table[row header].column }}`` is a cell of a table. ``{{ a > b }}`` shows nothing,
but stops the build where the gap is within tolerance. `pages.quoted` reads all three.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString

from bookbuild import project, results
from bookbuild.markdown import failing
from bookbuild.pages import Quote, quoted

if TYPE_CHECKING:
    from markdown import Markdown

_PATTERN = r"\{\{([^{}\n]*)\}\}"
_BARRED = re.compile(r"(\{\{\s*[\w-]+/[^{}|\n]+)\|([^{}|\n]*\}\})")
# Stands for the bar of a claim while tables are cut at bars; a character for private use.
_BAR = "\ue00b"
_AFTER_FENCES, _AFTER_MATH = 24, 175


class _HideBars(Preprocessor):
    """Keep tables from cutting a claim at its bar."""

    def run(self, lines: list[str]) -> list[str]:
        return [_BARRED.sub(rf"\1{_BAR}\2", line) for line in lines]


class _ShowBars(Postprocessor):
    """Give the bar back where the claim was code after all."""

    def run(self, text: str) -> str:
        return text.replace(_BAR, "|")


class _Claim(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:
        with failing(self.md):
            quote = quoted(project.root(), m[0].replace(_BAR, "|"))
        if quote.value is None:
            element = Element("span", {"class": "claim claim-missing"})
            element.set("title", f"no record of {quote.example} exists yet")
            element.text = AtomicString("not recorded yet")
        else:
            element = Element("data", {"class": "claim", "value": str(quote.value)})
            element.set("title", _told(quote))
            element.text = AtomicString(quote.shown)
        # A comparison shows nothing, so the space before it would stand before a period.
        begin = m.start(0) if element.text else len(data[: m.start(0)].rstrip())
        return element, begin, m.end(0)


def _told(quote: Quote) -> str:
    """The value as it is kept, what made it, how far it may be off, and when."""
    root = project.root()
    value = f"{quote.value:.6g}" if isinstance(quote.value, float) else quote.value
    tolerance = project.maker(quote.example, root).tolerance
    date = results.load(root, quote.example).provenance.get("date", "an unknown day")
    return f"{value} in the run {quote.example}\nrelative tolerance {tolerance:g}, made on {date}"


class ClaimsExtension(Extension):
    """Numbers in prose, bound to the values of results."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what finds claims, and what guards their bars."""
        md.preprocessors.register(_HideBars(md), "book_claim_bars", _AFTER_FENCES)
        md.inlinePatterns.register(_Claim(_PATTERN, md), "book_claim", _AFTER_MATH)
        md.postprocessors.register(_ShowBars(md), "book_claim_bars", 0)


makeExtension = ClaimsExtension  # the name by which Python-Markdown asks
