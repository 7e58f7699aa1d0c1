# /// example
# cost = "lab"
# limit = 3600
# printed = 0.02
# pixels = 40.0
# [within]
# accuracy = 0.02
# seeds_better = 3.0
# gain = 0.015
# ///
"""Distillation: hard against soft labels, at several temperatures and mixtures."""

from __future__ import annotations

# --8<-- [start:imports]
from dataclasses import replace

from lesson_code.lab.run import Run

# --8<-- [end:imports]

import statistics
from collections.abc import Mapping, Sequence

from lesson_code.lab import study
from lesson_code.lab.data import Data
from lesson_code.lab.drawing import bars
from lesson_code.lab.methods import Method
from lesson_code.lab.study import accuracy_of

HARD = "hard labels"


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """A student with 100 images: labels, the teacher at five temperatures, mixtures."""
    student = Run("distillation", width=12, images=100, augmentation="none", steps=150)
    options = {"hard labels": {"alpha": 0.0}}
    for temperature in (1.0, 2.0, 4.0, 8.0, 20.0):
        options[f"T = {temperature:g}"] = {"alpha": 1.0, "temperature": temperature}
    for alpha in (0.1, 0.5, 0.9):
        options[f"alpha = {alpha:g}"] = {"alpha": alpha, "temperature": 4.0}
    return {name: replace(student, options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


def both_accuracies(student: Method, data: Data) -> tuple[float, float]:
    """Of student and teacher."""
    teacher = student.get_submodule("teacher")
    assert isinstance(teacher, Method)
    return accuracy_of(student, data), accuracy_of(teacher, data)


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train every variant with every seed; compare with hard labels seed by seed."""
    judged = study.of_students(both_accuracies, variants(), seeds)
    accuracy = {name: [own for own, _ in pairs] for name, pairs in judged.items()}
    teacher = statistics.fmean(theirs for _, theirs in judged[HARD])
    better = {name: study.gains(own, accuracy[HARD]) for name, own in accuracy.items()}
    shown = {
        name: {"gain": study.spread(own)}
        for name, own in better.items()
        if name != HARD
    }
    return study.Findings(
        tables={"students": overview(accuracy, better)},
        values={"teacher_accuracy": teacher},
        extras={"gains": shown},
    )


def overview(
    accuracy: Mapping[str, Sequence[float]], better: Mapping[str, Sequence[float]]
) -> study.Table:
    """A row for each variant: accuracy, paired gain, and how many seeds gained."""
    rows: list[list[study.Cell]] = []
    for name, own in accuracy.items():
        row: list[study.Cell] = [name, study.cell_of(own), None, None]
        if name != HARD:
            won = sum(gain > 0 for gain in better[name])
            row[2:] = [study.cell_of(better[name]), float(won)]
        rows.append(row)
    formats = {"accuracy": ".3f", "gain": "+.3f", "seeds better": ".0f"}
    return {"columns": {"Student": "", **formats}, "rows": rows}


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the gain of each variant over hard labels."""
    return bars(
        "distillation-gain",
        found.extras["gains"],
        y="test accuracy gained over hard labels",
        limits=(-0.02, 0.08),
    )


if __name__ == "__main__":
    found = measure(tuple(range(10)))
    tables, values, alt_text = found.tables, found.values, draw(found)
