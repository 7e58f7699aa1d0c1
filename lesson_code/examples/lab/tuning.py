# /// example
# cost = "lab"
# limit = 3600
# # 200 validation images and one seed: one image is half a point.
# within = {0_003 = 0.04, 0_008 = 0.04, 0_02 = 0.06, few_labels = 0.04, gap = 0.04}
# pixels = 40.0
# ///
"""How the learning rates were chosen: on validation images, with a seed that is not published."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.lab.data import load
from lesson_code.lab.drawing import curves
from lesson_code.lab import study

SEEDS = (100,)  # not a seed of the published runs


# --8<-- [start:grid]
RATES = (3e-3, 8e-3, 2e-2)
HALF = {"mae": 300}  # steps; 100 for the others


def grid() -> dict[str, dict[float, Run]]:
    """Each method without labels at each learning rate, for half its steps."""
    tuned = [name for name in METHODS if name not in ("supervised", "distillation")]
    return {
        name: {lr: Run(name, steps=HALF.get(name, 100), lr=lr) for lr in RATES}
        for name in tuned
    }


# --8<-- [end:grid]


# --8<-- [start:settings]
OTHERS: dict[str, tuple[str, tuple[float, ...]]] = {
    "simclr": ("temperature", (0.2, 1.0)),
    "moco": ("momentum", (0.5, 0.99)),
    "byol": ("momentum", (0.9, 0.99)),
    "swav": ("epsilon", (0.02, 0.1)),
    "barlow": ("lambd", (0.003, 0.03)),
    "vicreg": ("covariance", (0.3, 3.0)),
    "dino": ("temperature_t", (0.02, 0.07)),
}


def settings() -> dict[str, dict[float, Run]]:
    """Each method with its best-known setting below and above the usual value."""
    return {
        name: {
            value: Run(name, steps=100, options={setting: value}) for value in values
        }
        for name, (setting, values) in OTHERS.items()
    }


# --8<-- [end:settings]

Scores = dict[str, dict[str, float]]


def judged(runs: dict[str, dict[float, Run]], seeds: Sequence[int]) -> Scores:
    """The few-label accuracy on the validation images, by method and value."""
    scores: Scores = {}
    for name, by_value in runs.items():
        variants = {f"{value:g}": run for value, run in by_value.items()}
        results = study.run_all(variants, seeds, split="validation")
        scores[name] = {
            value: study.mean(records, "few") for value, records in results.items()
        }
    return scores


def measure(seeds: Sequence[int]) -> study.Findings:
    """Judge the rates and the settings of every method on the validation images."""
    rates, others = judged(grid(), seeds), judged(settings(), seeds)
    by_rate = {
        "columns": {"Method": "", **{f"{lr:g}": ".3f" for lr in RATES}, "used": ""},
        "rows": [
            [name, *scores.values(), usual_rate(name)] for name, scores in rates.items()
        ],
    }
    by_setting = {
        "columns": {"Method": "", "setting": "", "value": "", "few labels": ".3f"},
        "rows": [row for name in others for row in setting_rows(name, rates, others)],
    }
    return study.Findings(
        tables={"rates": by_rate, "settings": by_setting},
        values={
            "validation": len(load("digits").validation),
            "rate_gap": max(gap(name, rates[name], rates) for name in rates),
            "setting_gap": max(gap(name, others[name], rates) for name in others),
        },
        extras={"rates": rates},
    )


def usual_rate(name: str) -> str:
    """The rate that the method has without being told."""
    return f"{METHODS[name].lr:g}"


def setting_rows(name: str, rates: Scores, others: Scores) -> list[list[study.Cell]]:
    """A row for each value of a method's setting, the usual one marked."""
    setting = OTHERS[name][0]
    usual = f"{getattr(METHODS[name].settings_of(Run(name)), setting):g}"
    scores: dict[str, study.Cell] = {
        **others[name],
        usual: rates[name].get(usual_rate(name)),
    }
    return [
        [name, setting, f"{value}, used" if value == usual else value, scores[value]]
        for value in sorted(scores, key=float)
    ]


def gap(name: str, scores: dict[str, float], rates: Scores) -> float:
    """How far the method as it is used lies below the best of what was tried."""
    used = rates[name].get(usual_rate(name), 0.0)
    return max(0.0, max(scores.values()) - used)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the accuracy of each method over the rates."""
    names = [f"{lr:g}" for lr in RATES]
    lines = {
        name: ([names.index(lr) for lr in scores], [*scores.values()])
        for name, scores in found.extras["rates"].items()
    }
    return curves(
        "tuning-rates",
        lines,
        x="highest learning rate",
        y="few-label accuracy, validation",
        y_limits=(0.3, 1.0),
        x_limits=(-0.2, 2.2),
        x_names=names,
    )


if __name__ == "__main__":
    found = measure(SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
