"""Where things are, what they are called, and how an example declares itself."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "lesson_code"
NAME = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
FIGURE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COSTS = ("quick", "lab", "gpu")
_HEADER = re.compile(r"^# /// example\n((?:#.*\n)*?)# ///$", re.MULTILINE)


class BookError(Exception):
    """Something a contributor must mend; the message says what, where, and how."""


@dataclass(frozen=True)
class Example:
    """One runnable script and what it declares in its header."""

    name: str
    path: Path
    cost: str = "quick"
    limit: float = 60.0
    seed: int = 0
    tolerance: float = 1e-4


def root(start: Path | None = None) -> Path:
    """The repository's root: the nearest folder upward with ``mkdocs.yml`` and ``lesson_code``."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "mkdocs.yml").is_file() and (folder / PACKAGE).is_dir():
            return folder
    raise BookError(f"{here}: neither here nor above is a folder with mkdocs.yml and {PACKAGE}/")


def read(path: Path, shown: Path | str) -> str:
    """The text of a file, which messages call ``shown``."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BookError(f"{shown}: byte {error.start} is not UTF-8 text") from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process through at a time; a killed process releases it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cache(root: Path) -> Path:
    """The ignored folder for everything that can be made again."""
    return root / ".bookcache"


def results_folder(root: Path, name: str) -> Path:
    """Where the committed result of the example ``name`` lies."""
    return root / PACKAGE / "results" / name


def example(name: str, root: Path) -> Example:
    """Read the declaration of the example ``name``, such as ``l1_3/moco_queue``.

    Raises:
        BookError: If there is no such example, or its header is not as it should be.
    """
    if not NAME.fullmatch(name):
        raise BookError(f"{name!r} is no name of an example; one looks like l1_3/moco_queue")
    path = root / PACKAGE / "examples" / f"{name}.py"
    if not path.is_file():
        raise BookError(f"no example {name}: {path.relative_to(root)} does not exist")
    return _declared(name, path, path.relative_to(root))


def examples(root: Path) -> list[Example]:
    """All examples of the book, in the order of their names."""
    folder = root / PACKAGE / "examples"
    names = sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.glob("*/*.py")
        if path.name != "__init__.py"
    )
    return [example(name, root) for name in names]


def _declared(name: str, path: Path, shown: Path) -> Example:
    header = _HEADER.search(read(path, shown))
    if header is None:
        raise BookError(f"{shown}: no header; an example begins with '# /// example' ... '# ///'")
    text = "\n".join(line.removeprefix("#").strip() for line in header[1].splitlines())
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BookError(f"{shown}: the header is not TOML: {error}") from None
    kinds: dict[str, tuple[type, ...]] = {
        "cost": (str,),
        "limit": (int, float),
        "seed": (int,),
        "tolerance": (float,),
    }
    for key, value in declared.items():
        if key not in kinds:
            raise BookError(f"{shown}: the header knows {', '.join(kinds)}, not {key!r}")
        if not isinstance(value, kinds[key]) or isinstance(value, bool):
            raise BookError(f"{shown}: {key} in the header cannot be {value!r}")
    if declared.get("cost", "quick") not in COSTS:
        raise BookError(f"{shown}: cost must be one of {', '.join(COSTS)}")
    if declared.get("limit", 1) <= 0 or not 0 < declared.get("tolerance", 1e-4) < 1:
        raise BookError(f"{shown}: limit must be above 0 and tolerance between 0 and 1")
    return Example(name, path, **declared)
