"""MAE: how much to hide, what is painted in its place, and what the features are worth."""

from __future__ import annotations

# --8<-- [start:imports]
import torch

from lesson_code.lab import evaluate
from lesson_code.lab.methods.masked import MAE
from lesson_code.lab.run import LabError, Record, Run
from lesson_code.mae import mae_loss, patchify, unpatchify

# --8<-- [end:imports]

import statistics
from collections.abc import Callable
from dataclasses import dataclass, replace

from lesson_code.lab import parallel
from lesson_code.lab.data import Split, load
from lesson_code.lab.drawing import curves, mosaic
from lesson_code.lab.experiments.base import (
    Cell,
    Findings,
    Plan,
    cell,
    cell_of,
    mean,
    untrained,
)
from lesson_code.lab.trainer import train

SHOWN = 6
MEASURES = {"k-NN": "knn", "linear": "linear", "few labels": "few"}


# --8<-- [start:variants]
RATIOS = (0.25, 0.5, 0.75, 0.9)


def variants() -> dict[str, Run]:
    """MAE with a quarter to nine tenths of the patches hidden."""
    return {
        f"{ratio:.0%} hidden": Run("mae", steps=1200, options={"mask_ratio": ratio})
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
    """Paint the hidden patches; return all patches and the mask, (N, L, P) and (N, L)."""
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


def _painter(task: Run, tell: Callable[[str], None] | None = None) -> Painter:
    """Train once; a function of the module, so that another process can do it."""
    trained = train(task)
    model, test = trained.method, trained.data.test
    assert isinstance(model, MAE)
    return look(model, trained.record, trained.data.train, test)


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


def trained_painters(plan: Plan) -> dict[str, list[Painter]]:
    """Train every variant with every seed."""
    runs = dict(list(variants().items())[:: 2 if plan.quick else 1])
    names = [(name, seed) for name in runs for seed in plan.chosen()]
    tasks = [runs[name].with_seed(seed) for name, seed in names]
    if plan.quick:
        tasks = [replace(run, steps=12) for run in tasks]
    found: dict[int, Painter] = {}
    if plan.jobs == 1:
        for index, task in enumerate(tasks):
            plan.report("{}, seed {}".format(*names[index]))
            found[index] = _painter(task)
    else:
        for done in parallel.each(_painter, tasks, plan.jobs):
            told = "{}, seed {}".format(*names[done.index])
            if done.error is not None:
                raise LabError(f"{told}: {done.error}")
            plan.report(told)
            found[done.index] = done.value
    inorder = iter(found[index] for index in range(len(tasks)))
    return {name: [next(inorder) for _ in plan.chosen()] for name in runs}


def references(plan: Plan) -> dict[str, dict[str, list[float]]]:
    """The accuracies of raw pixels and of networks before their first step."""
    data = load("digits")
    raw = evaluate.judge(lambda images: images.flatten(1), data)
    found = {"raw pixels": {key: [value] for key, value in raw.items()}}
    networks = {"random ViT": "mae", "random CNN": "supervised"}
    for name, method in networks.items() if not plan.quick else ():
        judged = []
        for seed in plan.chosen():
            trainer = untrained(Run(method, seed=seed))
            with evaluate.resting(trainer.method):
                judged.append(evaluate.judge(trainer.method.represent, data))
        found[name] = {key: [one[key] for one in judged] for key in judged[0]}
    return found


def measure(plan: Plan) -> Findings:
    """Train at every ratio, judge the features, and paint test digits."""
    painters = trained_painters(plan)
    results = {name: [one.record for one in own] for name, own in painters.items()}
    others = references(plan)
    rows: list[list[Cell]] = [
        [
            name,
            cell_of([one.loss for one in painters[name]]),
            *(cell(records, key) for key in MEASURES.values()),
        ]
        for name, records in results.items()
    ]
    rows += [
        [name, None, *(cell_of(judged[key]) for key in MEASURES.values())]
        for name, judged in others.items()
    ]
    formats = {"test loss": ".3f"} | dict.fromkeys(MEASURES, ".3f")
    found = Findings(
        results, {"ratios": {"columns": {"Features": "", **formats}, "rows": rows}}
    )
    found.extras["pictures"] = {name: own[0] for name, own in painters.items()}
    found.values = summary(painters, results, others)
    return found


def summary(
    painters: dict[str, list[Painter]],
    results: dict[str, list[Record]],
    others: dict[str, dict[str, list[float]]],
) -> dict[str, float | int | str | bool]:
    """What the page says about the table."""
    found: dict[str, float | int | str | bool] = {}
    for key, name in {"quarter": "25% hidden", "most": "75% hidden"}.items():
        found[f"{key}_loss"] = statistics.fmean(one.loss for one in painters[name])
        found[f"{key}_few"] = mean(results[name], "few")
    found["average_loss"] = painters["75% hidden"][0].average
    for key, judged in others.items():
        found[f"{key.replace(' ', '_').lower()}_few"] = statistics.fmean(judged["few"])
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the accuracies over the ratio, and what is painted at each."""
    results = found.results
    places = list(range(len(results)))
    lines = {
        label: (places, [mean(records, key) for records in results.values()])
        for label, key in MEASURES.items()
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
