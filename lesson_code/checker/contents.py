"""What can be told of the exercises without torch: their declarations are read, not run."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lesson_code
from lesson_code.checker.register import did_you_mean

_FOLDER = Path(__file__).resolve().parent / "exercises"


class ShelfError(ValueError):
    """What is asked for does not exist, or would overwrite a reader's work."""


@dataclass(frozen=True)
class Entry:
    """What ``lesson_code.checker.exercise.Exercise`` says of one, but for its probes."""

    name: str
    family: str
    page: str
    hints: tuple[str, ...]
    known_as: str = ""
    minutes: int = 15
    difficulty: int = 2


@cache
def entries() -> dict[str, Entry]:
    """All exercises by name, in the order of the book, which is that of the package's names."""
    order = lesson_code.__all__
    found = [entry for path in _FOLDER.glob("[!_]*.py") for entry in _declared(path)]
    families = {entry.family: order.index(entry.name) for entry in reversed(found)}
    return {entry.name: entry for entry in sorted(found, key=lambda each: families[each.family])}


def entry(name: str) -> Entry:
    """The exercise of a name, of its own or of one under which people know it.

    Raises:
        ShelfError: if there is none; the nearest names are told.
    """
    known = entries()
    if name in known:
        return known[name]
    for each in known.values():
        if _simple(name) in map(_simple, (each.name, *each.known_as.split())):
            return each
    hint = did_you_mean(name, known) or f"; there are: {', '.join(known)}"
    raise ShelfError(f"no exercise {name!r}{hint}")


def _simple(name: str) -> str:
    bare = name.lower().replace("_", "")
    return bare.removesuffix("loss") or bare


def _declared(path: Path) -> list[Entry]:
    """The exercises of a file, in its order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [_meant(node, constants) for node in constants["EXERCISES"].elts]  # type: ignore[attr-defined]
    return [_entry(call, constants, path.stem) for call in calls]


def _entry(call: Any, constants: Mapping[str, ast.expr], family: str) -> Entry:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    texts = {
        key: ast.literal_eval(_meant(given[key], constants))
        for key in ("page", "hints", "known_as", "minutes", "difficulty")
        if key in given
    }
    return Entry(given["reference"].id, family, **texts)


def _meant(node: ast.expr, constants: Mapping[str, ast.expr]) -> ast.expr:
    return constants[node.id] if isinstance(node, ast.Name) else node
