"""What can be told of the exercises without torch: what ``exercises.toml`` says of them.

The build of the book loads this file alone, so it imports the standard library at first.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "exercises"


class ShelfError(ValueError):
    """What is asked for does not exist, or would overwrite a reader's work."""


@dataclass(frozen=True)
class Entry:
    """One exercise, but for its probes; ``family`` is its concept, ``page`` relative to ``docs``.

    Args:
        hints: from a nudge to nearly the answer.
        known_as: other names under which people look for it.
        minutes: how long it takes somebody who has read the page.
        difficulty: from 1 to 3.
    """

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
        ShelfError: if one lacks its page or its hints, or is no public name.
    """
    path, first = folder.with_suffix(".toml"), dict[str, int]()
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        found = [Entry(name, **each | {"hints": (*each["hints"],)}) for name, each in told.items()]
        for each in found:
            first.setdefault(each.family, names.index(each.name))
    except (KeyError, TypeError, ValueError) as error:
        raise ShelfError(f"checker/{path.name}: {error}") from None
    return sorted(found, key=lambda each: first[each.family])


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
