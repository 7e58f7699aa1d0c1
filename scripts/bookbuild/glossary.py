"""The words of the book, as ``docs/glossary.toml`` has them; read without a Markdown library."""

from __future__ import annotations

from pathlib import Path

from bookbuild.project import BookError, entries
from bookbuild.reading import question

FILE = "docs/glossary.toml"


@question
def glossary(root: Path) -> list[list[str]]:
    """Each word with what it means, followed by its other forms."""
    path = root / FILE
    words = entries(path, FILE) if path.is_file() else {}
    for word, one in words.items():
        if not isinstance(one.get("says"), str) or not isinstance(one.get("also", []), list):
            raise BookError(f"{FILE}: entry {word!r} needs a text says, and may have a list also")
    return [[word, one["says"], *one.get("also", ())] for word, one in words.items()]
