# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03, rank = 3.0}
# pixels = 40.0
# ///
"""SimCLR's temperature: is there an optimum inside, as on ImageNet?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import curves


# --8<-- [start:variants]
TEMPERATURES = (0.05, 0.1, 0.2, 0.5, 1.0)


def variants() -> dict[str, Run]:
    """SimCLR at five temperatures."""
    return {f"{t:g}": Run("simclr", options={"temperature": t}) for t in TEMPERATURES}


# --8<-- [end:variants]


COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
    "rank": ("rank", ".1f"),
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train at every temperature; the rank is that of the embedding."""
    results = study.run_all(variants(), seeds)
    return study.Findings(results, {"temperatures": study.table(results, "T", COLUMNS)})


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the accuracies over the place of the temperature in the sweep."""
    places = list(range(len(found.results)))
    lines = {
        label: (
            places,
            [study.mean(records, key) for records in found.results.values()],
        )
        for label, key in {"k-NN": "knn", "few labels": "few"}.items()
    }
    said = ", ".join(found.results)
    return curves(
        "sweep-temperature",
        lines,
        x=f"temperature: {said}",
        y="test accuracy",
        y_limits=(0.8, 1.0),
        x_limits=(-0.2, 4.2),
        x_names=list(found.results),
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
