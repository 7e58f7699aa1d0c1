"""How much of what pages show of the published code is the method, counted by line.

Shown is what a listing shows as a page opens: one line of each docstring, nothing of the guard. Of
these lines, empty ones left out, each belongs to a docstring, to a check or to the method. A check
is an ``if`` that only raises, or a call of a ``check_…``. How long a function or class is counts
from its first decorator that is shown to its end, empty lines between methods included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookbuild.docstrings import short
from bookbuild.project import PACKAGE
from bookbuild.regions import IMPORTS, Region, regions

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Count:
    """The lines that one listing shows; ``longest`` holds the lengths of its definitions."""

    region: Region
    docstring: int
    checks: int
    method: int
    functions: tuple[int, ...]
    classes: tuple[int, ...]


def published(root: Path) -> list[Region]:
    """The regions of the concepts' files that are code and not imports, by file."""
    return [
        region
        for file in sorted((root / PACKAGE).glob("[!.]*.py"))
        if file.stem != "guards"
        for region in regions(root, file.relative_to(root).as_posix()).values()
        if region.name != IMPORTS
    ]


def counted(region: Region) -> Count:
    """Count the lines of one listing."""
    code = short(region.code)
    tree = ast.parse(code)
    documents = {line for node in ast.walk(tree) for line in _docstring(node)}
    checks = {line for node in ast.walk(tree) for line in _check(node)} - documents
    filled = {number for number, line in enumerate(code.split("\n"), 1) if line.strip()}
    sizes = [
        (isinstance(node, ast.ClassDef), (node.end_lineno or 0) - _first(node) + 1)
        for node in tree.body
        if isinstance(node, _DEFINITIONS)
    ]
    return Count(
        region,
        len(filled & documents),
        len(filled & checks),
        len(filled - documents - checks),
        tuple(size for is_class, size in sizes if not is_class),
        tuple(size for is_class, size in sizes if is_class),
    )


def share(counts: list[Count]) -> float:
    """The share of the method in all lines that are shown."""
    method = sum(count.method for count in counts)
    return method / sum(count.docstring + count.checks + count.method for count in counts)


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _docstring(node: ast.AST) -> Iterator[int]:
    if isinstance(node, _DEFINITIONS) and ast.get_docstring(node) is not None:
        yield from _lines(node.body[0])


def _check(node: ast.AST) -> Iterator[int]:
    is_raise = isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise)
    call = node.value if isinstance(node, ast.Expr) else None
    is_call = isinstance(call, ast.Call) and "check_" in ast.unparse(call.func)
    if isinstance(node, ast.stmt) and (is_raise or is_call):
        yield from _lines(node)


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
