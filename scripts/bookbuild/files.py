"""Writing and locking files, each in the one way that all of the workshop uses."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process through at a time; a killed process releases it.

    Where nothing can be written there is nothing to guard: all pass.
    """
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = stack.enter_context(path.open("a+b"))
        except OSError as error:
            if error.errno not in (errno.EROFS, errno.EACCES):
                raise
            yield
            return
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write(path: Path, content: str | bytes) -> None:
    """Replace a file whole: whoever reads it, or kills this process, finds the old or the new one.

    A file that holds this already is left alone.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def keep(path: Path, text: str) -> None:
    """Write a file of the cache, below its hash; one that cannot be written costs time alone."""
    with suppress(OSError):
        write(path, f"{_hash(text)}\n{text}")


def kept(path: Path) -> str | None:
    """What ``keep`` wrote; nothing if it is not there or was damaged, in whatever way."""
    with suppress(OSError, UnicodeDecodeError):
        head, _, text = path.read_bytes().decode().partition("\n")
        return text if head == _hash(text) else None
    return None


def kept_json(path: Path) -> dict[str, Any]:
    """The dictionary that ``keep`` wrote as JSON, or an empty one."""
    value: dict[str, Any] = json.loads(kept(path) or "{}")
    return value


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
