# /// example
# cost = "lab"
# limit = 3600
# # A teacher that copies the student never settles: its numbers get wide limits.
# within.h = 0.3
# within.sharpening_only_h = 0.1
# within.centering_only_h = 0.01
# within.kl = 0.15
# within.centering_only_kl = 0.01
# within.neither_kl = 0.01
# within.h_of_mean = 0.3
# within.centering_only_h_of_mean = 0.01
# within.std = 0.1
# within.rank = 3.0
# within.knn = 0.02
# within.few_labels = 0.03
# within.h_copied = 2.0
# within.kl_copied = 1.5
# within.h_of_mean_copied = 2.0
# within.few_labels_copied = 0.15
# within.knn_copied = 0.14
# pixels = 40.0
# ///
"""DINO taken apart: its two opposite collapses, and the teacher that must be slow."""

from __future__ import annotations

# --8<-- [start:imports]
import math
from typing import Any

from lesson_code.lab.run import Run

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import stacked
from lesson_code.lab.methods.dino import DINOSettings

BOTH = "centering and sharpening"
COLUMNS = {
    "H": ("entropy", ".2f"),
    "KL": ("divergence", ".3f"),
    "H of mean": ("marginal", ".2f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
HEADS = {
    "H": ("entropy", ".2f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
PANELS = {
    "H": ("entropy", (-0.15, 4.5)),
    "KL": ("divergence", (-0.05, 1.5)),
}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """DINO, and DINO without one or both of what keeps it from collapsing."""
    options: dict[str, dict[str, Any]] = {
        "centering and sharpening": {},
        "centering only": {"temperature_t": 0.1},
        "sharpening only": {"centering": False},
        "neither": {"centering": False, "temperature_t": 0.1},
        "no slow teacher": {"momentum": None},
    }
    return {name: Run("dino", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


# --8<-- [start:heads]
def heads() -> dict[str, Run]:
    """DINO with the first weights of its head as published, and scaled to its width."""
    return {
        "weights of size 0.02": Run("dino", options={"head_std": 0.02}),
        "weights to fit the width": Run("dino"),
    }


# --8<-- [end:heads]

COPIED = "no slow teacher"  # its numbers vary so much that they get their own table


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train all variants and look at the teacher while they train."""
    trained = study.run_all(variants(), seeds, watch=15)
    results = {study.START: study.beginning(Run("dino"), seeds)} | trained
    calm = {name: records for name, records in results.items() if name != COPIED}
    small, fitting = heads()
    compared = study.run_all({small: heads()[small]}, seeds) | {fitting: results[BOTH]}
    copied = {f"{name} copied": column for name, column in COLUMNS.items()}
    tables = {
        "ablations": study.table(calm, "Variant", COLUMNS),
        "copied": study.table({COPIED: results[COPIED]}, "Variant", copied),
        "heads": study.table(compared, "Head", HEADS),
    }
    tables["ablations"]["rows"][0][1:4] = [None] * 3  # no teacher has been trained yet
    shown = {name: records for name, records in trained.items() if name != COPIED}
    extras = {"curves": study.followed(shown, PANELS)}
    values: study.Values = {"log_k": math.log(DINOSettings().outputs)}
    return study.Findings(results, tables, values, extras)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the teacher's entropy and the divergence over the steps."""
    return stacked(
        "dino-collapse",
        found.extras["curves"],
        x="step",
        panels=study.limits_of(PANELS),
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
