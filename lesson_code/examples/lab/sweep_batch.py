# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03}
# pixels = 40.0
# ///
"""SimCLR's batch size: are more negatives better? At equal images seen, and at equal steps."""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import curves


# --8<-- [start:variants]
BATCHES = (32, 64, 256, 1024)


def variants(equal_images: bool) -> dict[str, Run]:
    """SimCLR at four batch sizes; the learning rate follows its root."""
    return {
        str(batch): Run(
            "simclr",
            batch=batch,
            steps=200 * 256 // batch if equal_images else 200,
            lr=METHODS["simclr"].lr * (batch / 256) ** 0.5,
        )
        for batch in BATCHES
    }


# --8<-- [end:variants]


COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train at every batch size, both ways of keeping things equal."""
    long = variants(equal_images=False)
    del long["1024"]  # four times the images of the others takes too long
    images = study.run_all(variants(equal_images=True), seeds)
    same = {"256": images["256"]}  # the batch that takes as many steps either way
    del long["256"]
    steps = study.run_all(long, seeds) | same
    return study.Findings(
        tables={
            "equal-images": study.table(images, "batch", COLUMNS),
            "equal-steps": study.table(steps, "batch", COLUMNS),
        },
        extras={"equal number of images": images, "equal number of steps": steps},
    )


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the few-label accuracy over the batch size."""
    names = [str(batch) for batch in BATCHES]
    lines = {
        label: (
            [names.index(batch) for batch in results],
            [study.mean(records, "few") for records in results.values()],
        )
        for label, results in found.extras.items()
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


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
