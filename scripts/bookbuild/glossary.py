"""The words of the book, as ``docs/glossary.toml`` has them; read without a Markdown library."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bookbuild.reading import question

FILE = "docs/glossary.toml"


@question
def glossary(root: Path) -> list[list[str]]:
    """Each word with what it means, followed by its other forms."""
    path = root / FILE
    words = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [[word, one["says"], *one.get("also", ())] for word, one in words.items()]
