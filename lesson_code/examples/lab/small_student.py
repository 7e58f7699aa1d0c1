# /// example
# cost = "lab"
# limit = 3600
# # A student of width 2 varies by up to 0.08 from seed to seed.
# within = {hard_labels = 0.03, t_1 = 0.03, t_4 = 0.05, gain = 0.05}
# pixels = 40.0
# ///
"""When distillation does not help: a student that is too small, or has enough images."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from lesson_code.lab import study
from lesson_code.lab.drawing import bars
from lesson_code.lab.run import Run


# --8<-- [start:cases]
def cases() -> dict[str, Run]:
    """Students of three sizes, with few images and with all, trained short and long."""
    few = Run("distillation", images=100, augmentation="none", steps=150)
    every = replace(few, images=None)
    return {
        "width 12, 100 images": replace(few, width=12),
        "width 12, all images": replace(every, width=12),
        "width 4, all images": replace(every, width=4),
        "width 4, 600 steps": replace(every, width=4, steps=600),
        "width 2, all images": replace(every, width=2),
        "width 2, 600 steps": replace(every, width=2, steps=600),
    }


def lessons(run: Run) -> dict[str, Run]:
    """The same student with labels only, and with a teacher at two temperatures."""
    options = {
        "hard": {"alpha": 0.0},
        "T = 1": {"alpha": 0.9, "temperature": 1.0},
        "T = 4": {"alpha": 0.9, "temperature": 4.0},
    }
    return {name: replace(run, options=chosen) for name, chosen in options.items()}


# --8<-- [end:cases]

KEYS = {
    "width 12, 100 images": "starved",
    "width 12, all images": "fed",
    "width 4, all images": "four",
    "width 4, 600 steps": "four_long",
    "width 2, all images": "two",
    "width 2, 600 steps": "two_long",
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train every student with labels and with the teacher."""
    runs = {
        f"{case}, {lesson}": one
        for case, run in cases().items()
        for lesson, one in lessons(run).items()
    }
    accuracy = study.of_students(study.accuracy_of, runs, seeds)
    rows: list[list[study.Cell]] = []
    found = study.Findings()
    for case, key in KEYS.items():
        hard, mild, soft = (
            accuracy[f"{case}, {name}"] for name in ("hard", "T = 1", "T = 4")
        )
        rows.append([case, *map(study.cell_of, (hard, mild, soft))])
        better = {"T = 1": study.gains(mild, hard), "T = 4": study.gains(soft, hard)}
        found.extras[case] = {name: study.spread(own) for name, own in better.items()}
        found.values[f"{key}_gain"] = statistics.fmean(better["T = 4"])
        found.values[f"{key}_mild_gain"] = statistics.fmean(better["T = 1"])
    formats = dict.fromkeys(("hard labels", "soft, T=1", "soft, T=4"), ".3f")
    found.tables["students"] = {"columns": {"Student": "", **formats}, "rows": rows}
    return found


def draw(found: study.Findings) -> dict[str, str]:
    """Draw what soft labels gain or lose in each case."""
    return bars(
        "small-student",
        found.extras,
        y="test accuracy gained over hard labels",
        limits=(-0.28, 0.08),
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
