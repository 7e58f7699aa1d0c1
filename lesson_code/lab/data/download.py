"""Downloads that are checked, go on where they were cut, and leave nothing half done."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from lesson_code.lab.data.files import locked, make_folder
from lesson_code.lab.data.sets import DataError

CHUNK = 1 << 20
ATTEMPTS = 5
TIMEOUT = 30.0
PARTIAL, RANGE_ENDS = 206, 416
# Trying again does not help against a disk that is full or closed to us.
_DISK = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EFBIG,
)

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Remote:
    """A file on the network whose content is known.

    Attributes:
        url: where it is.
        digest: its checksum, in hexadecimal.
        algorithm: of the checksum, a name that ``hashlib`` knows. Where a data set's
            authors publish no sha256, this is the md5 that they do publish.
        megabytes: its size, to say before it is downloaded.
    """

    url: str
    digest: str
    algorithm: str
    megabytes: int

    @property
    def name(self) -> str:
        """The name of the file: the last part of its address."""
        return self.url.rsplit("/", 1)[-1]


def show_progress(name: str, done: int, total: int | None) -> None:
    """Write one line that counts the megabytes, if somebody is watching."""
    if not sys.stderr.isatty():
        return
    of = f" of {total / 1e6:.0f}" if total else ""
    end = "\n" if done == total else ""
    print(f"\r{name}: {done / 1e6:.0f}{of} MB", end=end, file=sys.stderr, flush=True)


def checksum(path: Path, algorithm: str) -> str:
    """Compute the checksum of a file, piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def fetch(
    remote: Remote,
    folder: Path,
    progress: Progress = show_progress,
    pause: float = 1.0,
    timeout: float = TIMEOUT,
) -> Path:
    """Return a file from the folder, downloaded if it is not there.

    What has arrived stands in ``NAME.part``; a later call goes on from there, if the
    server can (else it starts again). Only a file with the right checksum gets its name.

    Args:
        remote: which file.
        folder: where to keep it.
        progress: told the name, the bytes so far and the bytes in all.
        pause: seconds to wait between attempts; doubled as long as nothing arrives.
        timeout: seconds without an answer after which an attempt is given up.

    Returns:
        The path of the file, whose checksum is right.

    Raises:
        DataError: if there is no network (it says which file to put where), or if what
            arrived has another checksum (it is deleted then).
    """
    target = folder / remote.name
    if target.exists():
        return _checked(target, remote)
    make_folder(folder)
    with locked(folder / f".{remote.name}.lock"):
        if not target.exists():  # else another process has just fetched it
            part = target.with_name(target.name + ".part")
            _insist(remote, target, part, progress, pause, timeout)
            os.replace(_checked(part, remote), target)
    return target


def _insist(
    remote: Remote,
    target: Path,
    part: Path,
    progress: Progress,
    pause: float,
    timeout: float,
) -> None:
    """Receive until the part is whole; give up when several attempts bring nothing new."""
    most = _size(part)
    failures = 0
    while True:
        try:
            _receive(remote, part, progress, timeout)
            return
        except (OSError, HTTPException) as error:
            failures += 1
            if _size(part) > most:
                most, failures = _size(part), 0
            if failures >= _patience(error):
                raise _unreachable(remote, target, part, error) from error
            time.sleep(pause * 2**failures)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _receive(remote: Remote, part: Path, progress: Progress, timeout: float) -> None:
    """Append what is missing to the part; raise if the connection ends early."""
    done = _size(part)
    request = urllib.request.Request(remote.url, headers={"User-Agent": "lesson_code"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    try:
        response: HTTPResponse = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != RANGE_ENDS or not done:
            raise
        # Nothing is left to send: the part is complete, or longer than the file is.
        error.close()
        if checksum(part, remote.algorithm) != remote.digest:
            part.unlink()
            raise ConnectionError("the part on disk is not of this file") from error
        return
    with response:
        if response.status != PARTIAL:
            done = 0  # the server sends the whole file
        elif not _continues(response, done):
            part.unlink()
            raise ConnectionError("the server sent another range than it was asked for")
        left = response.headers.get("Content-Length")
        total = done + int(left) if left else None
        with part.open("r+b" if done else "wb") as file:
            file.seek(done)
            while chunk := response.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                progress(remote.name, done, total)
    if total is not None and done < total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")


def _continues(response: HTTPResponse, done: int) -> bool:
    """Whether a partial answer begins where the part ends."""
    return response.headers.get("Content-Range", "").startswith(f"bytes {done}-")


def _patience(error: Exception) -> int:
    """How many failures in a row to bear before giving up."""
    if isinstance(error, urllib.error.HTTPError):
        passing = error.code >= 500 or error.code in (408, 429)
        return ATTEMPTS if passing else 0
    if isinstance(error, urllib.error.URLError):
        return 2  # no network, or nobody at that address
    return 0 if isinstance(error, OSError) and error.errno in _DISK else ATTEMPTS


def _unreachable(
    remote: Remote, target: Path, part: Path, error: Exception
) -> DataError:
    reason = getattr(error, "reason", None) or error
    kept = f" What has arrived is kept in {part}." if part.exists() else ""
    return DataError(
        f"{remote.url} ({remote.megabytes} MB) could not be downloaded: {reason}.{kept} "
        f"With a network the next try goes on by itself. Without one, get this file "
        f"elsewhere and put it at {target}; its {remote.algorithm} must be {remote.digest}"
    )


def _checked(path: Path, remote: Remote) -> Path:
    """Return a file if it is the one we know; delete it if not."""
    found = checksum(path, remote.algorithm)
    if found != remote.digest:
        path.unlink()
        raise DataError(
            f"{path} was not the file we know and has been deleted: its "
            f"{remote.algorithm} was {found}, expected {remote.digest}. Try again; if it "
            f"happens twice, {remote.url} has changed"
        )
    return path


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a tar archive that holds one folder, all of it or nothing.

    Members that point outside (``..``, absolute paths, links, devices) are refused.

    Args:
        archive: the tar file, compressed or not.
        folder: the folder that it holds, where it is wanted; returned as it is, if there.

    Returns:
        ``folder``.

    Raises:
        DataError: if the archive is damaged, unsafe, or does not hold a folder of that
            name; nothing is left behind.
    """
    if folder.is_dir():
        return folder
    with locked(folder.with_name(f".{folder.name}.lock")):
        if folder.is_dir():  # another process has just unpacked it
            return folder
        aside = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(aside, ignore_errors=True)  # of a process that was killed
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(aside, filter=_plain)
            if not (aside / folder.name).is_dir():
                raise DataError(f"{archive} holds no folder {folder.name}")
            os.rename(aside / folder.name, folder)
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            raise DataError(
                f"{archive} could not be unpacked into {folder}: {error}. "
                "If it is damaged, delete it and try again"
            ) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return folder


def _plain(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """Let folders and ordinary files through; refuse what could reach outside."""
    if not (member.isdir() or member.isreg()):
        raise tarfile.TarError(f"{member.name} is neither a file nor a folder")
    return tarfile.data_filter(member, path)
