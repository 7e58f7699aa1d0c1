"""What the tests of the proofs share: the repository, and a small book to mutate."""

from pathlib import Path

import pytest
from small_concept import fill

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A book of one concept with one test."""
    fill(tmp_path)
    return tmp_path
