"""SimCLR's temperature: is there an optimum inside, as on ImageNet?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all, table


# --8<-- [start:variants]
TEMPERATURES = (0.05, 0.1, 0.2, 0.5, 1.0)


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
    quoted = {"low_few": "0.05", "half_few": "0.5", "high_few": "1"}
    found.values = {
        key: mean(results[name], "few")
        for key, name in quoted.items()
        if name in results
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
