"""A small book that a test writes into a temporary folder."""

from __future__ import annotations

import textwrap
from pathlib import Path


class Book:
    """A book with an empty ``lesson_code`` to which a test adds what it needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "mkdocs.yml").write_text("site_name: test\n")
        (root / "docs").mkdir()
        self.module("__init__", "")

    def module(self, name: str, code: str) -> Path:
        """Write ``lesson_code/<name>.py``."""
        path = self.root / "lesson_code" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(code))
        return path

    def example(self, name: str, code: str, declared: str = "limit = 20") -> str:
        """Write an example of lesson ``l0``; its full name comes back."""
        header = "# /// example\n" + "".join(f"# {line}\n" for line in declared.splitlines())
        self.module(f"examples/l0/{name}", header + "# ///\n" + textwrap.dedent(code))
        return f"l0/{name}"

    def page(self, text: str, name: str = "page.md") -> Path:
        """Write a page of the book."""
        path = self.root / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def result(self, name: str, file: str) -> Path:
        """The path of one file of a committed result."""
        return self.root / "lesson_code" / "results" / name / file
