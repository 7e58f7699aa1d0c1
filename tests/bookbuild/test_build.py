"""What happens before pages are made: packages, results and checks of pages."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from bookbuild import build, cli, frontend, results, runner
from bookbuild.launcher import Worker
from bookbuild.project import BookError
from small_book import Book


@pytest.fixture
def builder(book: Book, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> build.Builder:
    """A builder of the small book that borrows the shared process and fetches no packages."""
    monkeypatch.setattr(frontend, "ensure", lambda root: None)
    monkeypatch.setattr(worker, "close", lambda: None)
    monkeypatch.setattr(build, "PAUSE", 0.0)
    monkeypatch.delenv("CI", raising=False)
    builder = build.Builder()
    builder.worker = worker
    return builder


def shown(book: Book) -> str:
    name = book.example("it", "# --8<-- [start:show]\nprint('fine')\n# --8<-- [end:show]\n")
    fence = f'```python\n--8<-- "lesson_code/examples/{name}.py:show"\n```'
    book.page(f"# Page\n\n{fence}\n\n/// output | {name}\n///\n")
    return name


def test_a_build_only_checks(book: Book, builder: build.Builder) -> None:
    name = shown(book)
    problems = builder.prepare(print)
    assert any(f"python -m bookbuild accept {name}" in problem for problem in problems)
    assert not results.exists(book.root, name)


def test_serving_stands_on_the_committed_results_at_once(
    book: Book, builder: build.Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(book)
    assert builder.verify(print)
    builder.serving = True
    monkeypatch.setattr(cli, "refresh_with_progress", lambda *given: pytest.fail("an example ran"))
    book.example("it", "# --8<-- [start:show]\nprint('new')\n# --8<-- [end:show]\n")
    assert builder.prepare(print) == []


def test_what_serving_verifies_behind_is_taken_over_and_told(
    book: Book, builder: build.Builder
) -> None:
    name = shown(book)
    assert builder.verify(print)
    assert results.load(book.root, name).output == "fine\n"
    (notice,) = builder.notices
    assert f"another result than the committed one: {name};" in notice and "git diff" in notice
    assert not builder.verify(print)
    assert builder.notices == []
    book.example("it", "# --8<-- [start:show]\nprint('fine')\n1 / 0\n# --8<-- [end:show]\n")
    assert not builder.verify(print)
    assert "ZeroDivisionError" in builder.notices[0]
    assert results.load(book.root, name).output == "fine\n"


def test_a_verification_behind_asks_for_a_rebuild_once_a_result_is_new(
    book: Book, builder: build.Builder
) -> None:
    name = shown(book)
    warned: list[str] = []
    asked = builder.asks() / "asked"
    builder.verify_behind(print, warned.append)
    assert builder._thread is not None
    builder._thread.join()
    assert asked.is_file() and len(warned) == 1 and name in warned[0]
    asked.unlink()
    for _ in range(2):
        builder.verify_behind(print, warned.append)
        builder._thread.join()
    assert len(warned) == 1 and not asked.exists()
    book.example("it", "# --8<-- [start:show]\nprint('other')\n# --8<-- [end:show]\n")
    builder.verify_behind(print, warned.append)
    builder._thread.join()
    assert len(warned) == 2 and asked.is_file()


def test_problems_of_pages_stop_a_build(book: Book, builder: build.Builder) -> None:
    shown(book)
    builder.verify(print)
    book.page("```python\nprint('typed by hand')\n```\n", "typed.md")
    problems = builder.prepare(print)
    assert len(problems) == 1 and problems[0].startswith("docs/typed.md:1:")
    builder.serving = True
    assert builder.prepare(print) == [], "a page waits for the lint of all"
    assert builder.problems() == problems


def test_what_fails_behind_the_pages_is_told(builder: build.Builder) -> None:
    def full() -> None:
        raise OSError("the disk is full")

    said: list[str] = []
    builder.finish_behind([full], said.append)
    builder.wait()
    assert said == ["the disk is full"]


def test_a_save_does_not_wait_for_what_the_next_build_makes_anyway(builder: build.Builder) -> None:
    begun = threading.Event()
    steps: list[str] = []

    def slow() -> None:
        begun.set()
        for _ in range(1000):
            builder.unless_outdated(lambda name, ask: ask())("a page", lambda: time.sleep(0.01))

    builder.finish_behind([slow, lambda: steps.append("left off")], steps.append)
    begun.wait()
    builder.wait(outdated=True)
    assert steps == []
    builder.finish_behind([lambda: steps.append("made")], steps.append)
    builder.wait()
    assert steps == ["made"]


def test_examples_do_not_run_before_saves_pause(
    book: Book, builder: build.Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(book)
    monkeypatch.setattr(build, "PAUSE", 2.0)
    now, saves = [100.0], [101.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        if saves:
            builder._shown = saves.pop()

    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep, time_ns=lambda: 0)
    monkeypatch.setattr(build, "time", clock)
    builder.verify_behind(print, print)
    assert builder._thread is not None
    builder._thread.join()
    assert now == [103.0] and builder.notices


def test_without_torch_the_committed_results_are_trusted_and_it_is_said(
    book: Book, builder: build.Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(book)
    builder.serving = True
    builder.verify(print)
    monkeypatch.setattr(runner, "has_torch", lambda: False)
    said: list[str] = []
    assert builder.prepare(said.append) == []
    assert said == ["torch is not installed: the committed results are shown without a check"]
    monkeypatch.setenv("CI", "true")
    with pytest.raises(BookError, match="CI must run the examples"):
        builder.prepare(print)


def test_what_serving_watches_holds_nothing_that_a_build_writes(
    book: Book, builder: build.Builder
) -> None:
    package, docs = book.root / "lesson_code", book.root / "docs"
    for name in ("source/lesson_code/it.html", "take-home/page.py", "lessons/page.md"):
        book.page("", name)
    book.example("it", "print(1)\n")
    book.module("helpers/more", "x = 1\n")
    for made in ("results", "__pycache__", ".ruff_cache"):
        (package / made).mkdir()
    assert builder.watched() == [
        (builder.asks(), True),
        *((package, False), (package / "examples", True), (package / "helpers", True)),
        *((docs, False), (docs / "lessons", True)),
    ]


def test_each_single_fault_is_one_message(book: Book, builder: build.Builder) -> None:
    name = shown(book)
    builder.verify(print)
    page = book.root / "docs/page.md"
    sound = page.read_text()
    record = book.result(name, "output.txt")

    page.write_text(sound.replace(":show", ":shown"))
    assert len(builder.prepare(print)) == 1
    page.write_text(sound.replace("output | l0/it", "output | l0/other"))
    assert "no example" in builder.prepare(print)[0]
    page.write_bytes(b"\xff")
    with pytest.raises(BookError, match="docs/page.md: byte 0 is not UTF-8"):
        builder.prepare(print)
    page.write_text(sound)
    record.write_text("edited\n")
    (message,) = builder.prepare(print)
    assert "changed by hand" in message
    record.unlink()
    record.with_name("result.json").unlink()
    (message,) = builder.prepare(print)
    assert "has no result" in message
    builder.verify(print)
    assert builder.prepare(print) == []
    book.example("it", "x = = 1\n")
    (message,) = builder.prepare(print)
    assert "it.py:4: invalid syntax" in message


def test_a_misnamed_value_is_not_also_an_unused_one(book: Book, builder: build.Builder) -> None:
    name = book.example("it", "values = {'low': 0.5}\n")
    book.page(f"# Page\n\n{{{{ {name}.high | .2f }}}}\n")
    builder.verify(print)
    (message,) = builder.prepare(print)
    assert "has no value 'high'" in message
