"""Distillation: hard against soft labels, at several temperatures and mixtures."""

from __future__ import annotations

# --8<-- [start:imports]
from dataclasses import replace

import torch

from lesson_code.lab.run import LabError, Run

# --8<-- [end:imports]

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from lesson_code.lab import evaluate, parallel
from lesson_code.lab.data import Data, load
from lesson_code.lab.drawing import bars
from lesson_code.lab.experiments.base import Cell, Findings, Plan, Table, cell_of
from lesson_code.lab.methods import Method
from lesson_code.lab.trainer import train_alone

HARD = "hard labels"
QUICK = (HARD, "T = 4", "alpha = 0.5")
Judged = TypeVar("Judged")
Judge = Callable[[Method, Data], Judged]


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


def of_students(
    judge: Judge[Judged], runs: Mapping[str, Run], plan: Plan
) -> dict[str, list[Judged]]:
    """Train all variants of each seed beside one teacher, and judge each student.

    Args:
        judge: a function of a module, so that another process can be given it.
        runs: the variants.
        plan: the seeds; with several jobs each seed has a process of its own.
    """
    tasks = [
        (
            judge,
            {name: _scaled(run.with_seed(seed), plan) for name, run in runs.items()},
        )
        for seed in plan.chosen()
    ]
    by_seed: dict[int, dict[str, Judged]] = {}
    if plan.jobs == 1:
        for index, task in enumerate(tasks):
            by_seed[index] = _students_of_a_seed(task, plan.report)
    else:
        for done in parallel.each(_students_of_a_seed, tasks, plan.jobs):
            told = f"seed {plan.chosen()[done.index]}"
            if done.error is not None:
                raise LabError(f"{told}: {done.error}")
            plan.report(told)
            by_seed[done.index] = done.value
    return {
        name: [by_seed[index][name] for index in range(len(tasks))] for name in runs
    }


def _scaled(run: Run, plan: Plan) -> Run:
    """The run as the plan has it; a quick look has a quick teacher, too."""
    short = {"teacher_steps": 10} if plan.quick else {}
    return replace(plan.scaled(run), options={**run.options, **short})


def _students_of_a_seed(
    task: tuple[Judge[Judged], Mapping[str, Run]], tell: Callable[[str], None]
) -> dict[str, Judged]:
    judge, runs = task
    judged = {}
    for name, run in runs.items():
        tell(f"{name}, seed {run.seed}")
        data = load(run.data)
        judged[name] = judge(train_alone(run, data), data)
    return judged


def accuracy_of(student: Method, data: Data) -> float:
    """The share of test images that a student names right."""
    found = evaluate.accuracy(student, data.test, torch.device("cpu"))
    assert found is not None
    return found


def teacher_accuracy(student: Method, data: Data) -> float:
    """The same of a student's teacher."""
    teacher = student.get_submodule("teacher")
    assert isinstance(teacher, Method)
    return accuracy_of(teacher, data)


def both_accuracies(student: Method, data: Data) -> tuple[float, float]:
    """Of student and teacher."""
    return accuracy_of(student, data), teacher_accuracy(student, data)


def gains(soft: Sequence[float], hard: Sequence[float]) -> list[float]:
    """By how much each seed is better with soft labels than with hard ones."""
    return [a - b for a, b in zip(soft, hard, strict=True)]


def measure(plan: Plan) -> Findings:
    """Train every variant with every seed; compare with hard labels seed by seed."""
    chosen = {k: run for k, run in variants().items() if not plan.quick or k in QUICK}
    judged = of_students(both_accuracies, chosen, plan)
    accuracy = {name: [own for own, _ in pairs] for name, pairs in judged.items()}
    teacher = statistics.fmean(theirs for _, theirs in judged[HARD])
    better = {name: gains(own, accuracy[HARD]) for name, own in accuracy.items()}
    found = Findings(tables={"students": overview(accuracy, better)})
    found.extras["gains"] = {
        name: {"gain": [statistics.fmean(own), statistics.pstdev(own)]}
        for name, own in better.items()
        if name != HARD
    }
    means = {name: statistics.fmean(own) for name, own in better.items()}
    found.values = {
        "teacher_accuracy": teacher,
        "hard_accuracy": statistics.fmean(accuracy[HARD]),
        "hard_spread": statistics.pstdev(accuracy[HARD]),
    }
    quoted = {
        "gain_t1": "T = 1",
        "gain_t2": "T = 2",
        "gain_t4": "T = 4",
        "gain_t20": "T = 20",
    }
    found.values |= {key: means[name] for key, name in quoted.items() if name in means}
    return found


def overview(
    accuracy: Mapping[str, Sequence[float]], better: Mapping[str, Sequence[float]]
) -> Table:
    """A row for each variant: accuracy, paired gain, and how many seeds gained."""
    rows: list[list[Cell]] = []
    for name, own in accuracy.items():
        row: list[Cell] = [name, cell_of(own), None, None]
        if name != HARD:
            won = sum(gain > 0 for gain in better[name])
            row[2:] = [cell_of(better[name]), float(won)]
        rows.append(row)
    formats = {"accuracy": ".3f", "gain": "+.3f", "seeds better": ".0f"}
    return {"columns": {"Student": "", **formats}, "rows": rows}


def draw(found: Findings) -> dict[str, str]:
    """Draw the gain of each variant over hard labels."""
    return bars(
        "distillation-gain",
        found.extras["gains"],
        y="test accuracy gained over hard labels",
        limits=(-0.02, 0.08),
    )
