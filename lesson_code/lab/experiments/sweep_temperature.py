"""SimCLR's temperature: is there an optimum inside, as on ImageNet?"""

from __future__ import annotations

from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all, table
from lesson_code.lab.run import Run

TEMPERATURES = (0.05, 0.1, 0.2, 0.5, 1.0)


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """SimCLR at five temperatures."""
    return {f"{t:g}": Run("simclr", options={"temperature": t}) for t in TEMPERATURES}


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train at every temperature; the rank is that of the embedding."""
    runs = variants() if not plan.quick else dict([*variants().items()][::2])
    results = run_all(runs, plan)
    columns = {
        "k-NN": ("knn", ".3f"),
        "linear": ("linear", ".3f"),
        "few labels": ("few", ".3f"),
        "rank": ("rank", ".1f"),
    }
    found = Findings(results, {"temperatures": table(results, "T", columns)})
    low, high = list(results)[0], list(results)[-1]
    found.values = {
        "low_few": mean(results[low], "few"),
        "high_few": mean(results[high], "few"),
    }
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the accuracies over the place of the temperature in the sweep."""
    places = list(range(len(found.results)))
    lines = {
        label: (places, [mean(records, key) for records in found.results.values()])
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
