# /// example
# cost = "lab"
# limit = 3600
# within.k_nn = 0.02
# within.linear = 0.02
# within.few_labels = 0.03
# within.raw_pixels_k_nn = 1e-9
# within.raw_pixels_linear = 1e-9
# within.raw_pixels_few_labels = 1e-9
# within.validation_linear = 1e-9
# pixels = 12.0
# ///
"""How good is a representation? Pixels, untrained networks and trained ones, by three measures."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.data import load
from lesson_code.lab.drawing import bars, contact_sheet
from lesson_code.lab.run import Run
from lesson_code.lab.study import ACCURACIES

MORE_SEEDS = (0, 1, 2, 3, 4)  # what is not trained costs little and varies much
PICTURES = 10


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """One method without labels, and one with all of them."""
    return {"SimCLR": Run("simclr"), "Supervised": Run("supervised")}


def never_trained() -> dict[str, Run]:
    """Runs whose networks are judged before the first step."""
    return {"Random ViT": Run("mae"), "Random CNN": Run("supervised")}


# --8<-- [end:variants]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Judge pixels, networks that were never trained, and trained ones."""
    pixels = study.raw_pixels("digits")
    judged: study.Judged = {"Raw pixels": [pixels]}
    starts = {
        "Random ViT": ("Random ViT", False),  # it has no batch normalization
        "Random CNN": ("Random CNN", True),
        "Random CNN, no statistics": ("Random CNN", False),
    }
    for name, (network, gathered) in starts.items():
        runs = [never_trained()[network].with_seed(seed) for seed in MORE_SEEDS]
        judged[name] = [study.untrained_network(run, gathered) for run in runs]
    results = study.run_all(variants(), seeds)
    judged |= study.measures_of(results)
    columns = {label: (key, ".3f") for label, key in ACCURACIES.items()}
    images = len(load("digits").test)
    return study.Findings(
        results,
        {"measures": study.table(judged, "Representation", columns)},
        {
            "images": images,
            "standard_error": math.sqrt(pixels["knn"] * (1 - pixels["knn"]) / images),
            "validation_linear": study.raw_pixels("digits", "validation")["linear"],
        },
        {"judged": judged},
    )


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the data, and the two measures that tell most."""
    shown = {"k-NN": "knn", "few labels": "few"}
    groups = {
        name: {
            label: study.spread([one[key] for one in seeds])
            for label, key in shown.items()
        }
        for name, seeds in found.extras["judged"].items()
    }
    return pictures() | bars(
        "representation-measures",
        groups,
        y="accuracy on the test images",
        limits=(0, 1),
    )


def pictures() -> dict[str, str]:
    """Draw the first training images of both sets."""
    gray, tinted = load("digits").train, load("tinted").train
    classes = ", ".join(map(str, gray.labels[:PICTURES].tolist()))
    return contact_sheet(
        "representation-data",
        {
            "digits, 8 × 8 pixels": gray.images[:PICTURES],
            "tinted digits, 10 × 10 pixels": tinted.images[:PICTURES],
        },
        f"Two rows of the same {PICTURES} handwritten digits, {classes}. Above: light strokes "
        "on a dark ground. Below: each in another color, on a ground of another color, and "
        "at another place.",
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
