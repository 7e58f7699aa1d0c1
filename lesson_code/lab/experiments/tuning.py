"""How the learning rates were chosen: on validation images, with seeds that are not published."""

from __future__ import annotations

import statistics

from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run

RATES = (1e-3, 3e-3, 8e-3, 2e-2)
SEEDS = (100, 101)  # not the seeds of the published runs
LONGER = {"mae": 600}


# --8<-- [start:grid]
def grid() -> dict[str, dict[float, Run]]:
    """Each method without labels at each learning rate."""
    tuned = [name for name in METHODS if name not in ("supervised", "distillation")]
    return {
        name: {lr: Run(name, lr=lr, steps=LONGER.get(name, 300)) for lr in RATES}
        for name in tuned
    }


# --8<-- [end:grid]


def measure(plan: Plan) -> Findings:
    """Judge every rate of every method on the validation images."""
    found = Findings()
    rows, curves_of = [], {}
    chosen_by_all = True
    for name, runs in grid().items():
        variants = {f"{name} {lr:g}": run for lr, run in runs.items()}
        if plan.quick:
            variants = dict([*variants.items()][:1])
        results = run_all(variants, plan.over(SEEDS), split="validation")
        scores = [mean(records, "few") for records in results.values()]
        best = max(range(len(scores)), key=scores.__getitem__)
        usual = METHODS[name].lr
        rows.append([name, *(scores if not plan.quick else scores * len(RATES)), f"{usual:g}"])
        curves_of[name] = ([1, 2, 3, 4][: len(scores)], scores)
        chosen_by_all &= RATES[best] == usual
    columns = {f"{lr:g}": ".3f" for lr in RATES}
    found.tables["rates"] = {"columns": {"Method": "", **columns, "used": ""}, "rows": rows}
    found.values["mean_few"] = statistics.fmean(
        score for _, scores in curves_of.values() for score in scores
    )
    found.extras["curves"] = curves_of
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw accuracy over the place of the rate in the grid."""
    return curves(
        "tuning-rates",
        found.extras["curves"],
        x="learning rate: 1e-3, 3e-3, 8e-3, 2e-2",
        y="few-label accuracy, validation",
        y_limits=(0.4, 1.0),
        x_limits=(0.8, 4.2),
    )
