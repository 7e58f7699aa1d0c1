"""Results are kept whole: a crash leaves the old or the new one, and damage is noticed."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bookbuild import results
from bookbuild.project import BookError
from bookbuild.results import Result
from small_book import Book

OLD = Result(
    "old 1.0\n", {"a": "<svg>old</svg>", "b": "<svg>b</svg>"}, {"a": "x", "b": "y"}, {"v": 1}
)
NEW = Result("", {"a": "<svg>new</svg>", "c": "<svg>c</svg>"}, {"a": "x", "c": "z"}, {"v": 2.5})
NAME = "l0/it"


class Killed(BaseException):
    """Stands for the moment in which the process is gone."""


def test_a_result_comes_back_as_it_was(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    assert results.load(book.root, NAME) == OLD
    results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == NEW
    assert not book.result(NAME, "b.svg").exists()
    assert not book.result(NAME, "output.txt").exists()


STEPS = ["rename", "replace", "unlink", "rmdir"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", range(4))
def test_killed_at_any_step_the_old_or_the_new_result_is_there(
    book: Book, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    results.write(book.root, NAME, OLD)
    calls = []

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **named: object) -> object:
            calls.append(arguments)
            if len(calls) > nth:
                raise Killed
            return real(*arguments, **named)

        return step

    with monkeypatch.context() as patch:
        owner = os if step == "replace" else Path
        patch.setattr(owner, step, dying(getattr(owner, step)))
        with contextlib.suppress(Killed):
            results.write(book.root, NAME, NEW)
    assert calls, "the step must be one that writing takes"
    try:
        assert results.load(book.root, NAME) in (OLD, NEW)
    except BookError as error:
        assert re.search(
            "finish it with: .* accept l0/it, or delete .bookcache/pending/l0@it", str(error)
        )
        assert results.recover(book.root) in ([NAME], [])
        assert results.load(book.root, NAME) in (OLD, NEW)
    results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == NEW
    assert not any((book.root / ".bookcache/pending").iterdir())


def test_a_full_disk_leaves_the_old_result(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    results.write(book.root, NAME, OLD)

    def full(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(BookError, match="l0/it cannot be written: .*No space"):
            results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == OLD


def refusing(number: int, after: int = 0) -> Callable[..., None]:
    """Stands for ``os.replace`` where it fails, from some call on."""
    real, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) > after and "/lesson_code/" in str(target) and ".bookcache" in str(source):
            raise OSError(number, os.strerror(number), str(target))
        real(source, target)

    return replace


def test_results_that_cannot_be_replaced_stop_no_other_command(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write(book.root, NAME, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refusing(errno.EROFS))
        with pytest.raises(BookError, match="cannot be written: .*Read-only.*lesson_code/results"):
            results.write(book.root, NAME, NEW)
        assert results.load(book.root, NAME) == OLD
    results.write(book.root, NAME, NEW)
    with monkeypatch.context() as patch:  # half of it has been replaced
        patch.setattr(os, "replace", refusing(errno.EROFS, after=1))
        with pytest.raises(BookError, match="cannot be written"):
            results.write(book.root, NAME, OLD)
    with pytest.raises(BookError, match="finish it with"):
        results.load(book.root, NAME)
    results.write(book.root, "l0/other", OLD)
    assert results.recover(book.root) == [NAME]
    assert results.load(book.root, NAME) == OLD


def test_a_cache_on_another_device_is_no_hindrance(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write(book.root, NAME, OLD)
    monkeypatch.setattr(os, "replace", refusing(errno.EXDEV))
    results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == NEW
    assert not any((book.root / ".bookcache/pending").iterdir())


def test_a_file_in_the_place_of_a_folder_is_named(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    shutil.rmtree(book.root / ".bookcache/pending")
    (book.root / ".bookcache/pending").write_text("")
    with pytest.raises(BookError, match="cannot be written: .*bookcache/pending"):
        results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == OLD


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("output.txt", "old 1.0", "old 1.1"),
        ("a.svg", "old", "older"),
        ("result.json", '"v": 1', '"v": 3'),
        ("result.json", '"a": "x"', '"a": "other"'),
    ],
)
def test_a_result_edited_by_hand_is_noticed(book: Book, file: str, old: str, new: str) -> None:
    results.write(book.root, NAME, OLD)
    path = book.result(NAME, file)
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BookError, match="l0/it was changed by hand"):
        results.load(book.root, NAME)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"values": {}}', "\x00", "[" * 100_000])
def test_a_damaged_record_is_named(book: Book, text: str) -> None:
    results.write(book.root, NAME, OLD)
    book.result(NAME, "result.json").write_text(text)
    with pytest.raises(BookError, match=r"l0/it is damaged .*accept l0/it"):
        results.load(book.root, NAME)


def test_a_file_that_is_gone_or_extra_is_noticed(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    book.result(NAME, "b.svg").unlink()
    with pytest.raises(BookError, match="changed by hand"):
        results.load(book.root, NAME)
    results.write(book.root, NAME, OLD)
    book.result(NAME, "notes.txt").write_text("mine")
    with pytest.raises(BookError, match="notes.txt"):
        results.load(book.root, NAME)


def test_two_writers_do_not_mix(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    threads = [
        threading.Thread(target=results.write, args=(book.root, NAME, result))
        for result in [OLD, NEW] * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.load(book.root, NAME) in (OLD, NEW)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"figures": {"": "<svg/>"}, "alt": {"": "x"}}, "name the figure"),
        ({"figures": {"My Figure": "<svg/>"}, "alt": {"My Figure": "x"}}, "name the figure"),
        ({"figures": {"a": "<svg/>"}}, "alt_text needs one text"),
        ({"alt": {"a": "x"}}, "alt_text needs one text"),
        ({"figures": {"a": "<svg/>"}, "alt": {"a": 3}}, "must be a text"),
        ({"values": {"v": float("nan")}}, "NaN"),
        ({"values": {"v": float("inf")}}, "number or text"),
        ({"values": {"v": [1]}}, "number or text"),
    ],
)
def test_what_an_example_leaves_is_checked(found: dict[str, object], says: str) -> None:
    raw = {"output": "", "figures": {}, "alt": {}, "values": {}} | found
    with pytest.raises(BookError, match=says):
        results.checked(raw, NAME)


def test_what_a_file_manager_leaves_is_not_part_of_a_result(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    book.result(NAME, ".DS_Store").write_bytes(b"\xff")
    book.result(NAME, "folder").mkdir()
    assert results.load(book.root, NAME) == OLD
    results.write(book.root, NAME, NEW)
    assert results.load(book.root, NAME) == NEW


def test_a_promise_that_a_power_cut_emptied_is_dropped(book: Book) -> None:
    results.write(book.root, NAME, OLD)
    promised = book.root / ".bookcache/pending/l0@it"
    promised.mkdir()
    (promised / "result.json").write_text("")
    (promised / "output.txt").write_text("half")
    assert results.recover(book.root) == []
    assert results.load(book.root, NAME) == OLD
    assert not promised.exists()


def test_a_result_that_is_being_replaced_is_read_again(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.write(book.root, NAME, OLD)
    path, whole = book.result(NAME, "output.txt"), OLD.output
    path.write_text("not yet")

    @contextlib.contextmanager
    def locked(path_of_lock: object) -> Iterator[None]:
        path.write_text(whole)
        yield

    monkeypatch.setattr(results, "locked", locked)
    assert results.load(book.root, NAME) == OLD
