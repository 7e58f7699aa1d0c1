# /// example
# cost = "lab"
# limit = 3600
# pixels = 40.0
# [within]
# accuracy = 0.02
# draws_better = 3.0
# gain = 0.01
# from = 0.01
# to = 0.01
# one_hand = 0.03
# ///
"""Distillation: hard against soft labels, at several temperatures and mixtures."""

from __future__ import annotations

# --8<-- [start:imports]
from dataclasses import replace

from lesson_code.lab.run import Run

# --8<-- [end:imports]

import statistics
from collections.abc import Mapping, Sequence

import torch

from lesson_code.lab import study
from lesson_code.lab.data import Data, load
from lesson_code.lab.drawing import bars
from lesson_code.lab.methods import Method
from lesson_code.lab.study import accuracy_of
from lesson_code.lab.trainer import train_alone
from lesson_code.significance import bootstrap_interval

HARD = "hard labels"


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """A student with 100 images: labels, the teacher at four temperatures, mixtures."""
    student = Run("distillation", width=12, images=100, augmentation="none", steps=150)
    options = {"hard labels": {"alpha": 0.0}}
    for temperature in (1.0, 2.0, 4.0, 20.0):
        options[f"T = {temperature:g}"] = {"alpha": 1.0, "temperature": temperature}
    for alpha in (0.1, 0.5):
        options[f"alpha = {alpha:g}"] = {"alpha": alpha, "temperature": 4.0}
    return {name: replace(student, options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


def both_accuracies(student: Method, data: Data) -> tuple[float, float]:
    """Of student and teacher."""
    teacher = student.get_submodule("teacher")
    assert isinstance(teacher, Method)
    return accuracy_of(student, data), accuracy_of(teacher, data)


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train every variant on every draw; compare with hard labels draw by draw."""
    judged = study.of_students(both_accuracies, variants(), seeds)
    accuracy = {name: [own for own, _ in pairs] for name, pairs in judged.items()}
    better = {name: study.gains(own, accuracy[HARD]) for name, own in accuracy.items()}
    shown = {
        name: {"gain": study.spread(own)}
        for name, own in better.items()
        if name != HARD
    }
    one_hand = of_one_hand(seeds[:3])
    return study.Findings(
        tables={"students": overview(accuracy, better)},
        values={
            "teacher_accuracy": statistics.fmean(theirs for _, theirs in judged[HARD]),
            "one_hand": statistics.fmean(one_hand),
        },
        extras={"gains": shown},
    )


def of_one_hand(seeds: Sequence[int]) -> list[float]:
    """What labels alone give with the first hundred images of the file, all by one hand."""
    data = load("digits")
    run = replace(variants()[HARD], method="supervised", options={})
    return [accuracy_of(train_alone(run.with_seed(seed), data), data) for seed in seeds]


def overview(
    accuracy: Mapping[str, Sequence[float]], better: Mapping[str, Sequence[float]]
) -> study.Table:
    """A row for each variant: accuracy, paired gain, its interval, how many draws gained."""
    rows: list[list[study.Cell]] = []
    for name, own in accuracy.items():
        row: list[study.Cell] = [name, study.cell_of(own), None, None, None, None]
        if name != HARD:
            gained = torch.tensor(better[name], dtype=torch.float64)
            row[2:] = [study.cell_of(better[name]), *bootstrap_interval(gained)]
            row.append(float((gained > 0).sum()))
        rows.append(row)
    formats = {"accuracy": ".3f"} | dict.fromkeys(("gain", "from", "to"), "+.3f")
    columns = {"Student": "", **formats, "draws better": ".0f"}
    return {"columns": columns, "rows": rows}


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
