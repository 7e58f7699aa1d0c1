"""Photographs decoded once, kept in one memory-mapped file.

The file holds the pixels of all splits, then a JSON line about them, then the length and
the checksum of that line. It is written aside and renamed, so a file that has its name is
a whole one; what a disk did to it afterwards, the checksums show. When pictures are added
or changed, a new file takes over what the old one has of the others.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import torch

from lesson_code.lab.data.sets import DataError, Split
from lesson_code.lab.files import VARIABLE, locked, make_folder, written_whole
from lesson_code.lab.telling import Meter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"lesson-code-photographs-2\n"
BLOCK = 1 << 24
_ENDING = struct.Struct(f"<QL{len(MAGIC)}s")


@dataclass(frozen=True)
class Picture:
    """A decoded picture, or why there is none.

    Attributes:
        pixels: ``(3, S, S)`` uint8, or None.
        note: what was done to it; without pixels, what is wrong with it.
    """

    pixels: NDArray[np.uint8] | None
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One split to be written.

    Attributes:
        labels: one for each picture.
        pictures: gives them in turn.
        facts: for each, its file and the state of that; none are remembered without.
    """

    labels: Sequence[int]
    pictures: Callable[[Remembered], Iterator[Picture]]
    facts: Sequence[str] = ()


@dataclass(frozen=True)
class Opened:
    """What a file holds.

    Attributes:
        splits: their images are views of the memory-mapped file.
        parts: what the file says of each split: ``facts`` and ``notes`` of its pictures,
            and the facts and reasons of those that are ``damaged``, which it lacks.
    """

    splits: dict[str, Split]
    parts: dict[str, dict[str, Any]]

    def remembered(self) -> dict[str, Picture]:
        """The pictures by their facts."""
        return {
            fact: Picture(image, note)
            for name, part in self.parts.items()
            for fact, note, image in zip(
                part["facts"], part["notes"], self.splits[name].images.numpy(), strict=False
            )
        }


Remembered = dict[str, Picture]


def facts_of(files: Sequence[Path], base: Path) -> list[str]:
    """Name, size and time of each file; equal facts mean an unchanged file."""
    facts = []
    for path in files:
        status = path.stat() if path.exists() else path.lstat()
        name = path.relative_to(base).as_posix()
        facts.append(f"{name}\n{status.st_size}\n{status.st_mtime_ns}")
    return facts


def key_of(facts: Sequence[str], *extra: object) -> str:
    """Compute what a cache is valid for, a sha256 in hexadecimal.

    Args:
        facts: of the files that it is made from.
        extra: settings that change the pixels.
    """
    said = json.dumps([MAGIC.decode(), *extra, *facts], default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def cached(path: Path, key: str, size: int, plan: Callable[[], dict[str, Part]]) -> Opened:
    """Open the cache file, or make it if it is not there, out of date or damaged.

    Args:
        path: of the cache file.
        key: of ``key_of``.
        size: of the images.
        plan: says what to write, split by split; called only when something is written.

    Returns:
        What is in the file. What is written to the images stays in memory and never
        reaches the file.

    Raises:
        DataError: if the file cannot be written; an older one is then as it was.
    """
    found = _open(path, key)
    if found is not None:
        return found
    make_folder(path.parent)
    with locked(path.with_name(f".{path.name}.lock")):
        found = _open(path, key)  # another process may have made it meanwhile
        if found is None:
            _make(path, key, size, plan())
            found = _open(path, key)
    if found is None:
        raise DataError(f"{path} cannot be read back right after it was written; is the disk well?")
    return found


def _make(path: Path, key: str, size: int, parts: dict[str, Part]) -> None:
    for left in path.parent.glob(f".{path.name}.*.part"):  # of processes that were killed
        left.unlink(missing_ok=True)
    try:
        old = _open(path, None)
        known = old.remembered() if old and old.splits["train"].size == size else {}
        with written_whole(path) as file:
            about = [_write(file, name, size, part, known) for name, part in parts.items()]
            line = json.dumps({"key": key, "size": size, "parts": about}).encode()
            file.write(line + _ENDING.pack(len(line), zlib.crc32(line), MAGIC))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        room = sum(len(part.labels) for part in parts.values()) * 3 * size * size / 1e6
        raise DataError(
            f"the decoded photographs could not be written to {path}: {error.strerror}."
            + (f" They need {room:.0f} MB;" if full else "")
            + f" another folder can be named in the environment variable {VARIABLE}"
        ) from error


def _write(file: IO[bytes], name: str, size: int, part: Part, known: Remembered) -> dict[str, Any]:
    """Append the pixels of a split; return what the JSON line says about it."""
    about: dict[str, Any] = {"name": name, "start": file.tell(), "crc": 0}
    about |= {"labels": [], "facts": [], "notes": [], "damaged": []}
    facts = part.facts or [""] * len(part.labels)
    meter = Meter(f"reading the pictures of {name}", len(part.labels))
    for label, fact, made in zip(part.labels, facts, part.pictures(known), strict=True):
        meter.hear()
        if made.pixels is None:
            about["damaged"].append([fact.rsplit("\n", 2)[0], label, made.note])
            continue
        if made.pixels.shape != (3, size, size):
            raise ValueError(f"pixels must have shape (3, {size}, {size}), got {made.pixels.shape}")
        data = made.pixels.tobytes()
        file.write(data)
        about["crc"] = zlib.crc32(data, about["crc"])
        about["labels"].append(label)
        if part.facts:
            about["facts"].append(fact)
            about["notes"].append(made.note)
    meter.close()
    return about


def _open(path: Path, key: str | None) -> Opened | None:
    """Map the file; None if it is not there, is of another key, or is damaged."""
    about = _read_about(path)
    if about is None or key not in (None, about["key"]):
        return None
    import numpy as np

    # Copy on write: torch may write to what it is given, the file must not change.
    pixels = np.memmap(path, dtype=np.uint8, mode="c")
    splits = {}
    for part in about["parts"]:
        labels = torch.tensor(part["labels"], dtype=torch.long)
        shape = (len(labels), 3, about["size"], about["size"])
        flat = pixels[part["start"] : part["start"] + int(np.prod(shape))]
        crc = 0
        for first in range(0, len(flat), BLOCK):
            crc = zlib.crc32(flat[first : first + BLOCK].data, crc)
        if crc != part["crc"]:
            return None
        images = torch.from_numpy(flat).view(shape)
        splits[part["name"]] = Split(images, labels)
        vars(splits[part["name"]])["crc"] = crc
    return Opened(splits, {part["name"]: part for part in about["parts"]})


def _read_about(path: Path) -> dict[str, Any] | None:
    """Read the JSON line at the end; None if the file does not end as it should."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END) - _ENDING.size
            if end < 0:
                return None
            file.seek(end)
            length, crc, magic = _ENDING.unpack(file.read())
            if magic != MAGIC or length > end:
                return None
            file.seek(end - length)
            line = file.read(length)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    if zlib.crc32(line) != crc:
        return None
    about: dict[str, Any] = json.loads(line)
    used = sum(len(part["labels"]) for part in about["parts"]) * 3 * about["size"] ** 2
    return about if used == end - length else None
