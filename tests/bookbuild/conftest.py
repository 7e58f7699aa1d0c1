"""A small book in a temporary folder, and one process that runs its examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bookbuild.launcher import Worker
from small_book import Book


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """An empty book, which is also the current directory."""
    monkeypatch.chdir(tmp_path)
    return Book(tmp_path)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """One process with torch loaded for all tests that run examples."""
    with Worker(jobs=2) as worker:
        yield worker
