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

#: A right one; and one that is like no bug, so that pairs of bugs are looked at too.
CASES = {"right": "", "unknown": " ** 1.1"}

#: A loss, the class whose probes take longest, and the loss that most bugs are known of.
EXERCISES = ("simclr_loss", "BYOL", "barlow_twins_loss")


def check_seconds(runs: int) -> Iterator[Row]:
    """A check of each, with the start of Python and torch."""
    for name in EXERCISES:
        for case, power in CASES.items():
            spent = [_seconds(name, power, case) for _ in range(max(runs, 5))]
            yield at_most(f"check: {name}, {case}", statistics.median(spent), LIMIT, "s")


def _seconds(name: str, power: str, case: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.py"
        function = f"def {name}(*given, **named):\n    return published(*given, **named){power}\n"
        model = f"class {name}(published):\n    def forward(self, *given):\n"
        model += f"        return super().forward(*given){power}\n"
        body = function if name.islower() else model
        file.write_text(f"from lesson_code import {name} as published\n{body}", encoding="utf-8")
        command = [sys.executable, "-m", "lesson_code", "check", name, str(file)]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        spent = time.perf_counter() - began
    if (": Right" in done.stdout) != (case == "right"):
        raise CannotMeasureError(f"the checker says of it: {done.stdout or done.stderr}")
    return spent
