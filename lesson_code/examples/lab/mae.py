# /// example
# cost = "lab"
# limit = 3600
# # One run varies by 0.02 from seed to seed, more than those of the other methods.
# within = {k_nn = 0.03, linear = 0.03, few_labels = 0.04, loss = 0.01}
# pixels = 40.0
# pictures = 12.0
# ///
"""MAE: how much to hide, what is painted in its place, and what the features are worth."""

from __future__ import annotations

# --8<-- [start:imports]
import torch

from lesson_code.lab import evaluate
from lesson_code.lab.methods.masked import MAE
from lesson_code.lab.run import Record, Run
from lesson_code.mae import mae_loss, patchify, unpatchify

# --8<-- [end:imports]

from collections.abc import Sequence
from dataclasses import dataclass

from lesson_code.lab import study
from lesson_code.lab.data import Split, load
from lesson_code.lab.drawing import curves, mosaic
from lesson_code.lab.study import ACCURACIES
from lesson_code.lab.training import train

SHOWN = 6


# --8<-- [start:variants]
RATIOS = (0.25, 0.75, 0.9)


def variants() -> dict[str, Run]:
    """MAE with a quarter to nine tenths of the patches hidden."""
    return {
        f"{ratio:.0%} hidden": Run("mae", steps=600, options={"mask_ratio": ratio})
        for ratio in RATIOS
    }


# --8<-- [end:variants]


@dataclass(frozen=True)
class Painter:
    """One trained MAE: its record, and what it paints on the test images.

    Attributes:
        record: of the run.
        loss: over the hidden patches of all test images.
        average: the same of a painter who puts the average training digit everywhere.
        masked: the first test images with holes (NaN), ``(SHOWN, C, H, W)``.
        painted: the same images with the holes painted.
    """

    record: Record
    loss: float
    average: float
    masked: torch.Tensor
    painted: torch.Tensor


# --8<-- [start:paint]
def paint(
    model: MAE, images: torch.Tensor, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Paint the hidden patches; return all, (N, L, P), and the mask, (N, L)."""
    with evaluate.resting(model):
        return model.paint(images, torch.Generator().manual_seed(seed))


def pictures(
    images: torch.Tensor, painted: torch.Tensor, mask: torch.Tensor, patch: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Put together the images with holes, and with the holes painted."""
    height, width = images.shape[2:]
    truth, hidden = patchify(images, patch), mask[:, :, None]
    holes = truth.masked_fill(hidden, torch.nan)
    filled = torch.where(hidden, painted, truth)
    return unpatchify(holes, patch, height, width), unpatchify(
        filled, patch, height, width
    )


# --8<-- [end:paint]


def painter(run: Run) -> Painter:
    """Train once, and paint."""
    trained = train(run)
    assert isinstance(trained.method, MAE)
    data = trained.data
    return look(trained.method, trained.record, data.train, data.test)


def look(model: MAE, record: Record, train: Split, test: Split) -> Painter:
    """Let a trained model paint all test images, and keep the first ones."""
    patch, images = model.encoder.patch, test.images
    painted, mask = paint(model, images)
    average = patchify(train.images.mean(dim=0, keepdim=True), patch)
    losses = [
        mae_loss(guess, images, mask, patch).item()
        for guess in (painted, average.expand_as(painted))
    ]
    first = slice(SHOWN)
    masked, filled = pictures(images[first], painted[first], mask[first], patch)
    return Painter(record, losses[0], losses[1], masked, filled)


def references(seeds: Sequence[int]) -> study.Judged:
    """The accuracies of raw pixels and of networks before their first step."""
    judged: study.Judged = {"raw pixels": [study.raw_pixels("digits")]}
    for name, method in {"random ViT": "mae", "random CNN": "supervised"}.items():
        runs = [Run(method, seed=seed) for seed in seeds]
        judged[name] = [study.untrained_network(run) for run in runs]
    return judged


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train at every ratio, judge the features, and paint test digits."""
    painters = {
        name: [painter(run.with_seed(seed)) for seed in seeds]
        for name, run in variants().items()
    }
    judged: study.Judged = {
        name: [{"painted": one.loss, **one.record.measures} for one in own]
        for name, own in painters.items()
    }
    columns = {"test loss": ("painted", ".3f")}
    columns |= {label: (key, ".3f") for label, key in ACCURACIES.items()}
    return study.Findings(
        {name: [one.record for one in own] for name, own in painters.items()},
        {"ratios": study.table(judged | references(seeds), "Features", columns)},
        {"average_loss": painters["75% hidden"][0].average},
        {"pictures": {name: own[0] for name, own in painters.items()}},
    )


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the accuracies over the ratio, and what is painted at each."""
    results = found.results
    places = list(range(len(results)))
    lines = {
        label: (places, [study.mean(records, key) for records in results.values()])
        for label, key in ACCURACIES.items()
    }
    told = curves(
        "mae-ratio",
        lines,
        x="patches hidden",
        y="test accuracy",
        y_limits=(0.3, 1.0),
        x_limits=(-0.2, len(places) - 0.8),
        x_names=[name.removesuffix(" hidden") for name in results],
    )
    rows = {"test digit": load("digits").test.images[:SHOWN, 0]}
    for name, one in found.extras["pictures"].items():
        rows |= {name: one.masked[:, 0], f"{name}: painted": one.painted[:, 0]}
    labels = {name: "painted" if name.endswith("painted") else name for name in rows}
    drawn = mosaic(
        "mae-pictures", [(labels[name], pictures) for name, pictures in rows.items()]
    )
    said = (
        f"{SHOWN} test digits in rows of small pictures. First the digits themselves, "
        f"then for {', '.join(results)} two rows: what the network sees, and what it "
        "paints in the holes. The more is hidden, the blurrier the painted parts."
    )
    return told | dict.fromkeys(drawn, said)


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
