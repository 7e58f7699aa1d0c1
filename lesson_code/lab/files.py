"""Files that must be whole, and that several processes may want at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lesson_code.lab.data.sets import DataError

VARIABLE = "LESSON_CODE_DATA"


def data_root(root: str | Path | None = None) -> Path:
    """Say where photographs are kept.

    Args:
        root: this folder, if given.

    Returns:
        Else the folder in ``LESSON_CODE_DATA``, else ``~/.cache/learning-without-labels``.
    """
    chosen = root or os.environ.get(VARIABLE) or "~/.cache/learning-without-labels"
    return Path(chosen).expanduser().absolute()


def make_folder(folder: Path) -> Path:
    """Make a folder, or say which one cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _closed(folder, error) from error
    return folder


def _closed(folder: Path, error: OSError) -> DataError:
    return DataError(
        f"nothing can be written to the folder {folder} ({error.strerror}); "
        f"name another one in the environment variable {VARIABLE}"
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, so that of the processes of one run only one makes what it guards.

    The system lets the lock go when its process ends, however that ends. Without
    ``fcntl`` (Windows) nothing is locked: two processes then do the same work twice, and
    the last rename wins.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    make_folder(path.parent)
    try:
        lock = path.open("a")
    except OSError as error:
        raise _closed(path.parent, error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which gets its name at once when all is written, or not at all.

    It stands aside until then, and is flushed to the disk before it is renamed. What has
    the name already stays until that moment, whatever happens.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
