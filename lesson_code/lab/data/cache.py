"""Photographs decoded once, kept in one memory-mapped file.

The file holds the pixels of all splits, then a JSON line about them, then the length and
the checksum of that line. It is written aside and renamed, so a file that has its name is
a whole one; what a disk did to it afterwards, the checksums show.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import torch

from lesson_code.lab.data.sets import DataError, Split
from lesson_code.lab.files import VARIABLE, locked, make_folder, written_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"lesson-code-photographs-1\n"
BLOCK = 1 << 24
_ENDING = struct.Struct(f"<QL{len(MAGIC)}s")


@dataclass(frozen=True)
class Part:
    """One split to be written.

    Attributes:
        labels: one for each image.
        pixels: gives the images in turn, several at a time, each ``(n, 3, S, S)`` uint8.
    """

    labels: Sequence[int]
    pixels: Callable[[], Iterator[NDArray[np.uint8]]]


def key_of(files: Sequence[Path], base: Path, *extra: object) -> str:
    """Compute what a cache is valid for: names, sizes and times of files, and settings.

    Args:
        files: what the cache is made from.
        base: the folder that they are named from.
        extra: settings that change the pixels.

    Returns:
        A sha256 in hexadecimal.
    """
    facts: list[object] = [MAGIC.decode(), *extra]
    for path in files:
        status = path.stat()
        name = path.relative_to(base).as_posix()
        facts.append((name, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()


def cached(
    path: Path, key: str, size: int, plan: Callable[[], dict[str, Part]]
) -> dict[str, Split]:
    """Open the cache file, or make it if it is not there, out of date or damaged.

    Args:
        path: of the cache file.
        key: of ``key_of``.
        size: of the images.
        plan: says what to write, split by split; called only when something is written.

    Returns:
        The splits; their images are views of the memory-mapped file. What is written to
        them stays in memory and never reaches the file.

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
        with written_whole(path) as file:
            about = [_write(file, name, size, part) for name, part in parts.items()]
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


def _write(file: IO[bytes], name: str, size: int, part: Part) -> dict[str, Any]:
    """Append the pixels of a split; return what the JSON line says about it."""
    start, crc, count = file.tell(), 0, 0
    for images in part.pixels():
        if images.shape[1:] != (3, size, size):
            raise ValueError(f"images must have shape (n, 3, {size}, {size}), got {images.shape}")
        data = images.tobytes()
        file.write(data)
        crc, count = zlib.crc32(data, crc), count + len(images)
        if sys.stderr.isatty():
            print(f"\r{name}: {count} of {len(part.labels)} pictures", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if count != len(part.labels):
        raise ValueError(f"{name} has {count} images and {len(part.labels)} labels")
    return {"name": name, "start": start, "crc": crc, "labels": list(part.labels)}


def _open(path: Path, key: str) -> dict[str, Split] | None:
    """Map the file; None if it is not there, is of another key, or is damaged."""
    about = _read_about(path)
    if about is None or about["key"] != key:
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
        splits[part["name"]] = Split(torch.from_numpy(flat).view(shape), labels)
    return splits


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
