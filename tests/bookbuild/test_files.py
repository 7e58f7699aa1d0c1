"""Files are written whole or not at all, and by one process at a time."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
from bookbuild import files


@pytest.mark.parametrize("content", ["päge\n", b"\xff\x00"])
def test_a_file_is_written_with_its_folder(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "a/b/file"
    files.write(path, content)
    data = content if isinstance(content, bytes) else content.encode()
    assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def test_an_equal_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write(path, "same")
    before = path.stat()
    files.write(path, b"same")
    assert (path.stat().st_ino, path.stat().st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    files.write(path, "old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path if step == "write_bytes" else files.os, step, full)
    with pytest.raises(OSError, match="No space"):
        files.write(path, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_text() == "old"


def test_one_at_a_time(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        with files.locked(tmp_path / "deep/lock"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"\xff", None, b"[" * 100_000])
def test_what_was_damaged_in_the_cache_is_not_there(tmp_path: Path, damage: bytes | None) -> None:
    path = tmp_path / "kept"
    files.keep(path, '{"a": 1}')
    assert files.kept_json(path) == {"a": 1}
    path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    assert (files.kept(path), files.kept_json(path)) == (None, {})


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_cache_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """As in a checkout that is another's: only a full disk must not pass for a lock."""

    def refused(*arguments: object, **named: object) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "write_bytes", refused)
    files.keep(tmp_path / "kept", "text")
    if number == errno.ENOSPC:
        with pytest.raises(OSError, match="refused"), files.locked(tmp_path / "lock"):
            pass
    else:
        with files.locked(tmp_path / "lock"):
            pass
