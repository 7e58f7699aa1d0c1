"""What the experiments of the chapter have in common: many runs, several seeds, tables."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from lesson_code.lab.data import load
from lesson_code.lab import parallel
from lesson_code.lab.run import LabError, Record, Run
from lesson_code.lab.trainer import Machine, Trained, Trainer, train

Cell = str | float | int | None | list[float]
Table = dict[str, Any]
Further = Callable[[Trained], dict[str, float]]
GATHERED = 30  # batches from which an untrained network takes its statistics


@dataclass(frozen=True)
class Plan:
    """How thorough an experiment is.

    Attributes:
        seeds: each variant is run once for each.
        quick: a look at the figures within seconds: one seed, a few steps, numbers that
            mean nothing.
        report: hears which variant and seed is being run.
        jobs: how many runs at once, each in a process of its own.
    """

    seeds: Sequence[int] = (0, 1, 2)
    quick: bool = False
    report: Callable[[str], None] = lambda what: None
    jobs: int = 1

    def scaled(self, run: Run) -> Run:
        """The run as this plan has it."""
        return replace(run, steps=max(6, run.steps // 30)) if self.quick else run

    def over(self, seeds: Sequence[int]) -> Plan:
        """The same plan with other seeds."""
        return replace(self, seeds=tuple(seeds))

    def chosen(self) -> tuple[int, ...]:
        """The seeds that are used."""
        return tuple(self.seeds)[:1] if self.quick else tuple(self.seeds)


Results = dict[str, list[Record]]


@dataclass
class Findings:
    """What an experiment found.

    Attributes:
        results: for each variant its records, one for each seed.
        tables: each with columns (name and number format) and rows.
        values: single numbers that prose quotes.
        extras: what only the figures need, such as pictures.
    """

    results: Results = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    values: dict[str, float | int | str | bool] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


def run_all(
    variants: Mapping[str, Run],
    plan: Plan,
    watch: int = 0,
    split: str = "test",
    further: Further | None = None,
) -> Results:
    """Train every variant with every seed.

    Args:
        variants: what to run, by the name that tables and figures use.
        plan: the seeds, and whether it is a quick look only.
        watch: steps between measurements on the way, as in ``train``.
        split: what to judge on.
        further: more measures of each trained method; a function of a module, so that
            another process can be given it.
    """
    seeds = plan.chosen()
    names = [(name, seed) for name in variants for seed in seeds]
    every = min(watch, 3) if plan.quick else watch
    tasks = [
        (plan.scaled(variants[name].with_seed(seed)), every, split, further)
        for name, seed in names
    ]
    records: dict[int, Record] = {}
    if plan.jobs == 1:
        for index, task in enumerate(tasks):
            plan.report("{}, seed {}".format(*names[index]))
            records[index] = _record(task)
    else:
        for done in parallel.each(_record, tasks, plan.jobs):
            told = "{}, seed {}".format(*names[done.index])
            if done.error is not None:
                raise LabError(f"{told}: {done.error}")
            plan.report(told)
            records[done.index] = done.value
    inorder = iter(records[index] for index in range(len(tasks)))
    return {name: [next(inorder) for _ in seeds] for name in variants}


def _record(
    task: tuple[Run, int, str, Further | None],
    tell: Callable[[str], None] | None = None,
) -> Record:
    """Train once; a function of the module, so that another process can do it."""
    run, watch, split, further = task
    trained = train(run, watch=watch, split=split)
    more = {} if further is None else further(trained)
    return replace(trained.record, measures=trained.record.measures | more)


def spread(numbers: Sequence[float]) -> list[float]:
    """Mean and population standard deviation over the seeds."""
    return [statistics.fmean(numbers), statistics.pstdev(numbers)]


def over_seeds(records: Sequence[Record], measure: str) -> list[float]:
    """Mean and spread of a measure."""
    return spread([record.measures[measure] for record in records])


def mean(records: Sequence[Record], measure: str) -> float:
    """Mean of a measure over the seeds."""
    return over_seeds(records, measure)[0]


def table(
    results: Results, first: str, columns: Mapping[str, tuple[str, str]]
) -> Table:
    """A row for each variant; each column is a measure with its number format.

    Args:
        results: the records.
        first: the name of the first column, which holds the variants.
        columns: by their names, the measure and the format, such as ``("knn", ".3f")``.
            A variant without the measure gets an empty cell.
    """
    rows: list[list[Cell]] = []
    for name, records in results.items():
        cells: list[Cell] = [name]
        for measure, _ in columns.values():
            known = all(measure in record.measures for record in records)
            cells.append(cell(records, measure) if known else None)
        rows.append(cells)
    formats = {name: form for name, (_, form) in columns.items()}
    return {"columns": {first: ""} | formats, "rows": rows}


def cell(records: Sequence[Record], measure: str) -> Cell:
    """Mean and spread of a measure; of a single seed the number alone."""
    both = over_seeds(records, measure)
    return both if len(records) > 1 else both[0]


def cell_of(numbers: Sequence[float]) -> Cell:
    """Mean and spread of numbers; of a single one that number."""
    return spread(numbers) if len(numbers) > 1 else numbers[0]


def text(table: Table) -> str:
    """A table as plain text for a terminal."""
    formats = list(table["columns"].values())
    rows = [
        [shown(cell, form) for cell, form in zip(row, formats, strict=True)]
        for row in table["rows"]
    ]
    lines = [list(table["columns"]), *rows]
    widths = [
        max(len(line[column]) for line in lines) for column in range(len(formats))
    ]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def shown(cell: Cell, form: str) -> str:
    """A cell as text: ``0.963 ± 0.005`` for mean and spread, a dash for nothing."""
    if cell is None:
        return "-"
    if isinstance(cell, list):
        return " ± ".join(format(number, form) for number in cell)
    return cell if isinstance(cell, str) else format(cell, form)


def untrained(run: Run) -> Trainer:
    """A run before its first step, its batch statistics gathered.

    A fresh batch normalization does nothing in evaluation mode. The network would be
    measured as one that is never trained like that, and its spread would be far too low.
    """
    trainer = Trainer(run, load(run.data), Machine())
    with torch.no_grad():
        for views, labels in itertools.islice(trainer.batches(), GATHERED):
            trainer.losses.append(trainer.method(views, labels).item())
    return trainer
