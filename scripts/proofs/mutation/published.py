"""The published listings of a concept: what each defines, and a hash that tells when it changed."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from bookbuild.regions import regions

from proofs.mutation.workspace import PACKAGE, tests_of

_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Listing:
    """One listing: its functions and classes, and hashes of its code and of its tests' code."""

    concept: str
    name: str
    definitions: tuple[str, ...]
    code: str
    tests: str

    @property
    def key(self) -> str:
        """How a record and a command call it, such as ``dino:dino_loss``."""
        return f"{self.concept}:{self.name}"


def of(concept: str, root: Path) -> list[Listing]:
    """The listings of a concept that define something, in the order of the file."""
    path = f"{PACKAGE}/{concept}.py"
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    tested = _hashed(*((root / test).read_text(encoding="utf-8") for test in tests_of(concept)))
    found = []
    for region in regions(root, path).values():
        inside = [
            node.name
            for node in tree.body
            if isinstance(node, _DEFINITIONS) and region.first <= node.lineno <= region.last
        ]
        if inside:
            found.append(Listing(concept, region.name, tuple(inside), _hashed(region.code), tested))
    return found


def _hashed(*sources: str) -> str:
    """A hash of code that comments, docstrings and layout do not change, on any Python version."""
    text = "\n".join(re.sub(r"\s+", "", _bare(source)) for source in sources)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _bare(source: str) -> str:
    """The source without comments and docstrings."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (*_DEFINITIONS, ast.Module)) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            for row in range(docstring.lineno - 1, docstring.end_lineno or docstring.lineno):
                lines[row] = ""
    return "\n".join(lines)
