"""What a page must not become: marks that no rule took, code by indentation, two equal addresses.

The page lint names most of it with its line; this looks at what the engine made of a page.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.blockprocessors import CodeBlockProcessor
from markdown.postprocessors import Postprocessor

from bookbuild.markdown import failing, page_of
from bookbuild.project import BookError

_ELSEWHERE = re.compile(
    r"<!--.*?-->|<(pre|code|math|svg|script|style|textarea)\b.*?</\1\s*>|</?[a-z][^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_LEFT = re.compile(r"\{\{.*|\}\}|^[ \t]*(?:```|~~~|/{3}|-+8<-).*", re.MULTILINE)
_ANCHOR = re.compile(r"<!--.*?-->|<[a-z][^<>]*?\sid=\"([^\"]+)", re.DOTALL | re.IGNORECASE)
_BEFORE_CODE, _LAST = 85, -10


class _Indented(CodeBlockProcessor):
    """Code of a page is a fence: four blanks too many would show what nothing has tested."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        md = self.parser.md
        if not page_of(md) or "mkdocstrings_headings" in md.treeprocessors:  # a docstring
            CodeBlockProcessor.run(self, parent, blocks)
            return
        with failing(md):
            begins = blocks[0].strip().split("\n")[0]
            raise BookError(
                f"a block of code by indentation, it begins with {begins!r}; use a fence"
            )


class _Left(Postprocessor):
    def run(self, text: str) -> str:
        shown = html.unescape(_ELSEWHERE.sub(" ", text))
        if page_of(self.md) and (left := _LEFT.search(shown)):
            with failing(self.md):
                raise BookError(
                    f"{left[0].strip()[:60]!r} is left as it was written; mend its marks"
                )
        anchors = Counter(filter(None, _ANCHOR.findall(text)))
        if page_of(self.md) and (twice := [one for one, count in anchors.items() if count > 1]):
            with failing(self.md):
                raise BookError(f"the address #{twice[0]} is there twice; call one otherwise")
        return text


class LeftoversExtension(Extension):
    """Refuses a page with marks that are left."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register what looks at blocks, and at the end."""
        md.parser.blockprocessors.register(_Indented(md.parser), "book_indented", _BEFORE_CODE)
        md.postprocessors.register(_Left(md), "book_left", _LAST)


makeExtension = LeftoversExtension  # the name by which Python-Markdown asks
