# /// example
# cost = "lab"
# limit = 3600
# # A rate is one of three: on another processor a near tie may go to its neighbor.
# within.seen_artists = 0.03
# within.unseen_artist = 0.03
# within.group_k_nn = 0.05
# within.validation = 0.08
# within.rate = 0.02
# # What pixels find is exact; how much more it is than the supervised network finds is not.
# within.pixels_seen_artists = 0.01
# within.pixels_unseen_artist = 0.01
# within.pixels_group_k_nn = 0.02
# ///
"""All methods on one thing by several artists: tuned alike, asked what no label trained."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Sequence
from dataclasses import replace

import torch

from lesson_code.lab.data.emoji import Emoji, emoji
from lesson_code.lab.evaluate import features, resting
from lesson_code.lab.methods.base import Method
from lesson_code.lab.retrieval import same_thing_found
from lesson_code.lab.run import Run

# --8<-- [end:imports]

from lesson_code.examples.lab.emoji import (
    PIXELS,
    SIZE,
    UNTRAINED,
    gained,
    judge,
    trained,
    untrained,
    with_interval,
)
from lesson_code.lab import study

MEASURES = {"seen artists": "seen", "unseen artist": "unseen", "group k-NN": "group"}


# --8<-- [start:variants]
LABELS = "Supervised, on the group"
RATES = (2e-3, 6e-3, 2e-2)
TUNING = 100  # a seed that is not published


def variants() -> dict[str, Run]:
    """Each method, with views of one thing by two artists; labels need none."""
    names = {
        "SimCLR": "simclr",
        "MoCo": "moco",
        "BYOL": "byol",
        "SimSiam": "simsiam",
        "SwAV": "swav",
        "Barlow Twins": "barlow",
        "VICReg": "vicreg",
        "DINO": "dino",
    }
    plain = Run("supervised", "emoji", steps=100, width=8, augmentation="mild")
    paired = replace(plain, views="artist")
    runs = {title: replace(paired, method=name) for title, name in names.items()}
    return {LABELS: plain, **runs}


# --8<-- [end:variants]


# --8<-- [start:validated]
def validated(method: Method, data: Emoji) -> float:
    """How often a validation thing is found between the artists of training."""
    cpu = torch.device("cpu")
    with resting(method):
        drawn = features(method.represent, data.validation.images, cpu).chunk(3)
    pairs = [(a, b) for a in drawn for b in drawn if a is not b]
    found = torch.stack([same_thing_found(a, b) for a, b in pairs])
    return found.double().mean().item()


# --8<-- [end:validated]


def tuned(run: Run, data: Emoji) -> tuple[Run, float]:
    """The run at the rate that is best after half its steps, and how good that is."""
    scores: dict[float, float] = {}
    for lr in RATES:
        half = replace(run, lr=lr, steps=run.steps // 2, seed=TUNING)
        method = trained(half, data).method
        scores[lr] = validated(method, data)
    best = max(scores, key=scores.__getitem__)
    return replace(run, lr=best), scores[best]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Tune and train every method; judge pixels and untrained networks, too."""
    data = emoji(size=SIZE)
    chosen = {name: tuned(run, data) for name, run in variants().items()}
    hits: dict[str, list[dict[str, torch.Tensor]]] = {
        PIXELS: [judge(lambda images: images.flatten(1), data)]
    }

    def look_at(name: str, method: Method) -> None:
        with resting(method):
            hits.setdefault(name, []).append(judge(method.represent, data))

    for seed in seeds:
        look_at(UNTRAINED, untrained(variants()["SimCLR"].with_seed(seed), data).method)
        for name, (run, _) in chosen.items():
            look_at(name, trained(run.with_seed(seed), data).method)
    judged = {
        name: {
            key: torch.stack([one[key] for one in own]).mean(dim=0)
            for key in MEASURES.values()
        }
        for name, own in hits.items()
    }
    rows: list[list[study.Cell]] = []
    for name, own in judged.items():
        tuning: list[study.Cell] = [None, None]
        if name in chosen:
            tuning = [chosen[name][1], chosen[name][0].lr]
        cells = [with_interval(own[key]) for key in MEASURES.values()]
        rows.append([name, *cells, *tuning])
    gains: list[list[study.Cell]] = [
        [name, *(gained(own[key], judged[LABELS][key]) for key in MEASURES.values())]
        for name, own in judged.items()
        if name != LABELS
    ]
    formats = {"Method": "", **dict.fromkeys(MEASURES, ".3f")}
    further = {"validation": ".3f", "rate": ".3f"}
    tables = {
        "methods": {"columns": formats | further, "rows": rows},
        "to-supervised": {"columns": formats, "rows": gains},
    }
    return study.Findings(tables=tables)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw nothing: the tables say it."""
    return {}


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
