# /// example
# cost = "lab"
# limit = 3600
# within = {k_nn = 0.02, linear = 0.02, few_labels = 0.03, rank = 3.0}
# printed = 0.03
# pixels = 40.0
# ///
"""MoCo's momentum and queue: does it fail without momentum, does a longer queue help?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import curves


# --8<-- [start:variants]
MOMENTA = (0.0, 0.9, 0.99, 0.999)
QUEUES = (256, 1024, 4096)


def momenta() -> dict[str, Run]:
    """MoCo at four momenta of the key encoder; at 0 it is a copy at each step."""
    return {f"{m:g}": Run("moco", options={"momentum": m}) for m in MOMENTA}


def queues() -> dict[str, Run]:
    """MoCo at three lengths of the queue; the longest holds every image often."""
    return {str(k): Run("moco", options={"queue": k}) for k in QUEUES}


# --8<-- [end:variants]


COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
    "rank": ("rank", ".1f"),
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train at every momentum and every length of the queue."""
    results = study.run_all(momenta(), seeds)
    tables = {
        "momenta": study.table(results, "momentum", COLUMNS),
        "queues": study.table(study.run_all(queues(), seeds), "queue", COLUMNS),
    }
    return study.Findings(results, tables)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the few-label accuracy over the momentum."""
    names = list(found.results)
    accuracies = [study.mean(records, "few") for records in found.results.values()]
    return curves(
        "sweep-moco",
        {"few-label accuracy": (range(len(names)), accuracies)},
        x="momentum of the key encoder",
        y="few-label accuracy",
        y_limits=(0.8, 1.0),
        x_limits=(-0.2, 3.2),
        x_names=names,
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
