"""What the experiments of the chapter have in common: many runs, several seeds, tables."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lesson_code.lab.run import Record, Run
from lesson_code.lab.trainer import train

Cell = str | float | int | None | list[float]
Table = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """How thorough an experiment is.

    Attributes:
        seeds: each variant is run once for each.
        quick: a look at the figures within seconds: one seed, a few steps, numbers that
            mean nothing.
        report: hears which variant and seed is being run.
    """

    seeds: Sequence[int] = (0, 1, 2)
    quick: bool = False
    report: Callable[[str], None] = lambda what: None

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
    variants: Mapping[str, Run], plan: Plan, watch: int = 0, split: str = "test"
) -> Results:
    """Train every variant with every seed.

    Args:
        variants: what to run, by the name that tables and figures use.
        plan: the seeds, and whether it is a quick look only.
        watch: steps between measurements on the way, as in ``train``.
        split: what to judge on.
    """
    results: Results = {}
    for name, run in variants.items():
        records = []
        for seed in plan.chosen():
            plan.report(f"{name}, seed {seed}")
            every = min(watch, 3) if plan.quick else watch
            one = train(plan.scaled(run.with_seed(seed)), watch=every, split=split)
            records.append(one.record)
        results[name] = records
    return results


def spread(numbers: Sequence[float]) -> list[float]:
    """Mean and population standard deviation over the seeds."""
    return [statistics.fmean(numbers), statistics.pstdev(numbers)]


def over_seeds(records: Sequence[Record], measure: str) -> list[float]:
    """Mean and spread of a measure."""
    return spread([record.measures[measure] for record in records])


def mean(records: Sequence[Record], measure: str) -> float:
    """Mean of a measure over the seeds."""
    return over_seeds(records, measure)[0]


def table(results: Results, first: str, columns: Mapping[str, tuple[str, str]]) -> Table:
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


def text(table: Table) -> str:
    """A table as plain text for a terminal."""
    formats = list(table["columns"].values())
    rows = [
        [shown(cell, form) for cell, form in zip(row, formats, strict=True)]
        for row in table["rows"]
    ]
    lines = [list(table["columns"]), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(formats))]
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
