"""DINO taken apart: its two opposite collapses, and the teacher that must be slow."""

from __future__ import annotations

# --8<-- [start:imports]
import math
from dataclasses import replace
from typing import Any

from lesson_code.lab.run import Run

# --8<-- [end:imports]

from lesson_code.lab.drawing import Points, stacked
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    Results,
    mean,
    run_all,
    table,
)
from lesson_code.lab.experiments.byol_collapse import START, beginning, quoted
from lesson_code.lab.methods.dino import DINOSettings

BOTH = "centering and sharpening"
COLUMNS = {
    "H": ("entropy", ".2f"),
    "KL": ("divergence", ".3f"),
    "H of mean": ("marginal", ".2f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
HEADS = {
    "H": ("entropy", ".2f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
PANELS = {"H": (-0.15, 4.5), "KL": (-0.05, 1.5)}
MEASURES = {"H": "entropy", "KL": "divergence"}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """DINO, and DINO without one or both of what keeps it from collapsing."""
    options: dict[str, dict[str, Any]] = {
        "centering and sharpening": {},
        "centering only": {"temperature_t": 0.1},
        "sharpening only": {"centering": False},
        "neither": {"centering": False, "temperature_t": 0.1},
        "no slow teacher": {"momentum": None},
    }
    return {name: Run("dino", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


# --8<-- [start:heads]
def heads() -> dict[str, Run]:
    """DINO with the first weights of its head as published, and scaled to its width."""
    return {
        "weights of size 0.02": Run("dino", options={"head_std": 0.02}),
        "weights to fit the width": Run("dino"),
    }


# --8<-- [end:heads]

COPIED = "no slow teacher"  # its numbers vary so much that they get their own table
QUICK = (BOTH, "sharpening only")
QUOTED = {
    "start_few": (START, "few"),
    "start_knn": (START, "knn"),
    "both_h": (BOTH, "entropy"),
    "both_kl": (BOTH, "divergence"),
    "both_mean": (BOTH, "marginal"),
    "both_few": (BOTH, "few"),
    "both_knn": (BOTH, "knn"),
    "centering_h": ("centering only", "entropy"),
    "centering_kl": ("centering only", "divergence"),
    "centering_few": ("centering only", "few"),
    "sharpening_h": ("sharpening only", "entropy"),
    "sharpening_mean": ("sharpening only", "marginal"),
    "sharpening_kl": ("sharpening only", "divergence"),
    "sharpening_few": ("sharpening only", "few"),
    "neither_h": ("neither", "entropy"),
    "neither_kl": ("neither", "divergence"),
    "neither_mean": ("neither", "marginal"),
    "neither_few": ("neither", "few"),
    "h_copied": (COPIED, "entropy"),
    "kl_copied": (COPIED, "divergence"),
    "few_copied": (COPIED, "few"),
    "knn_copied": (COPIED, "knn"),
}


def measure(plan: Plan) -> Findings:
    """Train all variants and look at the teacher while they train."""
    runs = {
        name: run for name, run in variants().items() if not plan.quick or name in QUICK
    }
    if plan.quick:
        runs = {name: replace(run, batch=64) for name, run in runs.items()}
    trained = run_all(runs, plan, watch=15)
    results = {START: beginning(Run("dino"), plan)} | trained
    calm = {name: records for name, records in results.items() if name != COPIED}
    found = Findings(results, {"ablations": table(calm, "Variant", COLUMNS)})
    if COPIED in results:
        columns = {f"{name} copied": column for name, column in COLUMNS.items()}
        wild = {COPIED: results[COPIED]}
        found.tables["copied"] = table(wild, "Variant", columns)
    for row in found.tables["ablations"]["rows"][:1]:
        row[1:4] = [None] * 3  # no teacher has been trained yet
    found.values = quoted(results, QUOTED)
    if not plan.quick:
        small, fitting = heads()
        compared = run_all({small: heads()[small]}, plan) | {fitting: results[BOTH]}
        found.tables["heads"] = table(compared, "Head", HEADS)
        found.values["small_rank"] = mean(compared[small], "rank")
        found.values["fitting_rank"] = mean(compared[fitting], "rank")
        found.values["small_knn"] = mean(compared[small], "knn")
        found.values["fitting_knn"] = mean(compared[fitting], "knn")
    found.values["log_k"] = math.log(DINOSettings().outputs)
    found.extras["curves"] = teachers(
        {name: records for name, records in trained.items() if name != COPIED}
    )
    return found


def teachers(results: Results) -> dict[str, dict[str, list[Points]]]:
    """Curves of entropy and divergence for each variant and seed."""
    return {
        name: {
            panel: [record.curve(measure) for record in records]
            for panel, measure in MEASURES.items()
        }
        for name, records in results.items()
    }


def draw(found: Findings) -> dict[str, str]:
    """Draw the teacher's entropy and the divergence over the steps."""
    return stacked("dino-collapse", found.extras["curves"], x="step", panels=PANELS)
