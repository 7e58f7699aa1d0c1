# /// example
# cost = "lab"
# limit = 3600
# # Collapsed encoders are as random as they began: their accuracies differ by 0.03 from seed to
# # seed, and means of three on another processor by up to 0.08.
# pixels = 40.0
# [within]
# knn = 0.08
# labels = 0.08
# byol_knn = 0.02
# byol_few_labels = 0.03
# std = 0.1
# rank = 3.0
# loss = 0.02
# ///
"""BYOL taken apart: which of its pieces keeps it from collapsing?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lesson_code.lab import study
from lesson_code.lab.drawing import stacked
from lesson_code.lab.run import Run

COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "loss": ("loss", ".3f"),
}
PANELS = {"std": ("std", (-0.03, 1.1)), "rank": ("rank", (0.0, 52.0))}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """BYOL, and BYOL with one piece after the other taken out."""
    options: dict[str, dict[str, Any]] = {
        "BYOL": {},
        "no slow target": {"momentum": None},
        "no predictor": {"predictor": False},
        "no predictor, no slow target": {"predictor": False, "momentum": None},
        "no stop-gradient": {"momentum": None, "stop_gradient": False},
        "no normalization in the heads": {"head_norm": False},
        "no normalization at all": {"head_norm": False, "norm": False},
        "no slow target, fast predictor": {"momentum": None, "predictor_lr": 10.0},
    }
    return {name: Run("byol", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]

SHOWN = (  # six lines; the other two would hide behind their neighbors
    "BYOL",
    "no slow target",
    "no predictor",
    "no predictor, no slow target",
    "no stop-gradient",
    "no normalization in the heads",
)


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train all variants and look at spread and rank while they train."""
    results = {study.START: study.beginning(Run("byol"), seeds)}
    results |= study.run_all(variants(), seeds, watch=25)
    tables = {"ablations": study.table(results, "Variant", COLUMNS)}
    shown = {name: results[name] for name in SHOWN}
    curves = study.with_starts(shown, PANELS)
    return study.Findings(results, tables, extras={"curves": curves})


def draw(found: study.Findings) -> dict[str, str]:
    """Draw spread and rank over the steps."""
    return stacked(
        "byol-collapse",
        found.extras["curves"],
        x="step",
        panels=study.limits_of(PANELS),
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
