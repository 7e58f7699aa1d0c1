"""The bug bank and the exercises as pages show them, read without importing what they are about.

A build without torch shows them too: the bank's own reader needs the standard library only, and
of an exercise its declaration is read, not run.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bookbuild.project import PACKAGE, BookError, read
from bookbuild.reading import question

READER = f"{PACKAGE}/checker/register.py"
FOLDER = f"{PACKAGE}/checker/bank"
EXERCISES = f"{PACKAGE}/checker/exercises"
MISTAKES = f"{PACKAGE}/checker/mistakes.toml"


@dataclass(frozen=True)
class Exercise:
    """What a page tells of an exercise; ``page`` explains it, relative to ``docs``."""

    name: str
    family: str
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
    files = [reader, *(root / FOLDER).glob("*.toml"), *(root / PACKAGE).glob("*.py")]
    return _bank(reader, tuple(sorted((str(path), path.stat().st_mtime_ns) for path in files)))


@lru_cache(maxsize=4)
def _bank(reader: Path, state: tuple[tuple[str, int], ...]) -> Any:
    """``state`` is there for the cache to notice a change."""
    spec = importlib.util.spec_from_file_location("bookbuild_bug_bank", reader)
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
    except reader.BankError as error:
        raise BookError(str(error)) from None


@question
def bugs_of(root: Path, name: str) -> list[Any]:
    """The bugs of a published function or class.

    Raises:
        BookError: If a family is not as it should be.
    """
    reader = bank(root)
    try:
        return list(reader.bugs_of(name))
    except reader.BankError as error:
        raise BookError(str(error)) from None


def mistakes(root: Path) -> dict[str, list[str]]:
    """The mistakes that are made in several functions, each with the bugs that it is there."""
    found: dict[str, list[str]] = tomllib.loads(read(root / MISTAKES, MISTAKES))
    return found


@question
def exercises(root: Path) -> list[Exercise]:
    """All exercises in the order of the book, which is that of the package's imports.

    Raises:
        BookError: If one cannot be read.
    """
    families = []
    for name in sorted(path.stem for path in (root / EXERCISES).glob("[!_]*.py")):
        constants = _constants(root, f"{EXERCISES}/{name}.py")
        concept = ast.parse(read(root / PACKAGE / f"{name}.py", f"{PACKAGE}/{name}.py"))
        listed = constants.get("EXERCISES")
        if not isinstance(listed, ast.Tuple):
            raise BookError(f"{EXERCISES}/{name}.py has no tuple EXERCISES")
        families.append([_exercise(name, call, constants, concept) for call in listed.elts])
    order = public(root)
    families.sort(key=lambda family: order.index(family[0].name))
    return [exercise for family in families for exercise in family]


def public(root: Path) -> list[str]:
    """What ``from lesson_code import`` gives, in its order."""
    tree = ast.parse(read(root / PACKAGE / "__init__.pyi", f"{PACKAGE}/__init__.pyi"))
    return [
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]


def _constants(root: Path, file: str) -> dict[str, ast.expr]:
    tree = ast.parse(read(root / file, file))
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _exercise(
    family_name: str, call: ast.expr, constants: dict[str, ast.expr], concept: ast.Module
) -> Exercise:
    where = f"{EXERCISES}/{family_name}.py"
    if isinstance(call, ast.Name):
        call = constants.get(call.id, call)
    if not isinstance(call, ast.Call):
        raise BookError(f"{where}: EXERCISES must hold calls of Exercise")
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    try:
        reference = given["reference"]
        page, hints = (_literal(given[key], constants) for key in ("page", "hints"))
    except (KeyError, ValueError) as error:
        raise BookError(f"{where}: an exercise without a plain {error}") from None
    if not isinstance(reference, ast.Name):
        raise BookError(f"{where}: the reference of an exercise must be a name")
    return Exercise(
        reference.id, family_name, str(page), _summary(concept, reference.id), tuple(hints)
    )


def _literal(node: ast.expr, constants: dict[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        node = constants[node.id]
    return ast.literal_eval(node)


def _summary(concept: ast.Module, name: str) -> str:
    """The first sentence of the docstring of a published function or class."""
    for node in concept.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            paragraph = (ast.get_docstring(node) or "").split("\n\n")[0]
            return " ".join(paragraph.split())
    return ""
