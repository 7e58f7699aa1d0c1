"""Checkpoints that a killed process or a full disk cannot spoil.

A file begins with the SHA-256 of the rest, so that damage is seen before anything is loaded. Under
its name there is always a whole checkpoint.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from pathlib import Path
from typing import Any

import torch

from lesson_code.lab.files import written_whole
from lesson_code.lab.run import LabError

_MAGIC = b"lesson-code-lab-1\n"
LEFT_BEHIND = 600.0  # seconds after which an unfinished file is nobody's


def write_whole(path: Path, data: bytes) -> None:
    """Put data under a name at once or not at all.

    Raises:
        LabError: if the disk is full or the folder cannot be written; what was there stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write(data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LabError(f"cannot write {path}: {reason}{_kept(path)}") from None


def check_folder(folder: Path) -> None:
    """Make a folder and try to write there, before hours of work depend on it.

    Raises:
        LabError: if that cannot be done.
    """
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise LabError(f"cannot write in the folder {folder}: {reason}") from None


def _kept(path: Path) -> str:
    try:
        return "; the one before is intact" if path.exists() else ""
    except OSError:  # a folder that may not even be looked into
        return ""


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left half written beside ``path``."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{path.name}.*"):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink()


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint in place of the one before.

    Raises:
        LabError: if it cannot be written; the one before stays.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    data = buffer.getvalue()
    write_whole(path, _MAGIC + hashlib.sha256(data).digest() + data)


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint; its tensors come to the CPU.

    Raises:
        LabError: if it is damaged or none at all.
    """
    from lesson_code.lab.telling import why

    if path.is_fifo():
        raise LabError(f"cannot read {path}: it is a pipe")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabError(f"cannot read {path}: {error.strerror or error}") from None
    start = len(_MAGIC) + hashlib.sha256().digest_size
    body = data[start:]
    if not data.startswith(_MAGIC):
        older = data.startswith(_MAGIC[: _MAGIC.rindex(b"-")])
        what = "a checkpoint of another version" if older else "no checkpoint"
        raise LabError(f"{path} is {what} of the lab; begin again with --restart")
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : start]:
        raise LabError(f"{path} is damaged; begin again with --restart, or put back a copy of it")
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except Exception as error:  # what is not torch's fails in every way there is
        reason = f"{path} holds no weights ({why(error)})"
        raise LabError(f"{reason}; begin again with --restart") from None
    return state
