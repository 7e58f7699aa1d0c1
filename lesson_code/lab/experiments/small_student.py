"""When distillation does not help: a student that is too small, or has enough images."""

from __future__ import annotations

import statistics
from dataclasses import replace

from lesson_code.lab.drawing import bars
from lesson_code.lab.experiments.base import Cell, Findings, Plan, cell_of
from lesson_code.lab.experiments.distillation import accuracy_of, gains, of_students
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


def measure(plan: Plan) -> Findings:
    """Train every student with labels and with the teacher."""
    chosen = dict(list(cases().items())[:: 4 if plan.quick else 1])
    runs = {
        f"{case}, {lesson}": one
        for case, run in chosen.items()
        for lesson, one in lessons(run).items()
    }
    accuracy = of_students(accuracy_of, runs, plan)
    rows: list[list[Cell]] = []
    found = Findings()
    for case in chosen:
        hard, mild, soft = (
            accuracy[f"{case}, {name}"] for name in ("hard", "T = 1", "T = 4")
        )
        rows.append([case, *map(cell_of, (hard, mild, soft))])
        better = {"T = 1": gains(mild, hard), "T = 4": gains(soft, hard)}
        found.extras[case] = {
            name: [statistics.fmean(own), statistics.pstdev(own)]
            for name, own in better.items()
        }
        found.values[f"{KEYS[case]}_gain"] = statistics.fmean(better["T = 4"])
        found.values[f"{KEYS[case]}_mild_gain"] = statistics.fmean(better["T = 1"])
    formats = dict.fromkeys(("hard labels", "soft, T=1", "soft, T=4"), ".3f")
    found.tables["students"] = {"columns": {"Student": "", **formats}, "rows": rows}
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw what soft labels gain or lose in each case."""
    return bars(
        "small-student",
        found.extras,
        y="test accuracy gained over hard labels",
        limits=(-0.28, 0.08),
    )
