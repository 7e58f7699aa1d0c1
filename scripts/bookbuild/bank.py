"""The bug bank and the exercises as pages show them, read without importing what they are about.

A build without torch shows them too: the bank's own reader needs the standard library only, and
of an exercise its declaration is read, not run.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bookbuild.project import PACKAGE, BookError, entries, read
from bookbuild.reading import question

READER = f"{PACKAGE}/checker/register.py"
CONTENTS = f"{PACKAGE}/checker/contents.py"
FOLDER = f"{PACKAGE}/checker/bank"
EXERCISES = f"{PACKAGE}/checker/exercises"
MISTAKES = f"{PACKAGE}/checker/mistakes.toml"
_DAMAGE = (ValueError, TypeError, AttributeError, KeyError, RecursionError)  # no bank, but TOML


@dataclass(frozen=True)
class Exercise:
    """What a page tells of an exercise; ``page`` explains it, relative to ``docs``."""

    name: str
    page: str
    summary: str
    hints: tuple[str, ...]


def bank(root: Path) -> Any:
    """The module that reads the bank, ``checker/register.py``; anew when a file changed.

    Raises:
        BookError: If there is none.
    """
    reader = root / READER
    if not reader.is_file():
        raise BookError(f"{READER} does not exist")
    files = [reader, *(root / FOLDER).glob("[!.]*.toml")]  # what bugs change is read when asked for
    return _module(reader, *sorted((str(path), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=8)
def _module(path: Path, *state: object) -> Any:
    """A file as a module of its own; ``state`` lets the cache notice a change."""
    spec = importlib.util.spec_from_file_location(f"bookbuild_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@question
def family(root: Path, name: str) -> Any:
    """One family of bugs.

    Raises:
        BookError: If there is none, or it is not as it should be.
    """
    reader = bank(root)
    try:
        return reader.family(name)
    except (reader.BankError, *_DAMAGE) as error:
        raise BookError(f"{FOLDER}: {error}") from None


@question
def bugs_of(root: Path, name: str) -> list[Any]:
    """The bugs of a published function or class.

    Raises:
        BookError: If a family is not as it should be.
    """
    reader = bank(root)
    try:
        return list(reader.bugs_of(name))
    except (reader.BankError, *_DAMAGE) as error:
        raise BookError(f"{FOLDER}: {error}") from None


def mistakes(root: Path) -> dict[str, list[str]]:
    """The mistakes that are made in several functions, each with the bugs that it is there."""
    return entries(root / MISTAKES, MISTAKES, list)


@question
def exercises(root: Path, folder: str = "") -> list[Exercise]:
    """All exercises, or those of a folder of pages, in the order of the package's imports.

    Raises:
        BookError: If one cannot be read.
    """
    reader = _module(root / CONTENTS, (root / CONTENTS).stat().st_mtime_ns)
    try:
        found = reader.in_order(root / EXERCISES, public(root))
    except reader.ShelfError as error:
        raise BookError(str(error)) from None
    return [
        Exercise(each.name, each.page, _summary(root, each.family, each.name), each.hints)
        for each in found
        if not folder or Path(each.page).parent.as_posix() == folder
    ]


def public(root: Path) -> list[str]:
    """What ``from lesson_code import`` gives, in its order."""
    tree = ast.parse(read(root / PACKAGE / "__init__.pyi", f"{PACKAGE}/__init__.pyi"))
    return [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def _summary(root: Path, concept: str, name: str) -> str:
    """The first paragraph of the docstring of a published function or class."""
    file = f"{PACKAGE}/{concept}.py"
    for node in ast.parse(read(root / file, file)).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return ""
