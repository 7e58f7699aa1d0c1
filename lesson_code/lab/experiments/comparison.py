"""All methods side by side on the digits: test error and what a step costs."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
import statistics
from collections.abc import Callable

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lesson_code.lab import evaluate
from lesson_code.lab.data import load
from lesson_code.lab.drawing import bars
from lesson_code.lab.experiments.base import (
    Cell,
    Findings,
    Plan,
    Table,
    cell_of,
    run_all,
    untrained,
)
from lesson_code.lab.run import Record
from lesson_code.lab.trainer import Machine, Trainer

MEASURES = {"k-NN error": "knn", "linear error": "linear", "few-label error": "few"}
WITH_LABELS = ("Supervised", "Distillation")


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """Every method at its usual settings; MAE needs four times the steps."""
    return {
        "Supervised": Run("supervised"),
        "Distillation": Run("distillation"),
        "SimCLR": Run("simclr"),
        "MoCo": Run("moco"),
        "BYOL": Run("byol"),
        "SimSiam": Run("simsiam"),
        "SwAV": Run("swav"),
        "Barlow Twins": Run("barlow"),
        "VICReg": Run("vicreg"),
        "DINO": Run("dino"),
        "MAE (ViT)": Run("mae", steps=1200),
    }


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train and judge every method, and judge what was never trained."""
    results = run_all(variants(), plan)
    errors = untrained_errors(plan) | {
        name: {
            key: [record.measures[key] for record in records]
            for key in MEASURES.values()
        }
        for name, records in results.items()
    }
    found = Findings(results, {"methods": overview(errors, results)})
    found.extras["errors"] = {
        name: {
            "k-NN": percent(measured["knn"], always=True),
            "few labels": percent(measured["few"], always=True),
        }
        for name, measured in errors.items()
    }
    found.values = summary(errors)
    return found


def untrained_errors(plan: Plan) -> dict[str, dict[str, list[float]]]:
    """The accuracies of raw pixels and of networks before their first step."""
    found = {"Raw pixels": {key: [value] for key, value in raw_pixels().items()}}
    for name, method in {"Random CNN": "supervised", "Random ViT": "mae"}.items():
        runs = [judge_untrained(Run(method, seed=seed)) for seed in plan.chosen()]
        found[name] = {key: [run[key] for run in runs] for key in runs[0]}
    return found


def raw_pixels() -> dict[str, float]:
    """Judge the pixels themselves as a representation."""
    flat: Callable[[torch.Tensor], torch.Tensor] = lambda images: images.flatten(1)  # noqa: E731
    return evaluate.judge(flat, load("digits"))


def judge_untrained(run: Run) -> dict[str, float]:
    """Judge the encoder of a run before its first step."""
    trainer = untrained(run)
    with evaluate.resting(trainer.method):
        return evaluate.judge(trainer.method.represent, trainer.data)


def percent(accuracies: list[float], always: bool = False) -> list[float] | float:
    """Errors in percent, their mean and spread; of a single number that number."""
    errors = [100 * (1 - accuracy) for accuracy in accuracies]
    if len(errors) == 1 and not always:
        return errors[0]
    return [statistics.fmean(errors), statistics.pstdev(errors)]


def overview(
    errors: dict[str, dict[str, list[float]]], results: dict[str, list[Record]]
) -> Table:
    """The table: errors in percent, floating-point operations of a step, seconds of a run."""
    rows: list[list[Cell]] = []
    for name, measured in errors.items():
        row: list[Cell] = [name, *(percent(measured[key]) for key in MEASURES.values())]
        if name in results:
            records = results[name]
            row += [
                operations(records[0].run),
                cell_of([one.seconds for one in records]),
            ]
        else:
            row += [None, None]
        rows.append(row)
    formats = {"Method": ""} | dict.fromkeys(MEASURES, ".1f")
    return {
        "columns": formats | {"GFLOP a step": ".2f", "seconds": ".1f"},
        "rows": rows,
    }


def operations(run: Run) -> float:
    """Floating-point operations of one step, forward and backward, in units of 10^9."""
    trainer = Trainer(run, load(run.data), Machine())
    trainer.method.prepare(trainer.run, trainer.data, "cpu")
    views, labels = next(trainer.batches())
    counter = FlopCounterMode(display=False)
    with counter, sdpa_kernel(SDPBackend.MATH):
        trainer.method(views, labels).backward()
    return counter.get_total_flops() / 1e9


def summary(
    errors: dict[str, dict[str, list[float]]],
) -> dict[str, float | int | str | bool]:
    """What the page says about the table."""
    without = {
        name: measured
        for name, measured in errors.items()
        if name
        not in (*WITH_LABELS, "Raw pixels", "Random CNN", "Random ViT", "MAE (ViT)")
    }
    few = {
        name: statistics.fmean(measured["few"]) for name, measured in without.items()
    }
    knn = {
        name: statistics.fmean(measured["knn"]) for name, measured in without.items()
    }
    return {
        "raw_knn": errors["Raw pixels"]["knn"][0],
        "raw_few": errors["Raw pixels"]["few"][0],
        "random_few": statistics.fmean(errors["Random CNN"]["few"]),
        "lowest_few": min(few.values()),
        "highest_few": max(few.values()),
        "lowest_knn": min(knn.values()),
        "highest_knn": max(knn.values()),
        "mae_few": statistics.fmean(errors["MAE (ViT)"]["few"]),
        "vit_few": statistics.fmean(errors["Random ViT"]["few"]),
        "supervised_few": statistics.fmean(errors["Supervised"]["few"]),
    }


def draw(found: Findings) -> dict[str, str]:
    """Draw the errors of all methods as bars."""
    return bars(
        "comparison", found.extras["errors"], y="test error in percent", limits=(0, 75)
    )
