"""What the experiments of the chapter share: many runs, several seeds, tables, yardsticks.

The experiments themselves are the scripts in ``lesson_code/examples/lab``.
"""

from __future__ import annotations

# --8<-- [start:imports]
import itertools
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import torch

from lesson_code.lab import evaluate
from lesson_code.lab.data import Data, load
from lesson_code.lab.drawing import Points
from lesson_code.lab.methods import Method
from lesson_code.lab.run import Record, Run
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer, train_alone
from lesson_code.lab.training import Trained, train
from lesson_code.significance import paired_difference, sample_deviation

# --8<-- [end:imports]

Cell = str | float | int | None | list[float]
Table = dict[str, Any]
Values = dict[str, float | int | str | bool]
Results = dict[str, list[Record]]
Measures = Mapping[str, float]
Judged = dict[str, Sequence[Measures]]
Hits = dict[str, list[torch.Tensor]]
Panels = Mapping[str, tuple[str, tuple[float, float]]]
Verdict = TypeVar("Verdict")

SEEDS = (0, 1, 2)
START = "before training"
ACCURACIES = {"k-NN": "knn", "linear": "linear", "few labels": "few"}


@dataclass
class Findings:
    """What an experiment found.

    Attributes:
        results: for each variant its records, one for each seed.
        tables: each with columns (name and number format) and rows.
        values: numbers that prose quotes and no table holds.
        extras: what only the figures need, such as pictures.
    """

    results: Results = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------------------- many runs


def run_all(
    variants: Mapping[str, Run],
    seeds: Sequence[int],
    watch: int = 0,
    split: str = "test",
    further: Callable[[Trained], dict[str, float]] = lambda trained: {},
    hits: Hits | None = None,
    report: Callable[[str], None] = lambda what: None,
) -> Results:
    """Train every variant with every seed.

    Args:
        variants: what to run, by the name that tables and figures use.
        seeds: each variant is run once for each.
        watch: steps between measurements on the way, as in ``train``.
        split: what to judge on.
        further: more measures of each trained method.
        hits: gets, for each variant and seed, which images k-NN names right.
        report: hears which variant and seed has been run.
    """
    results: Results = {name: [] for name in variants}
    for name, run in variants.items():
        for seed in seeds:
            trained = train(run.with_seed(seed), watch=watch, split=split)
            measures = trained.record.measures | further(trained)
            results[name].append(replace(trained.record, measures=measures))
            if hits is not None:
                hits.setdefault(name, []).append(hits_of(trained, split))
            report(f"{name}, seed {seed}")
    return results


def hits_of(trained: Trained, split: str = "test") -> torch.Tensor:
    """Which images of a split k-NN names right on what was learned."""
    with evaluate.resting(trained.method):
        return evaluate.knn_hits(trained.method.represent, trained.data, split)


# --8<-- [start:drawn]
def drawn(data: Data, seed: int) -> Data:
    """The training images in another order for each seed, so that other ones come first.

    In the order of the file the first hundred digits are of a single hand.
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(data.train), generator=generator)
    return replace(data, train=data.train.take(order))


# --8<-- [end:drawn]


def of_students(
    judge: Callable[[Method, Data], Verdict],
    runs: Mapping[str, Run],
    seeds: Sequence[int],
) -> dict[str, list[Verdict]]:
    """Train all students of each seed beside one teacher, and judge each.

    Those that get some images only get others for each seed.
    """
    judged: dict[str, list[Verdict]] = {name: [] for name in runs}
    for seed in seeds:  # seed by seed: a teacher is remembered, not many
        for name, run in runs.items():
            data = load(run.data)
            if run.images is not None:
                data = drawn(data, seed)
            judged[name].append(judge(train_alone(run.with_seed(seed), data), data))
    return judged


def accuracy_of(student: Method, data: Data) -> float:
    """The share of test images that a student names right."""
    accuracy = evaluate.accuracy(student, data.test, torch.device("cpu"))
    assert accuracy is not None
    return accuracy


# ------------------------------------------------------------------------- numbers, tables


def spread(numbers: Sequence[float]) -> list[float]:
    """Mean and standard deviation of a sample, such as that over the seeds; 0 of one."""
    apart = (
        sample_deviation(torch.tensor(numbers, dtype=torch.float64))
        if len(numbers) > 1
        else 0.0
    )
    return [statistics.fmean(numbers), apart]


def over_seeds(records: Sequence[Record], measure: str) -> list[float]:
    """Mean and spread of a measure."""
    return spread([record.measures[measure] for record in records])


def mean(records: Sequence[Record], measure: str) -> float:
    """Mean of a measure over the seeds."""
    return over_seeds(records, measure)[0]


def gains(better: Sequence[float], base: Sequence[float]) -> list[float]:
    """By how much each seed is better with the one than with the other."""
    return [a - b for a, b in zip(better, base, strict=True)]


def difference(
    first: Sequence[torch.Tensor],
    second: Sequence[torch.Tensor],
    units: torch.Tensor | None = None,
) -> list[float]:
    """How much more of the same images the first names right, and its 95% interval.

    Args:
        first: the hits of each seed, as ``run_all`` collects them.
        second: the same of what it is compared with.
        units: whom each image is by, if the interval shall be one over people.
    """
    one, other = (torch.stack([*hits]).double().mean(dim=0) for hits in (first, second))
    return [*paired_difference(one, other, units)]


def cell_of(numbers: Sequence[float]) -> Cell:
    """Mean and spread of numbers; of a single one that number."""
    return spread(numbers) if len(numbers) > 1 else numbers[0]


def measures_of(results: Results) -> Judged:
    """The measures of all records, by variant."""
    return {
        name: [record.measures for record in records]
        for name, records in results.items()
    }


def table(
    judged: Mapping[str, Sequence[Record | Measures]],
    first: str,
    columns: Mapping[str, tuple[str, str]],
) -> Table:
    """A row for each variant; each column is a measure with its number format.

    Args:
        judged: the records or measures, by variant.
        first: the name of the first column, which holds the variants.
        columns: by their names, the measure and the format, such as ``("knn", ".3f")``.
            A variant without the measure gets an empty cell.
    """
    rows: list[list[Cell]] = []
    for name, seeds in judged.items():
        measured = [one.measures if isinstance(one, Record) else one for one in seeds]
        cells: list[Cell] = [name]
        for measure, _ in columns.values():
            known = all(measure in measures for measures in measured)
            cells.append(cell_of([m[measure] for m in measured]) if known else None)
        rows.append(cells)
    formats = {name: form for name, (_, form) in columns.items()}
    return {"columns": {first: ""} | formats, "rows": rows}


def followed(results: Results, panels: Panels) -> dict[str, dict[str, list[Points]]]:
    """The curves of the measures of all panels, for each variant and seed."""
    return {
        name: {
            panel: [record.curve(measure) for record in records]
            for panel, (measure, _) in panels.items()
        }
        for name, records in results.items()
    }


def limits_of(panels: Panels) -> dict[str, tuple[float, float]]:
    """What each panel shows, from the lowest to the highest."""
    return {panel: limits for panel, (_, limits) in panels.items()}


# ------------------------------------------------------------------------------ yardsticks


# --8<-- [start:raw_pixels]
def raw_pixels(data: str, split: str = "test") -> dict[str, float]:
    """Judge the pixels themselves: what every network has to beat."""
    return evaluate.judge(lambda images: images.flatten(1), load(data), split)


# --8<-- [end:raw_pixels]


def raw_pixel_hits(data: str) -> torch.Tensor:
    """Which test images k-NN names right on the pixels themselves."""
    return evaluate.knn_hits(lambda images: images.flatten(1), load(data))


# --8<-- [start:untrained]
GATHERED = 30  # batches from which an untrained network takes its statistics


def untrained(run: Run, batches: int = GATHERED) -> Trainer:
    """A run before its first step, its batch statistics gathered.

    A fresh batch normalization does nothing in evaluation mode. The network would be
    measured as one that is never trained like that, and its spread would be far too low.
    """
    trainer = Trainer(run, load(run.data, size=run.size), Machine())
    with torch.no_grad():
        for views, labels in itertools.islice(trainer.batches(), batches):
            trainer.losses.append(trainer.method(views, labels).item())
    return trainer


def untrained_network(
    run: Run, gathered: bool = True, split: str = "test"
) -> dict[str, float]:
    """Judge the network of a run as it is before the first step.

    Args:
        run: its method, data and seed decide the network.
        gathered: whether batch normalization has seen data, and so normalizes.
        split: what to judge on.
    """
    trainer = untrained(run) if gathered else Trainer(run, load(run.data), Machine())
    with evaluate.resting(trainer.method):
        return evaluate.judge(trainer.method.represent, trainer.data, split)


# --8<-- [end:untrained]


def beginning(run: Run, seeds: Sequence[int], batches: int = GATHERED) -> list[Record]:
    """The networks as they are before training, judged like the trained ones."""
    return [untrained(run.with_seed(seed), batches).finish("test") for seed in seeds]


def with_starts(results: Results, panels: Panels) -> dict[str, dict[str, list[Points]]]:
    """The curves of all panels, from before the first step."""
    curves = followed(results, panels)
    for name, records in results.items():
        starts = [untrained(record.run).measure() for record in records]
        for panel, (measure, _) in panels.items():
            curves[name][panel] = [
                ([0.0, *steps], [start[measure], *values])
                for start, (steps, values) in zip(
                    starts, curves[name][panel], strict=True
                )
            ]
    return curves


def places(results: Results, x: str, y: str) -> dict[str, Points]:
    """Where each variant ends in the plane of two measures, a point for each seed."""
    return {
        name: (
            [record.measures[x] for record in records],
            [record.measures[y] for record in records],
        )
        for name, records in results.items()
    }
