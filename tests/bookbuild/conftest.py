"""A small book in a temporary folder, and one process that runs its examples."""

from __future__ import annotations

import os
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


LIGHT_TORCH = """
def _nothing(*given, **named):
    return None

use_deterministic_algorithms = manual_seed = set_num_threads = zeros = _nothing

class optim:
    SGD = _nothing
"""


@pytest.fixture
def light(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that begin now load nothing for torch: for tests of what becomes of them."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "torch").mkdir()
    (folder / "torch/__init__.py").write_text(LIGHT_TORCH)
    (folder / "torch/_dynamo.py").write_text("")
    path = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), path])))
