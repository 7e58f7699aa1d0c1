"""Markdown extensions of the book: listings, outputs, claims, citations, mathematics, quizzes.

MkDocs and Zensical tell an extension differently which page it is on; ``page_of`` knows both.
Links between pages are written as in Markdown, from one ``.md`` file to another, so that the site
generator turns them into what fits the page's depth and the site's address.
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from bookbuild.project import BookError

if TYPE_CHECKING:
    from markdown import Markdown


def page_of(md: Markdown) -> str:
    """The page being converted, from the docs folder, such as ``lesson/moco.md``; else nothing."""
    for registry, name in ((md.treeprocessors, "relpath"), (md.preprocessors, "rendering_context")):
        if name in registry:
            processor = registry[name]
            holder = getattr(processor, "file", None) or getattr(processor, "page", None)
            path = getattr(holder, "src_uri", None) or getattr(holder, "path", None)
            if path:
                return str(path).replace("\\", "/")
    return ""


def link_to(md: Markdown, target: str) -> str:
    """The link from this page to ``target``, a path from the docs folder with an optional anchor.

    >>> # on lesson/moco.md: reference/moco.md#moco -> ../reference/moco.md#moco
    """
    path, hash_, anchor = target.partition("#")
    folder = posixpath.dirname(page_of(md))
    return posixpath.relpath(path, folder or ".") + hash_ + anchor


@contextmanager
def failing(md: Markdown) -> Iterator[None]:
    """Let a mistake on a page end the build with one message that names the page."""
    try:
        yield
    except BookError as error:
        page = page_of(md)
        message = str(error) if not page or str(error).startswith(page) else f"{page}: {error}"
        raise _error(message) from None


def _error(message: str) -> BookError:
    """A ``BookError`` that MkDocs, when it is what runs, ends on without a traceback."""
    if "mkdocs.exceptions" not in sys.modules:
        return BookError(message)
    from mkdocs.exceptions import BuildError

    class PageError(BookError, BuildError):
        """A mistake on a page."""

    return PageError(message)


def add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Append an element whose text no further Markdown rule touches; ``class_`` gives ``class``."""
    fixed = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    element = SubElement(parent, tag, fixed)
    if text:
        element.text = AtomicString(text)
    return element


def after(element: Element, text: str) -> None:
    """Put plain text behind an element."""
    element.tail = AtomicString(text)


def preformatted(parent: Element) -> Element:
    """Append an element for text in columns, which a keyboard can scroll where it is too wide.

    It holds no ``<code>``: the extension for highlighting would take the block for its own.
    """
    return add(parent, "pre", tabindex="0")
