# /// example
# cost = "lab"
# limit = 1800
# printed = 0.02
# pixels = 40.0
# within = {gain = 0.01, from = 0.01, to = 0.01}
# ///
"""Some methods in pairs, on the very same test digits: how sure is which of them is better?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from collections.abc import Sequence

import matplotlib.pyplot as plt

from lesson_code.lab import study

PIXELS = "Raw pixels"


# --8<-- [start:variants]
PAIRS = (
    ("VICReg", "SimCLR"),
    ("SimCLR", "Barlow Twins"),
    ("SimCLR", "Raw pixels"),
    ("Supervised", "Raw pixels"),
)


def variants() -> dict[str, Run]:
    """The methods of the pairs, as in the comparison of all."""
    return {
        "SimCLR": Run("simclr"),
        "Barlow Twins": Run("barlow"),
        "VICReg": Run("vicreg"),
        "Supervised": Run("supervised"),
    }


# --8<-- [end:variants]


def measure(seeds: Sequence[int]) -> study.Findings:
    """By how much the first of each pair is ahead, on average over the seeds."""
    hits: study.Hits = {PIXELS: [study.raw_pixel_hits("digits")]}
    results = study.run_all(variants(), seeds, hits=hits)
    rows: list[list[study.Cell]] = [
        [f"{first} − {second}", *study.difference(hits[first], hits[second])]
        for first, second in PAIRS
    ]
    columns = {"Pair": ""} | dict.fromkeys(("gain", "from", "to"), "+.3f")
    return study.Findings(results, {"pairs": {"columns": columns, "rows": rows}})


def draw(found: study.Findings) -> dict[str, str]:
    """Draw each gain with its interval."""
    rows = found.tables["pairs"]["rows"]
    fig, ax = plt.subplots(num="comparison-pairs", figsize=(5.0, 2.4))
    for place, (_, gain, low, high) in enumerate(rows):
        ax.plot([low, high], [place, place], color="C0", linewidth=2)
        ax.plot(gain, place, "o", color="C0")
    ax.axvline(0, color=plt.rcParams["text.color"], linewidth=0.8)
    ax.set(xlim=(-0.04, 0.06), ylim=(len(rows) - 0.5, -0.5))
    ax.set(xlabel="k-NN accuracy gained on the same images")
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    fig.tight_layout()
    told = "; ".join(
        f"{name}: {gain:.3f}, from {low:.3f} to {high:.3f}"
        for name, gain, low, high in rows
    )
    return {
        "comparison-pairs": f"Gains as points with 95% intervals, and a line at 0. {told}."
    }


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
