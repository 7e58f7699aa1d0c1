"""How the learning rates were chosen: on validation images, with seeds that are not published."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from lesson_code.lab.data import load
from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Cell, Findings, Plan, mean, run_all

NOISE = 0.02  # of a mean of two seeds on 200 images
SEEDS = (100, 101)  # not the seeds of the published runs


# --8<-- [start:grid]
RATES = (1e-3, 3e-3, 8e-3, 2e-2)
LONGER = {"mae": 600}


def grid() -> dict[str, dict[float, Run]]:
    """Each method without labels at each learning rate."""
    tuned = [name for name in METHODS if name not in ("supervised", "distillation")]
    return {
        name: {lr: Run(name, lr=lr, steps=LONGER.get(name, 300)) for lr in RATES}
        for name in tuned
    }


# --8<-- [end:grid]


# --8<-- [start:settings]
MAIN_SETTING: dict[str, tuple[str, tuple[float, ...]]] = {
    "simclr": ("temperature", (0.1, 0.2, 0.5, 1.0)),
    "moco": ("momentum", (0.5, 0.9, 0.99)),
    "byol": ("momentum", (0.9, 0.97, 0.99)),
    "swav": ("epsilon", (0.02, 0.05, 0.1)),
    "barlow": ("lambd", (0.003, 0.01, 0.03)),
    "vicreg": ("covariance", (0.3, 1.0, 3.0)),
    "dino": ("temperature_t", (0.02, 0.04, 0.07)),
}


def settings() -> dict[tuple[str, str, float], Run]:
    """Each method at some values of the setting it is known for."""
    return {
        (name, setting, value): Run(name, options={setting: value})
        for name, (setting, values) in MAIN_SETTING.items()
        for value in values
    }


# --8<-- [end:settings]


def judge_settings(plan: Plan, found: Findings) -> None:
    """Judge the main setting of each method on the validation images."""
    rows: list[list[Cell]] = []
    best: dict[str, float] = {}
    used: dict[str, float] = {}
    for (name, setting, value), run in settings().items():
        usual = getattr(METHODS[name].settings_of(Run(name)), setting) == value
        if plan.quick and not usual:
            continue
        results = run_all({name: run}, plan.over(SEEDS), split="validation")
        few = mean(results[name], "few")
        best[name] = max(few, best.get(name, 0.0))
        used |= {name: few} if usual else {}
        rows.append([name, setting, f"{value:g}", few, "used" if usual else ""])
    formats = {
        "Method": "",
        "setting": "",
        "value": "",
        "few labels": ".3f",
        "choice": "",
    }
    found.tables["settings"] = {"columns": formats, "rows": rows}
    near = [name for name, few in used.items() if best[name] - few <= NOISE]
    found.values |= {"settings": len(used), "settings_by_rule": len(near)}


def measure(plan: Plan) -> Findings:
    """Judge every rate of every method on the validation images."""
    found = Findings()
    rows: list[list[Cell]] = []
    for name, runs in grid().items():
        variants = {f"{lr:g}": run for lr, run in runs.items()}
        if plan.quick:
            variants = {"0.003": variants["0.003"]}
        results = run_all(variants, plan.over(SEEDS), split="validation")
        scores = {lr: mean(records, "few") for lr, records in results.items()}
        used = f"{METHODS[name].lr:g}"
        rows.append([name, *(scores.get(f"{lr:g}") for lr in RATES), used])
        found.extras[name] = scores
    formats = dict.fromkeys((f"{lr:g}" for lr in RATES), ".3f")
    found.tables["rates"] = {
        "columns": {"Method": "", **formats, "used": ""},
        "rows": rows,
    }
    agreed = [
        name for name, scores in found.extras.items() if used_by_rule(name, scores)
    ]
    found.values = {
        "methods": len(rows),
        "by_rule": len(agreed),
        "validation": len(load("digits").validation),
    }
    judge_settings(plan, found)
    return found


def used_by_rule(name: str, scores: dict[str, float]) -> bool:
    """Whether the rate in use is within noise of the best one."""
    return max(scores.values()) - scores.get(f"{METHODS[name].lr:g}", 0.0) <= NOISE


def draw(found: Findings) -> dict[str, str]:
    """Draw the accuracy of each method over the rates."""
    names = [f"{lr:g}" for lr in RATES]
    lines = {
        name: ([names.index(lr) for lr in scores], [*scores.values()])
        for name, scores in found.extras.items()
    }
    return curves(
        "tuning-rates",
        lines,
        x="highest learning rate",
        y="few-label accuracy, validation",
        y_limits=(0.4, 1.0),
        x_limits=(-0.2, 3.2),
        x_names=names,
    )
