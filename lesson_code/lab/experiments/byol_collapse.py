"""BYOL taken apart: which of its pieces keeps it from collapsing?"""

from __future__ import annotations

from typing import Any

from lesson_code.lab.drawing import Points, stacked
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    Results,
    mean,
    run_all,
    table,
    untrained,
)
from lesson_code.lab.run import Record, Run

COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "loss": ("loss", ".3f"),
}
START = "before training"
PANELS = {"std": (-0.03, 1.1), "rank": (0.0, 52.0)}
LIMITS = (-0.03, 1.1), (0.0, 25.0)


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """BYOL, and BYOL with one piece after the other taken out."""
    options: dict[str, dict[str, Any]] = {
        "BYOL": {},
        "no slow target": {"momentum": None},
        "no predictor": {"predictor": False},
        "no predictor, no slow target": {"predictor": False, "momentum": None},
        "no stop-gradient": {"momentum": None, "stop_gradient": False},
        "no normalization in the heads": {"head_norm": False},
        "no normalization at all": {"head_norm": False, "norm": False},
        "no slow target, fast predictor": {"momentum": None, "predictor_lr": 10.0},
    }
    return {name: Run("byol", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]

SHOWN = (  # six lines; the other two would hide behind their neighbors
    "BYOL",
    "no slow target",
    "no predictor",
    "no predictor, no slow target",
    "no stop-gradient",
    "no normalization in the heads",
)
QUICK = ("BYOL", "no stop-gradient")
QUOTED = {
    "start_few": (START, "few"),
    "start_std": (START, "std"),
    "start_rank": (START, "rank"),
    "byol_std": ("BYOL", "std"),
    "byol_rank": ("BYOL", "rank"),
    "byol_few": ("BYOL", "few"),
    "byol_loss": ("BYOL", "loss"),
    "copy_std": ("no slow target", "std"),
    "copy_few": ("no slow target", "few"),
    "copy_rank": ("no slow target", "rank"),
    "no_predictor_std": ("no predictor", "std"),
    "no_predictor_few": ("no predictor", "few"),
    "neither_std": ("no predictor, no slow target", "std"),
    "no_stop_std": ("no stop-gradient", "std"),
    "no_stop_rank": ("no stop-gradient", "rank"),
    "no_stop_few": ("no stop-gradient", "few"),
    "no_stop_knn": ("no stop-gradient", "knn"),
    "no_stop_loss": ("no stop-gradient", "loss"),
    "heads_std": ("no normalization in the heads", "std"),
    "bare_few": ("no normalization at all", "few"),
    "bare_rank": ("no normalization at all", "rank"),
    "fast_std": ("no slow target, fast predictor", "std"),
    "fast_few": ("no slow target, fast predictor", "few"),
    "start_knn": (START, "knn"),
}


def measure(plan: Plan) -> Findings:
    """Train all variants and look at spread and rank while they train."""
    runs = {
        name: run for name, run in variants().items() if not plan.quick or name in QUICK
    }
    results = {START: beginning(Run("byol"), plan)} | run_all(runs, plan, watch=25)
    found = Findings(results, {"ablations": table(results, "Variant", COLUMNS)})
    found.values = quoted(results, QUOTED)
    found.extras["curves"] = with_starts(
        {name: results[name] for name in SHOWN if name in results}
    )
    return found


def beginning(run: Run, plan: Plan) -> list[Record]:
    """The networks as they are before training, judged like the trained ones."""
    return [
        untrained(plan.scaled(run.with_seed(seed))).finish("test")
        for seed in plan.chosen()
    ]


def quoted(
    results: Results, wanted: dict[str, tuple[str, str]]
) -> dict[str, float | int | str | bool]:
    """The means that prose quotes, of the variants that were run."""
    return {
        key: mean(results[name], measure)
        for key, (name, measure) in wanted.items()
        if name in results
    }


def with_starts(results: Results) -> dict[str, dict[str, list[Points]]]:
    """Curves of std and rank for each variant and seed, from before the first step."""
    curves: dict[str, dict[str, list[Points]]] = {}
    for name, records in results.items():
        curves[name] = {"std": [], "rank": []}
        for record in records:
            start = untrained(record.run).measure()
            for panel, seeds in curves[name].items():
                steps, values = record.curve(panel)
                seeds.append(([0.0, *steps], [start[panel], *values]))
    return curves


def places(results: Results) -> dict[str, Points]:
    """Where each variant ends in the plane of std and rank, a point for each seed."""
    return {
        name: (
            [record.measures["std"] for record in records],
            [record.measures["rank"] for record in records],
        )
        for name, records in results.items()
        if name != START
    }


def draw(found: Findings) -> dict[str, str]:
    """Draw spread and rank over the steps."""
    return stacked("byol-collapse", found.extras["curves"], x="step", panels=PANELS)
