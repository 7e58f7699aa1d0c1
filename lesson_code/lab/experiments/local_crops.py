"""Do local crops help where an image shows one thing in eight by eight pixels?"""

from __future__ import annotations

from dataclasses import replace

from lesson_code.lab.drawing import bars
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    mean,
    over_seeds,
    run_all,
    table,
)
from lesson_code.lab.experiments.byol_collapse import quoted
from lesson_code.lab.run import Run

GLOBAL = "2 global"
COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
    "H": ("entropy", ".2f"),
}
QUOTED = {
    "global_few": (GLOBAL, "few"),
    "six_few": ("2 global, 2 of 6 x 6", "few"),
    "four_few": ("2 global, 2 of 4 x 4", "few"),
    "global_knn": (GLOBAL, "knn"),
    "six_knn": ("2 global, 2 of 6 x 6", "knn"),
    "four_knn": ("2 global, 2 of 4 x 4", "knn"),
}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """DINO with two views of the whole digit, and with two small parts besides."""
    options = {
        "2 global": {},
        "2 global, 2 of 6 x 6": {"local_crops": 2, "local_size": 6},
        "2 global, 2 of 4 x 4": {"local_crops": 2, "local_size": 4},
    }
    return {name: Run("dino", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train with and without local crops, on the same seeds."""
    runs = variants()
    if plan.quick:
        runs = {name: replace(run, batch=64) for name, run in runs.items()}
    results = run_all(runs, plan)
    found = Findings(results, {"crops": table(results, "Crops", COLUMNS)})
    found.values = quoted(results, QUOTED)
    without = mean(results[GLOBAL], "few")
    for name, key in (
        ("2 global, 2 of 6 x 6", "six"),
        ("2 global, 2 of 4 x 4", "four"),
    ):
        found.values[f"{key}_cost"] = without - mean(results[name], "few")
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw both accuracies with and without local crops."""
    shown = {"k-NN": "knn", "few labels": "few"}
    groups = {
        name: {label: over_seeds(records, key) for label, key in shown.items()}
        for name, records in found.results.items()
    }
    return bars("local-crops", groups, y="accuracy", limits=(0.8, 1.0))
