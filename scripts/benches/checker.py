"""How long the checker lets a reader wait, from the command to the verdict."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benches.rows import CannotMeasureError, Row, at_most

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 5.0

#: A right function; and one that is like no bug, so that all pairs of bugs are looked at too.
CASES = {
    "right": "return published(*given, **named)",
    "unknown": "return published(*given, **named) ** 1.1",
}


def check_seconds(runs: int) -> Iterator[Row]:
    """A check of ``simclr_loss`` and of ``dino_loss``, with the start of Python and torch."""
    for name in ("simclr_loss", "dino_loss"):
        for case, body in CASES.items():
            spent = [_seconds(name, body, case) for _ in range(max(runs, 5))]
            yield at_most(f"check: {name}, {case}", statistics.median(spent), LIMIT, "s")


def _seconds(name: str, body: str, case: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.py"
        lines = [
            f"from lesson_code import {name} as published",
            "",
            f"def {name}(*given, **named):",
        ]
        file.write_text("\n".join([*lines, f"    {body}"]) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "lesson_code", "check", name, str(file)]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        spent = time.perf_counter() - began
    if ("Right." in done.stdout) != (case == "right"):
        raise CannotMeasureError(f"the checker says of it: {done.stdout or done.stderr}")
    return spent
