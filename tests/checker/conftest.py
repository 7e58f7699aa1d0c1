"""What the tests of the checker share: a small exercise, files to check, and the command."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from helpers import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def write(tmp_path):
    """Write a reader's file; return its path."""

    def written(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return written


@pytest.fixture
def command(tmp_path):
    """Run ``python -m lesson_code`` in an empty folder; return what it said and its status."""

    def run(*arguments, **environment):
        plain = {key: text for key, text in os.environ.items() if not key.endswith("COLOR")}
        return subprocess.run(
            [sys.executable, "-m", "lesson_code", *map(str, arguments)],
            cwd=tmp_path,
            env={**plain, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
        )

    return run
