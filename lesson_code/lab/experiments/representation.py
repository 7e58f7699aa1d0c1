"""How good is a representation? Pixels, untrained networks and trained ones, by three measures."""

from __future__ import annotations

# --8<-- [start:imports]
import torch

from lesson_code.lab import evaluate
from lesson_code.lab.data import load
from lesson_code.lab.experiments.base import untrained
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Machine, Trainer

# --8<-- [end:imports]

import math
from collections.abc import Mapping, Sequence

from lesson_code.lab.drawing import bars, contact_sheet
from lesson_code.lab.experiments.base import (
    Findings,
    Plan,
    Table,
    cell_of,
    run_all,
    spread,
)

Measures = Mapping[str, float]
Judged = dict[str, Sequence[Measures]]
MORE_SEEDS = (0, 1, 2, 3, 4)  # what is not trained costs little and varies much
COLUMNS = {"k-NN": "knn", "linear": "linear", "few labels": "few"}
PICTURES = 10
QUOTED = {
    "pixels_knn": ("Raw pixels", "knn"),
    "pixels_linear": ("Raw pixels", "linear"),
    "pixels_few": ("Raw pixels", "few"),
    "vit_knn": ("Random ViT", "knn"),
    "cnn_knn": ("Random CNN", "knn"),
    "cnn_few": ("Random CNN", "few"),
    "simclr_knn": ("SimCLR", "knn"),
    "simclr_linear": ("SimCLR", "linear"),
    "simclr_few": ("SimCLR", "few"),
    "supervised_few": ("Supervised", "few"),
}


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """One method without labels, and one with all of them."""
    return {"SimCLR": Run("simclr"), "Supervised": Run("supervised")}


def never_trained() -> dict[str, Run]:
    """Runs whose networks are judged before the first step."""
    return {"Random ViT": Run("mae"), "Random CNN": Run("supervised")}


# --8<-- [end:variants]


# --8<-- [start:raw_pixels]
def raw_pixels(data: str, split: str = "test") -> dict[str, float]:
    """Judge the pixels themselves: what every network has to beat."""

    def flat(images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1)

    return evaluate.judge(flat, load(data), split)


# --8<-- [end:raw_pixels]


# --8<-- [start:untrained_network]
def untrained_network(
    run: Run, gathered: bool = True, split: str = "test"
) -> dict[str, float]:
    """Judge the network of a run as it is before the first step.

    Args:
        run: its method, data and seed decide the network.
        gathered: whether batch normalization has seen data, and so normalizes.
        split: what to judge on.
    """
    trainer = untrained(run) if gathered else Trainer(run, load(run.data), Machine())
    with evaluate.resting(trainer.method):
        return evaluate.judge(trainer.method.represent, trainer.data, split)


# --8<-- [end:untrained_network]


def measure(plan: Plan) -> Findings:
    """Judge pixels, networks that were never trained, and trained ones."""
    judged: Judged = {"Raw pixels": [raw_pixels("digits")]}
    seeds = plan.over(MORE_SEEDS).chosen()
    vit, cnn = never_trained().values()
    starts = {
        "Random ViT": (vit, False),  # it has no batch normalization
        "Random CNN": (cnn, True),
        "Random CNN, no statistics": (cnn, False),
    }
    for name, (run, gathered) in starts.items():
        plan.report(name)
        judged[name] = [
            untrained_network(run.with_seed(seed), gathered) for seed in seeds
        ]
    results = run_all(variants(), plan)
    judged |= {
        name: [record.measures for record in records]
        for name, records in results.items()
    }
    found = Findings(results, {"measures": tabled(judged, COLUMNS)})
    found.values = quoted(judged)
    found.extras["judged"] = judged
    return found


def tabled(judged: Judged, columns: Mapping[str, str], form: str = ".3f") -> Table:
    """A row for each representation; what some do not have stays empty."""
    rows = []
    for name, seeds in judged.items():
        known = [all(key in one for one in seeds) for key in columns.values()]
        cells = [
            cell_of([one[key] for one in seeds]) if has else None
            for key, has in zip(columns.values(), known, strict=True)
        ]
        rows.append([name, *cells])
    return {
        "columns": {"Representation": ""} | dict.fromkeys(columns, form),
        "rows": rows,
    }


def quoted(judged: Judged) -> dict[str, float | int | str | bool]:
    """What the page says about the table."""
    values: dict[str, float | int | str | bool] = {
        key: middle(judged[name], measure) for key, (name, measure) in QUOTED.items()
    }
    pixels, images = judged["Raw pixels"][0]["knn"], len(load("digits").test)
    return values | {
        "images": images,
        "standard_error": math.sqrt(pixels * (1 - pixels) / images),
        "validation_linear": raw_pixels("digits", "validation")["linear"],
    }


def middle(seeds: Sequence[Measures], key: str) -> float:
    """The mean of a measure over the seeds."""
    return spread([one[key] for one in seeds])[0]


def draw(found: Findings) -> dict[str, str]:
    """Draw the data, and the two measures that tell most."""
    judged: Judged = found.extras["judged"]
    shown = {"k-NN": "knn", "few labels": "few"}
    groups = {
        name: {
            label: spread([one[key] for one in seeds]) for label, key in shown.items()
        }
        for name, seeds in judged.items()
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
