"""A checkpoint survives a full disk, a kill in the middle of writing, and says when damaged."""

import errno
import os
import resource
import signal
import sys
import time

import pytest
import torch
from forked import child, ended

from lesson_code.lab import LabError, checkpoint

STATE = {"step": 3, "weights": torch.arange(1000.0), "history": [{"step": 1.0}]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run" / "checkpoint.pt"
    checkpoint.save(path, STATE)
    return path


def assert_good(path) -> None:
    found = checkpoint.load(path)
    assert found["step"] == 3
    assert torch.equal(found["weights"], STATE["weights"])
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_comes_back_as_it_was(file) -> None:
    assert_good(file)
    checkpoint.save(file, {"step": 4})
    assert checkpoint.load(file) == {"step": 4}


def test_strides_come_back(tmp_path) -> None:
    """Weights in channels_last stay so: another order of sums would be other bits."""
    weight = torch.randn(8, 3, 3, 3).to(memory_format=torch.channels_last)
    checkpoint.save(tmp_path / "c.pt", {"weight": weight})
    assert checkpoint.load(tmp_path / "c.pt")["weight"].stride() == weight.stride()


@pytest.mark.parametrize("at", [0, 5, 20, 50, 51, 500, -1])
def test_a_truncated_file_is_told(file, at) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:at])
    with pytest.raises(LabError, match="begin again with --restart") as caught:
        checkpoint.load(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize("at", [0, 20, 60, 2000, -1])
def test_one_wrong_bit_is_told(file, at) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    with pytest.raises(LabError, match="--restart"):
        checkpoint.load(file)


def test_what_is_no_file_is_told(tmp_path) -> None:
    with pytest.raises(LabError, match="cannot read .*: Is a directory"):
        checkpoint.load(tmp_path)


def test_a_pipe_another_version_and_code_are_told(file) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"lab-1\n", b"lab-2\n", 1))
    with pytest.raises(LabError, match="is a checkpoint of another version of the lab"):
        checkpoint.load(file)
    checkpoint.save(file, {"run": os.system})
    with pytest.raises(LabError, match="it is no file of weights alone"):
        checkpoint.load(file)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(LabError, match="it is a pipe"):
        checkpoint.load(file)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_one_before(file, monkeypatch, call) -> None:
    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(LabError, match="No space left on device; the one before is intact"):
        checkpoint.save(file, {"step": 4})
    monkeypatch.undo()
    assert_good(file)


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_a_limit_on_file_size_leaves_the_one_before(file) -> None:
    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        with pytest.raises(LabError, match="File too large; the one before is intact"):
            checkpoint.save(file, {"weights": torch.zeros(10_000)})

    assert ended(child(work)) == 0
    assert_good(file)


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_killed_while_writing_leaves_the_one_before(file) -> None:
    def work() -> None:
        os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)
        checkpoint.save(file, {"step": 4})

    assert ended(child(work)) == -signal.SIGKILL
    assert checkpoint.load(file)["step"] == 3
    (left,) = set(file.parent.iterdir()) - {file}
    checkpoint.clear_leftovers(file)
    assert left.exists()  # it could be another process's
    os.utime(left, (time.time() - 3600,) * 2)
    checkpoint.clear_leftovers(file)
    assert_good(file)


def test_a_folder_that_cannot_be_made(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot write .*: (Not a directory|File exists)"):
        checkpoint.save(tmp_path / "file" / "checkpoint.pt", STATE)
    with pytest.raises(LabError, match="cannot write in the folder .*"):
        checkpoint.check_folder(tmp_path / "file" / "runs")


def test_a_folder_is_tried(tmp_path, monkeypatch) -> None:
    checkpoint.check_folder(tmp_path / "a" / "b")
    assert not list((tmp_path / "a" / "b").iterdir())

    def refuse(*args):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    with pytest.raises(LabError, match="cannot write in the folder .*: Permission denied"):
        checkpoint.check_folder(tmp_path)
