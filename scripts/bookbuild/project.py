"""Where things are, what they are called, and how an example declares itself."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from bookbuild.reading import once

PACKAGE = "lesson_code"
NAME = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
FIGURE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COSTS = ("quick", "lab", "gpu")
#: Costs that no build pays: a page then tells that there is no record, or that it is an old one.
MAY_LACK_A_RECORD = ("lab", "gpu")
#: Folders of results that no example makes, but a command that runs the whole workshop.
COMMANDS = {"mutation": "scripts/mutate"}
_KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
#: What no text needs: control characters, other ends of lines, and marks that turn its direction.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
_HEADER = re.compile(r"^# /// example\n((?:#.*\n)*?)# ///$", re.MULTILINE)


class BookError(Exception):
    """Something a contributor must mend; the message says what, where, and how."""


@dataclass(frozen=True)
class Tolerances:
    """How far a new result may be from the committed one; all but ``relative`` are absolute.

    ``within`` is for values and columns of tables by name, ``printed`` for decimals in texts that
    repeat none of these, ``pixels`` for the shapes of a figure, ``pictures`` for the gray levels of
    images inside it.
    """

    relative: float = 1e-4
    within: Mapping[str, float] = field(default_factory=dict)
    printed: float = 0.0
    pixels: float = 0.05
    pictures: float | None = None

    def key(self, *names: str) -> str:
        """The longest key of ``within`` that a name is or ends in, or nothing."""
        fits = [key for key in self.within if any(f"_{name}".endswith(f"_{key}") for name in names)]
        return max(fits, key=len, default="")

    def slack(self, value: float, *names: str) -> float:
        """How far another run's value of these names may be from this one."""
        key = self.key(*names)
        return self.within[key] if key else self.relative * abs(value)


@dataclass(frozen=True)
class Example:
    """One runnable script and what it declares in its header, or a command that makes results."""

    name: str
    path: Path
    cost: str = "quick"
    limit: float = 60.0
    seed: int = 0
    tolerances: Tolerances = Tolerances()

    @property
    def tolerance(self) -> float:
        """The relative tolerance, for everything that has no other."""
        return self.tolerances.relative


def root(start: Path | None = None) -> Path:
    """The repository's root: the nearest folder upward with ``mkdocs.yml`` and ``lesson_code``."""
    return _root(start or Path.cwd())


@lru_cache(maxsize=64)
def _root(start: Path) -> Path:
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / "mkdocs.yml").is_file() and (folder / PACKAGE).is_dir():
            return folder
    raise BookError(f"{here}: neither here nor above is a folder with mkdocs.yml and {PACKAGE}/")


def read(path: Path, shown: Path | str) -> str:
    """The text of a file, which messages call ``shown``."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BookError(f"{shown}: byte {error.start} is not UTF-8 text") from None
    if found := CONTROLS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise BookError(f"{shown}:{line}: the character {found[0]!a} does not belong in a text")
    if found := _CONFLICT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise BookError(f"{shown}:{line}: a merge stopped here; choose, and take out git's marks")
    return text


def entries(path: Path, shown: str, kind: type = dict) -> dict[str, Any]:
    """The entries of a TOML file, all of one kind, which messages call ``shown``."""
    try:
        found = tomllib.loads(read(path, shown))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BookError(f"{shown}: {error}") from None
    for key, value in found.items():
        if not isinstance(value, kind):
            raise BookError(f"{shown}: entry {key!r} cannot be {str(value)[:40]}")
    return found


def unfit(root: Path) -> dict[str, str]:
    """What a site cannot be made of, by its path: a link would be followed, a pipe waited for."""
    tops = [f"{root}/{top}" for top in ("docs", PACKAGE, "theme")]
    inside = (
        f"{folder}/{name}" for top in tops for folder, *n in os.walk(top) for name in sum(n, [])
    )
    found = {}
    for path in (*tops, *inside):
        with suppress(FileNotFoundError):
            mode = os.lstat(path).st_mode
            if "/.#" in path and not os.path.exists(path):
                continue  # an editor's lock: a link to nowhere, which no page is made of
            if stat.S_ISLNK(mode):
                found[path] = "a symbolic link, which a build would follow; put the file here"
            elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                found[path] = "neither a file nor a folder; a build would wait for it"
    return {Path(path).relative_to(root).as_posix(): why for path, why in found.items()}


def harmless(text: str) -> str:
    """A text of whatever origin for a terminal: what is no letter or sign is spelled out."""
    shown = (c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
    return "".join(shown)


def cache(root: Path) -> Path:
    """The ignored folder for everything that can be made again."""
    return root / ".bookcache"


def results_folder(root: Path, name: str) -> Path:
    """Where the committed result of the example ``name`` lies."""
    return root / PACKAGE / "results" / name


@once
def example(name: str, root: Path) -> Example:
    """Read the declaration of the example ``name``, such as ``l1_3/moco_queue``.

    Raises:
        BookError: If there is no such example, or its header is not as it should be.
    """
    if not NAME.fullmatch(name):
        raise BookError(f"{name!r} is no name of an example; one looks like l1_3/moco_queue")
    path = root / PACKAGE / "examples" / f"{name}.py"
    if not path.is_file():
        near = _nearest(name, _names(root))
        raise BookError(f"no example {name}: {path.relative_to(root)} does not exist{near}")
    state = path.stat()
    return _declared(name, path, path.relative_to(root), state.st_mtime_ns, state.st_size)


def maker(name: str, root: Path) -> Example:
    """What makes the result ``name``: the example of that name, or a command.

    Raises:
        BookError: If there is neither, or the example's header is not as it should be.
    """
    command = COMMANDS.get(name.partition("/")[0])
    return Example(name, root / command, "command") if command else example(name, root)


def makers(root: Path) -> list[Example]:
    """All examples, and what the commands made of which there is a result."""
    made = [path for folder in COMMANDS for path in results_folder(root, folder).glob("*")]
    names = sorted(f"{path.parent.name}/{path.name}" for path in made if path.is_dir())
    return examples(root) + [maker(name, root) for name in names]


def remedy(name: str) -> str:
    """The command that makes the result ``name``."""
    command = COMMANDS.get(name.partition("/")[0])
    return f"./{command} --record" if command else f"python -m bookbuild accept {name}"


def examples(root: Path) -> list[Example]:
    """All examples of the book, in the order of their names."""
    return [example(name, root) for name in _names(root)]


def named(root: Path, names: Sequence[str]) -> list[Example]:
    """The examples that ``names`` mean, once each; a folder's name means all of its examples.

    Raises:
        BookError: If there is no such example or folder.
    """
    every = _names(root)
    folders = sorted({name.partition("/")[0] for name in every})
    found: dict[str, None] = {}
    for name in names:
        if name in folders:
            found |= dict.fromkeys(one for one in every if one.startswith(f"{name}/"))
        elif "/" in name or not name:
            found[name] = None
        else:
            near = _nearest(name, [*folders, *every]) or f"; there are: {', '.join(folders)}"
            raise BookError(f"no example and no folder of examples is called {name!r}{near}")
    return [example(name, root) for name in found]


def _names(root: Path) -> list[str]:
    folder = root / PACKAGE / "examples"
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.glob("*/[!.]*.py")
        if path.name != "__init__.py"
    )


def _nearest(name: str, known: Sequence[str]) -> str:
    short = {one.rpartition("/")[2]: one for one in known} | {one: one for one in known}
    near = difflib.get_close_matches(name, short, 1)
    return f"; the nearest is {short[near[0]]}" if near else ""


@lru_cache(maxsize=1024)
def _declared(name: str, path: Path, shown: Path, modified: int, size: int) -> Example:
    """``modified`` and ``size`` are there for the cache to notice a change."""
    header = _HEADER.search(read(path, shown))
    if header is None:
        raise BookError(f"{shown}: no header; an example begins with '# /// example' ... '# ///'")
    text = "\n".join(line.removeprefix("#").strip() for line in header[1].splitlines())
    try:
        declared = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BookError(f"{shown}: the header is not TOML: {error}") from None
    kinds: dict[str, tuple[type, ...]] = {
        "cost": (str,),
        "limit": (int, float),
        "seed": (int,),
        "tolerance": (float,),
        "within": (dict,),
        "printed": (int, float),
        "pixels": (int, float),
        "pictures": (int, float),
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
    return Example(name, path, **_with_tolerances(declared, shown))


def _with_tolerances(declared: dict[str, Any], shown: Path) -> dict[str, Any]:
    """The header with all its tolerances in one."""
    absolute = ("within", "printed", "pixels", "pictures")
    loose = {key: value for key, value in declared.items() if key in absolute}
    if loose and declared.get("cost", "quick") == "quick":
        raise BookError(
            f"{shown}: {', '.join(loose)} in the header is for cost lab or gpu; "
            "what is quick must train so short and calmly that it repeats within tolerance"
        )
    for key, value in loose.get("within", {}).items():
        if not _KEY.fullmatch(key):
            raise BookError(f"{shown}: a key of within is like few_labels, not {key!r}")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
            raise BookError(f"{shown}: within {key} must be a number above 0, is {value!r}")
    for key in ("printed", "pixels", "pictures"):
        if key in loose and not loose[key] > 0:
            raise BookError(f"{shown}: {key} in the header must be above 0, is {loose[key]!r}")
    kept = {key: declared[key] for key in declared if key in ("cost", "limit", "seed")}
    relative = declared.get("tolerance", Tolerances.relative)
    return {**kept, "tolerances": Tolerances(relative, **loose)}
