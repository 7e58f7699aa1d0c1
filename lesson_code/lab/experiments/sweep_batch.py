"""SimCLR's batch size: are more negatives better? At equal images seen, and at equal steps."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all, table


# --8<-- [start:variants]
BATCHES = (32, 64, 256, 1024)


def variants(equal_images: bool) -> dict[str, Run]:
    """SimCLR at four batch sizes; the learning rate follows the root of the batch size."""
    return {
        str(batch): Run(
            "simclr",
            batch=batch,
            steps=300 * 256 // batch if equal_images else 300,
            lr=METHODS["simclr"].lr * (batch / 256) ** 0.5,
        )
        for batch in BATCHES
    }


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train at every batch size, both ways of keeping things equal."""
    found = Findings()
    columns = {
        "k-NN": ("knn", ".3f"),
        "linear": ("linear", ".3f"),
        "few labels": ("few", ".3f"),
    }
    for name, equal_images in {"equal-images": True, "equal-steps": False}.items():
        runs = variants(equal_images)
        if not equal_images:
            runs.pop("1024")  # four times the images of the others takes too long
        if plan.quick:
            runs = {key: runs[key] for key in ("64", "256")}
        results = run_all(runs, plan)
        found.tables[name] = table(results, "batch", columns)
        found.extras[name] = {
            key: mean(records, "few") for key, records in results.items()
        }
    equal = found.extras["equal-images"]
    found.values = {
        "smallest_few": [*equal.values()][0],
        "largest_few": [*equal.values()][-1],
    }
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the few-label accuracy over the batch size."""
    names = [str(batch) for batch in BATCHES]
    lines = {
        label: (
            [names.index(batch) for batch in found.extras[key]],
            [*found.extras[key].values()],
        )
        for label, key in {
            "equal number of images": "equal-images",
            "equal number of steps": "equal-steps",
        }.items()
    }
    return curves(
        "sweep-batch",
        lines,
        x="batch size",
        y="few-label accuracy",
        y_limits=(0.8, 1.0),
        x_limits=(-0.2, 3.2),
        x_names=names,
    )
