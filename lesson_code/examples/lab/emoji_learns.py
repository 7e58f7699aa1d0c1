# /// example
# cost = "lab"
# limit = 600
# within.found = 0.05
# printed = 0.1
# pictures = 60.0
# ///
"""SimCLR and MoCo learn to find a thing again: nearest drawings before training and after."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lesson_code.knn import nearest_neighbors
from lesson_code.lab import study
from lesson_code.lab.data.emoji import Emoji, emoji
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.evaluate import features, resting
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods.base import Method
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Trainer

# As their pages' commands ask: --data emoji --views artist --augmentation mild ...
RUNS = {
    name: Run(
        name,
        "emoji",
        steps=150,
        lr=6e-3,
        width=8,
        augmentation="mild",
        views="artist",
    )
    for name in ("simclr", "moco")
}
SHOWN = 8  # evenly spread over the test things


def nearest(method: Method, data: Emoji) -> torch.Tensor:
    """For each drawing by the unseen artist, the nearest one by the others."""
    cpu = torch.device("cpu")
    with resting(method):
        asked = features(method.represent, data.test.images, cpu)
        gallery = features(method.represent, data.gallery.images, cpu)
    return nearest_neighbors(gallery, asked, k=1)[1][:, 0]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train both once, and look before the first step and after the last."""
    data = emoji()
    found = study.Findings(extras={"data": data})
    for name, run in RUNS.items():
        start = study.untrained(run.with_seed(seeds[0])).method
        trainer = Trainer(run.with_seed(seeds[0]), data, Machine())
        for _ in trainer.fit():
            pass
        for when, method in (("before", start), ("after", trainer.method)):
            rows = nearest(method, data)
            same = data.gallery.concepts[rows] == data.test.concepts
            found.values[f"{name}_{when}_found"] = same.double().mean().item()
            found.extras[f"{name} {when}"] = rows
    return found


def draw(found: study.Findings) -> dict[str, str]:
    """Draw what was asked, and what was nearest before and after."""
    data: Emoji = found.extras["data"]
    asked = torch.arange(SHOWN) * (len(data.test) // SHOWN) + 20
    things = ", ".join(data.things[one] for one in data.test.concepts[asked].tolist())
    said: dict[str, str] = {}
    for name in RUNS:
        rows = {"drawn by the unseen artist": data.test.images[asked]}
        for when in ("before", "after"):
            chosen = found.extras[f"{name} {when}"][asked]
            rows[f"nearest {when} training"] = data.gallery.images[chosen]
        said |= contact_sheet(
            f"emoji-learns-{name}",
            rows,
            f"Three rows of pictures. Drawings of {things}; below each, the nearest "
            "drawing by another artist, before training and after it.",
        )
    return said


if __name__ == "__main__":
    found = measure((0,))
    values, alt_text = found.values, draw(found)
