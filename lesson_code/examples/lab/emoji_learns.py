# /// example
# cost = "lab"
# limit = 1200
# within.found = 0.03
# within.before_found = 0.005
# pictures = 60.0
# ///
"""Methods learn to find a thing or a digit again: what is nearest before training and after."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lesson_code.knn import nearest_neighbors
from lesson_code.lab import study
from lesson_code.lab.data import Data, Split, load
from lesson_code.lab.data.emoji import Emoji
from lesson_code.lab.data.sets import Pictures
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
RUNS["byol"] = Run("byol")
RUNS["dino"] = Run(
    "dino", "emoji", 300, width=8, augmentation="mild", views="artist", size=24
)
SHOWN = 8


def known(data: Data) -> Split:
    """Where neighbors are looked for: others' drawings of the test things, or training digits."""
    return data.gallery if isinstance(data, Emoji) else data.train


def named(split: Split) -> torch.Tensor:
    """What shall be found again: the thing, or the digit."""
    return split.concepts if isinstance(split, Pictures) else split.labels


def nearest(method: Method, data: Data) -> torch.Tensor:
    """For each test picture, the nearest one of those that are known."""
    cpu = torch.device("cpu")
    with resting(method):
        asked = features(method.represent, data.test.images, cpu)
        gallery = features(method.represent, known(data).images, cpu)
    return nearest_neighbors(gallery, asked, k=1)[1][:, 0]


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train each once, and look before the first step and after the last."""
    found = study.Findings()
    for name, run in RUNS.items():
        data = load(run.data, size=run.size)
        start = study.untrained(run.with_seed(seeds[0])).method
        trainer = Trainer(run.with_seed(seeds[0]), data, Machine())
        for _ in trainer.fit():
            pass
        for when, method in (("before", start), ("after", trainer.method)):
            rows = nearest(method, data)
            same = named(known(data))[rows] == named(data.test)
            found.values[f"{name}_{when}_found"] = same.double().mean().item()
            found.extras[f"{name} {when}"] = rows
    return found


def shown(data: Data, before: torch.Tensor) -> torch.Tensor:
    """Things evenly spread; of digits, most of which are right at once, the first mistaken."""
    if isinstance(data, Emoji):
        return torch.arange(SHOWN) * (len(data.test) // SHOWN) + 20
    wrong = named(known(data))[before] != named(data.test)
    return wrong.nonzero()[:SHOWN, 0]


def draw(found: study.Findings) -> dict[str, str]:
    """Draw what was asked, and what was nearest before and after."""
    said: dict[str, str] = {}
    for name, run in RUNS.items():
        data = load(run.data, size=run.size)
        asked = shown(data, found.extras[f"{name} before"])
        names = data.things if isinstance(data, Emoji) else data.classes
        things = ", ".join(names[one] for one in named(data.test)[asked].tolist())
        by = "drawn by the unseen artist" if isinstance(data, Emoji) else "asked"
        rows = {by: data.test.images[asked]}
        for when in ("before", "after"):
            chosen = found.extras[f"{name} {when}"][asked]
            rows[f"nearest {when} training"] = known(data).images[chosen]
        said |= contact_sheet(
            f"{run.data}-learns-{name}",
            rows,
            f"Three rows of pictures. Asked: {things}; below each, the nearest known "
            "picture, before training and after it.",
        )
    return said


if __name__ == "__main__":
    found = measure((0,))
    values, alt_text = found.values, draw(found)
