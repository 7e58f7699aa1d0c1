# /// example
# cost = "lab"
# limit = 3600
# within.knn = 0.02
# within.linear = 0.02
# within.few_labels = 0.03
# within.cost = 0.03
# within.h = 0.3
# pixels = 40.0
# ///
"""Do local crops help where an image shows one thing in eight by eight pixels?"""

from __future__ import annotations

from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import bars
from lesson_code.lab.run import Run

GLOBAL = "2 global"
COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
    "H": ("entropy", ".2f"),
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


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train with and without local crops, on the same seeds."""
    results = study.run_all(variants(), seeds)
    few = {name: study.mean(records, "few") for name, records in results.items()}
    values: study.Values = {
        "six_cost": few[GLOBAL] - few["2 global, 2 of 6 x 6"],
        "four_cost": few[GLOBAL] - few["2 global, 2 of 4 x 4"],
    }
    tables = {"crops": study.table(results, "Crops", COLUMNS)}
    return study.Findings(results, tables, values)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw both accuracies with and without local crops."""
    shown = {"k-NN": "knn", "few labels": "few"}
    groups = {
        name: {label: study.over_seeds(records, key) for label, key in shown.items()}
        for name, records in found.results.items()
    }
    return bars("local-crops", groups, y="accuracy", limits=(0.8, 1.0))


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
