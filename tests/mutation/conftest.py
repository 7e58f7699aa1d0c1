"""The workshop's package for mutation testing is not installed: it is found beside the scripts."""

import sys
from pathlib import Path

import pytest
from small_concept import fill

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A book of one concept with one test."""
    fill(tmp_path)
    return tmp_path
