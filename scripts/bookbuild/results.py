"""Committed results: what an example printed, drew and computed, and where that came from.

A result is a folder: ``output.txt``, one SVG per figure, and ``result.json`` with values,
tables, alternative texts, provenance and a digest of all of it. The digest tells a result that was
edited by hand or cut short from one that the runner wrote.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookbuild import files, tables
from bookbuild.files import locked
from bookbuild.project import CONTROLS, FIGURE_NAME, BookError, cache, remedy, results_folder
from bookbuild.reading import once
from bookbuild.tables import Table

Value = int | float | str | bool
_RECORD = "result.json"
_OUTPUT = "output.txt"
#: What reading a file raises that a runner did not write.
DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
_loaded: dict[Path, tuple[object, Result]] = {}


@dataclass
class Result:
    """What one run of an example produced."""

    output: str = ""
    figures: dict[str, str] = field(default_factory=dict)
    alt: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def digest(self) -> str:
        """A hash of everything but the digest itself."""
        parts = [self.output, self.figures, self.alt, self.values, self.provenance]
        parts += [self._tables()] if self.tables else []
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def files(self) -> dict[str, str]:
        """The files of the result's folder and what they hold."""
        files = {f"{name}.svg": figure for name, figure in self.figures.items()}
        if self.output:
            files[_OUTPUT] = self.output
        record = {
            "values": self.values,
            "alt": self.alt,
            "provenance": self.provenance,
            "files": sorted([*files, _RECORD]),
            "digest": self.digest(),
        }
        if self.tables:
            record["tables"] = self._tables()
        files[_RECORD] = json.dumps(record, indent=1, sort_keys=True, allow_nan=False) + "\n"
        return files

    def _tables(self) -> dict[str, Any]:
        return {name: table.plain() for name, table in self.tables.items()}


def exists(root: Path, name: str) -> bool:
    """Whether there is a result of the example ``name``, or the half of one."""
    return (results_folder(root, name) / _RECORD).is_file() or _promised(root, name).is_dir()


@once
def load(root: Path, name: str) -> Result:
    """Read the result of the example ``name``.

    Raises:
        BookError: If there is none, it is not what the runner wrote, or it was half replaced.
    """
    folder, promised = results_folder(root, name), _promised(root, name)
    if not exists(root, name):
        raise BookError(f"{name} has no result; make it with: {remedy(name)}")
    if not promised.is_dir():
        with suppress(BookError, OSError):  # perhaps another process was just replacing it
            return _read_once(folder, name)
    with locked(cache(root) / "lock"):
        if promised.is_dir():
            raise BookError(
                f"replacing the result of {name} was interrupted; finish it with: {remedy(name)}, "
                f"or delete {promised.relative_to(root)} and put the result back with git"
            )
        return _read_once(folder, name)


def _read_once(folder: Path, name: str) -> Result:
    """Read a folder anew only when it has changed."""
    stats = [(path.name, path.stat()) for path in _files(folder)]
    signature = [(file, stat.st_mtime_ns, stat.st_size) for file, stat in stats]
    if folder not in _loaded or _loaded[folder][0] != signature:
        _loaded[folder] = (signature, _read(folder, name))
    return _loaded[folder][1]


def _files(folder: Path) -> list[Path]:
    """What a result consists of; what a file manager leaves behind begins with a dot."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")


def _read(folder: Path, name: str) -> Result:
    mended = f"put it back with git, or make it anew: {remedy(name)}"
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        parts = (record["values"], record["alt"], record["provenance"])
        if not all(isinstance(part, dict) for part in parts):
            raise TypeError("its parts are not dictionaries")
        result = Result("", {}, record["alt"], record["values"], record["provenance"])
        result.tables = {name: tables.read(raw) for name, raw in record.get("tables", {}).items()}
        for path in _files(folder):
            text = path.read_text(encoding="utf-8")
            if path.name == _OUTPUT:
                result.output = text
            elif path.suffix == ".svg":
                result.figures[path.stem] = text
            elif path.name != _RECORD:
                raise BookError(f"the result of {name} holds {path.name}, no runner wrote that")
        stated = record["digest"]
    except DAMAGE as error:
        raise BookError(f"the result of {name} is damaged ({error!r}); {mended}") from None
    if stated != result.digest():
        raise BookError(f"the result of {name} was changed by hand; {mended}")
    return result


def write(root: Path, name: str, result: Result) -> None:
    """Replace the result of the example ``name``; a crash leaves the old one or the new one.

    The new files are written aside, then renamed to their committed-to place: from that moment on
    ``recover`` finishes the replacement, whoever is interrupted.

    Raises:
        BookError: If something cannot be written; the old result is then as it was, or the message
            of whoever reads it says how to finish.
    """
    promised = _promised(root, name)
    contents = result.files()
    try:
        promised.parent.mkdir(parents=True, exist_ok=True)
        with locked(cache(root) / "lock"):
            _finish(root, promised)
            with tempfile.TemporaryDirectory(prefix=".", dir=promised.parent) as folder:
                aside = Path(folder, "files")
                aside.mkdir()
                for file, text in contents.items():
                    (aside / file).write_text(text, encoding="utf-8")
                aside.rename(promised)
            _finish(root, promised)
    except OSError as error:
        with suppress(OSError):  # nothing has been replaced yet
            if {path.name for path in promised.iterdir()} == contents.keys():
                shutil.rmtree(promised)
        raise BookError(f"the result of {name} cannot be written: {error}") from None


def recover(root: Path) -> list[str]:
    """Finish what interrupted ``write``s had begun, and clear what they had not yet promised.

    Returns:
        The examples whose results were finished.
    """
    pending = cache(root) / "pending"
    finished = []
    if pending.is_dir() and any(pending.iterdir()):
        with locked(cache(root) / "lock"):
            for aside in pending.glob(".*"):
                shutil.rmtree(aside, ignore_errors=True)
            for promised in sorted(pending.iterdir()):
                if _finish(root, promised):
                    finished.append(promised.name.replace("@", "/"))
    return finished


def _promised(root: Path, name: str) -> Path:
    return cache(root) / "pending" / name.replace("/", "@")


def _finish(root: Path, promised: Path) -> bool:
    """Put the files of a promise into their place; whether there was one that could be kept."""
    if not promised.is_dir():
        return False
    folder = results_folder(root, promised.name.replace("@", "/"))
    record = promised / _RECORD  # it goes last: while it is here, we are not finished
    try:
        kept = json.loads(record.read_text(encoding="utf-8"))["files"]
    except DAMAGE:  # gone already, or cut by a power failure
        shutil.rmtree(promised)
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for path in promised.iterdir():
        if path != record:
            _move(path, folder / path.name)
    for stray in _files(folder):
        if stray.name not in kept:
            stray.unlink()
    _move(record, folder / _RECORD)
    promised.rmdir()
    return True


def _move(path: Path, target: Path) -> None:
    try:
        os.replace(path, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        files.write(target, path.read_bytes())  # the cache lies on another device
        path.unlink()


def checked(raw: dict[str, Any], name: str) -> Result:
    """A result from what the sandbox left, or a clear word on what the example must mend."""
    described = raw.get("tables", {})
    for part, variable in (
        (raw["values"], "values"),
        (raw["alt"], "alt_text"),
        (described, "tables"),
    ):
        if not isinstance(part, dict):
            raise BookError(f"{name}: {variable} must be a dict, is {part!r}")
    texts = [raw["output"], *raw["figures"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise BookError(f"{name}: the output and each figure must be text")
    for text in (raw["output"], *raw["alt"].values(), *raw["values"].values()):
        if isinstance(text, str) and (found := CONTROLS.search(text)):
            raise BookError(f"{name}: the character {found[0]!a} does not belong in a text")
    result = Result(raw["output"], raw["figures"], raw["alt"], raw["values"])
    for figure in result.figures:
        if not FIGURE_NAME.fullmatch(figure):
            raise BookError(f"{name}: name the figure with num='lower-case-words', not {figure!r}")
    if set(result.figures) != set(result.alt):
        raise BookError(
            f"{name}: alt_text needs one text for each figure; "
            f"figures {sorted(result.figures)}, alt_text {sorted(result.alt)}"
        )
    for figure, text in result.alt.items():
        if not isinstance(text, str) or not text.strip():
            raise BookError(f"{name}: alt_text[{figure!r}] must be a text, is {text!r}")
    for key, value in result.values.items():
        if not isinstance(value, (int, float, str)) or value in (float("inf"), -float("inf")):
            raise BookError(f"{name}: values[{key!r}] must be a number or text, is {value!r}")
        if value != value:
            raise BookError(f"{name}: values[{key!r}] is NaN")
    for table, columns_and_rows in described.items():
        if not FIGURE_NAME.fullmatch(table):
            raise BookError(f"{name}: name the table in lower-case-words, not {table!r}")
        try:
            result.tables[table] = tables.checked(columns_and_rows)
        except ValueError as error:
            raise BookError(f"{name}: tables[{table!r}]: {error}") from None
    return result
