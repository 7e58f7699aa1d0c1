"""BYOL taken apart: which of its pieces keeps it from collapsing?"""

from __future__ import annotations

from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all, table
from lesson_code.lab.run import Run


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """BYOL, and BYOL with one piece after the other taken out."""
    options = {
        "BYOL": {},
        "no stop-gradient": {"momentum": None, "stop_gradient": False},
        "no predictor, no slow target": {"momentum": None, "predictor": False},
        "no predictor": {"predictor": False},
        "no slow target": {"momentum": None},
        "no normalization in the heads": {"head_norm": False},
        "no normalization at all": {"head_norm": False, "norm": False},
        "predictor ten times faster": {"predictor_lr": 10.0},
    }
    return {name: Run("byol", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train all variants and look at spread and rank while they train."""
    results = run_all(variants(), plan, watch=25)
    columns = {
        "k-NN": ("knn", ".3f"),
        "few labels": ("few", ".3f"),
        "std": ("std", ".2f"),
        "rank": ("rank", ".1f"),
    }
    found = Findings(results, {"ablations": table(results, "Variant", columns)})
    found.values = {"healthy_std": mean(results["BYOL"], "std")}
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the spread over the steps; return the alternative texts by figure."""
    return curves(
        "byol-collapse",
        {name: records[0].curve("std") for name, records in found.results.items()},
        x="step",
        y="spread of the embedding (1: healthy)",
        y_limits=(-0.05, 1.15),
    )
