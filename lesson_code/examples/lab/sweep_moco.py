# /// example
# cost = "lab"
# limit = 3600
# pixels = 40.0
# [within]
# k_nn = 0.02
# linear = 0.02
# few_labels = 0.03
# rank = 3.0
# gain = 0.02
# from = 0.02
# to = 0.02
# ///
"""MoCo without and with momentum, by how old its keys become: when does it need the slow copy?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import curves


# --8<-- [start:variants]
MOMENTA = (0.0, 0.99)
QUEUES = (1024, 4096, 16384)


def variants() -> dict[str, Run]:
    """MoCo with keys of a slow and of a fresh copy, in queues of 4, 16 and 64 steps."""
    return {
        named(m, k): Run("moco", options={"momentum": m, "queue": k})
        for k in QUEUES
        for m in MOMENTA
    }


def named(momentum: float, queue: int) -> str:
    """What a table calls a variant."""
    return f"{momentum:g}, {queue:,}"


# --8<-- [end:variants]


COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "linear": ("linear", ".3f"),
    "few labels": ("few", ".3f"),
    "rank": ("rank", ".1f"),
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train at both momenta and every length; compare them on the same test images."""
    hits: study.Hits = {}
    results = study.run_all(variants(), seeds, hits=hits)
    none, slow = MOMENTA
    rows: list[list[study.Cell]] = [
        [f"{k:,}", *study.difference(hits[named(slow, k)], hits[named(none, k)])]
        for k in QUEUES
    ]
    columns = {"Queue": ""} | dict.fromkeys(("gain", "from", "to"), "+.3f")
    ages = study.table(results, "Momentum, queue", COLUMNS)
    return study.Findings(
        results, {"ages": ages, "gains": {"columns": columns, "rows": rows}}
    )


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the nearest-neighbor accuracy over the age of the oldest key."""
    lines = {
        f"momentum {m:g}": (
            range(len(QUEUES)),
            [study.mean(found.results[named(m, k)], "knn") for k in QUEUES],
        )
        for m in MOMENTA
    }
    return curves(
        "sweep-moco",
        lines,
        x="steps that a key is kept",
        y="k-NN accuracy",
        y_limits=(0.8, 1.0),
        x_limits=(-0.2, 2.2),
        x_names=[str(k // Run("moco").batch) for k in QUEUES],
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
