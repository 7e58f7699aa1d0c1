"""What can be told of the exercises without torch: their declarations are read, not run.

The build of the book loads this file alone, so it imports the standard library at first.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "exercises"
_TOLD = ("page", "hints", "known_as", "minutes", "difficulty")


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
    import lesson_code

    return {each.name: each for each in in_order(_FOLDER, lesson_code.__all__)}


def in_order(folder: Path, names: Sequence[str]) -> list[Entry]:
    """The exercises of a folder, families in the order of the package's names.

    Raises:
        ShelfError: if one is not declared plainly.
    """
    families = [declared(path) for path in sorted(folder.glob("[!_.]*.py"))]
    families.sort(key=lambda family: names.index(family[0].name))
    return [each for family in families for each in family]


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
    from lesson_code.checker.names import did_you_mean

    hint = did_you_mean(name, known) or f"; there are: {', '.join(known)}"
    raise ShelfError(f"no exercise {name!r}{hint}")


def _simple(name: str) -> str:
    bare = name.lower().replace("_", "")
    return bare.removesuffix("loss") or bare


def declared(path: Path) -> list[Entry]:
    """The exercises of a file, in its order.

    Raises:
        ShelfError: if one is not declared plainly.
    """
    where = f"checker/exercises/{path.name}"
    constants = {
        target.id: node.value
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def meant(node: ast.expr) -> ast.expr:
        return constants.get(node.id, node) if isinstance(node, ast.Name) else node

    listed = constants.get("EXERCISES")
    if not isinstance(listed, ast.Tuple):
        raise ShelfError(f"{where} has no tuple EXERCISES")
    found = []
    for call in map(meant, listed.elts):
        if not isinstance(call, ast.Call):
            raise ShelfError(f"{where}: EXERCISES must hold calls of Exercise")
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        reference = given.get("reference")
        if not isinstance(reference, ast.Name):
            raise ShelfError(f"{where}: the reference of an exercise must be a name")
        texts = {key: meant(given[key]) for key in _TOLD if key in given}
        try:
            values = {key: ast.literal_eval(node) for key, node in texts.items()}
            found.append(Entry(reference.id, path.stem, values.pop("page"), **values))
        except (KeyError, TypeError, ValueError) as error:
            raise ShelfError(
                f"{where}: an exercise without plain page and hints: {error}"
            ) from None
    return found
