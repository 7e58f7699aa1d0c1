"""DINO with a vision transformer: why it collapses at this size, and what prevents it."""

from __future__ import annotations

# --8<-- [start:imports]
import itertools
import statistics
from dataclasses import replace
from typing import Any

import torch

from lesson_code.lab.run import Run

# --8<-- [end:imports]

from lesson_code.lab.augment import recipe
from lesson_code.lab.data import load
from lesson_code.lab.drawing import stacked
from lesson_code.lab.experiments.base import (
    Cell,
    Findings,
    Plan,
    Table,
    cell_of,
    mean,
    run_all,
    table,
)
from lesson_code.lab.experiments.byol_collapse import quoted
from lesson_code.lab.run import Record
from lesson_code.lab.trainer import Machine, Trainer, generator

COLUMNS = {
    "H": ("entropy", ".2f"),
    "KL": ("divergence", ".2f"),
    "H of mean": ("marginal", ".2f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
PANELS = {"H": (0.0, 4.5), "KL": (-0.05, 1.8)}
MEASURES = {"H": "entropy", "KL": "divergence"}
NAMED = {"CNN": "cnn", "ViT, as the CNN": "vit", "ViT, both": "both"}
SOON = 25
VALIDATING = 100  # a seed that is not published, as in ``tuning``


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """A vision transformer that DINO collapses, and two changes, alone and together."""
    options: dict[str, dict[str, Any]] = {
        "as the CNN": {},
        "normalized head": {"head_norm": True},
        "even start": {"start": "even"},
        "both": {"head_norm": True, "start": "even"},
    }
    return {
        name: Run("dino", network="vit", options=chosen)
        for name, chosen in options.items()
    }


# --8<-- [end:variants]


# --8<-- [start:apart]
@torch.no_grad()
def apart(outputs: torch.Tensor) -> float:
    """Which share of the outputs (N, K) differs between images; the rest is common."""
    differing = outputs - outputs.mean(dim=0)
    return (differing.square().sum() / outputs.square().sum()).item()


# --8<-- [end:apart]

QUICK = ("as the CNN", "both")
QUOTED = {
    "plain_h": ("as the CNN", "entropy"),
    "plain_kl": ("as the CNN", "divergence"),
    "plain_knn": ("as the CNN", "knn"),
    "head_mean": ("normalized head", "marginal"),
    "head_h": ("normalized head", "entropy"),
    "head_knn": ("normalized head", "knn"),
    "head_few": ("normalized head", "few"),
    "even_h": ("even start", "entropy"),
    "even_knn": ("even start", "knn"),
    "both_h": ("both", "entropy"),
    "both_mean": ("both", "marginal"),
    "both_kl": ("both", "divergence"),
    "both_knn": ("both", "knn"),
    "both_few": ("both", "few"),
    "start_knn": ("untrained", "knn"),
    "start_few": ("untrained", "few"),
    "start_even_knn": ("untrained, even start", "knn"),
    "start_even_few": ("untrained, even start", "few"),
}


def measure(plan: Plan) -> Findings:
    """Look at networks before training, then train all variants."""
    runs = {
        name: run for name, run in variants().items() if not plan.quick or name in QUICK
    }
    if plan.quick:
        runs = {name: replace(run, batch=32, steps=180) for name, run in runs.items()}
    trained = run_all(runs, plan, watch=25)
    untrained = {
        "untrained": variants()["as the CNN"],
        "untrained, even start": variants()["even start"],
    }
    if plan.quick:
        del untrained["untrained, even start"]
    results = {
        name: [at_first(run.with_seed(seed)) for seed in plan.chosen()]
        for name, run in untrained.items()
    } | trained
    found = Findings(results, {"variants": table(results, "Variant", COLUMNS)})
    for row in found.tables["variants"]["rows"][: len(untrained)]:
        row[1:4] = [None] * 3
    common = {"CNN": Run("dino")} | {f"ViT, {name}": run for name, run in runs.items()}
    found.tables["common"], found.extras["apart"] = beginnings(common, plan)
    found.values = quoted(results, QUOTED)
    if not plan.quick:
        failed = run_all(tried(), plan.over([VALIDATING]), split="validation")
        found.tables["tried"] = table(failed, "Changed", COLUMNS)
        found.values["tried_lowest_h"] = min(
            mean(records, "entropy") for records in failed.values()
        )
    for key, (before, soon) in found.extras["apart"].items():
        found.values[f"{key}_apart"], found.values[f"soon_{key}_apart"] = before, soon
    found.extras["curves"] = {
        name: {
            panel: [record.curve(measure) for record in records]
            for panel, measure in MEASURES.items()
        }
        for name, records in trained.items()
    }
    return found


def at_first(run: Run) -> Record:
    """The network before its first step, judged like a trained one."""
    trainer = Trainer(run, load(run.data), Machine())
    views, labels = next(trainer.batches())
    with torch.no_grad():
        trainer.losses.append(trainer.method(views, labels).item())
    return trainer.finish("test")


# --8<-- [start:tried]
def tried() -> dict[str, Run]:
    """What was tried first, half as long, without success."""
    plain = Run("dino", network="vit", steps=150)
    return {
        "learning rate 1e-3": replace(plain, lr=1e-3),
        "learning rate 3e-4": replace(plain, lr=3e-4),
        "teacher temperature 0.02": replace(plain, options={"temperature_t": 0.02}),
        "teacher momentum 0.99": replace(plain, options={"momentum": 0.99}),
    }


# --8<-- [end:tried]


def beginnings(
    runs: dict[str, Run], plan: Plan
) -> tuple[Table, dict[str, tuple[float, float]]]:
    """Which share of the outputs differs between images, at first and soon after.

    Returns:
        The table, and the two means of the networks that prose quotes.
    """
    rows: list[list[Cell]] = []
    means = {}
    for name, run in runs.items():
        before, after = [], []
        for seed in plan.chosen():
            plan.report(f"{name}, seed {seed}, the first steps")
            trainer = Trainer(run.with_seed(seed), load(run.data), Machine())
            before.append(apart(answers(trainer)))
            for _ in itertools.islice(trainer.fit(), 2 if plan.quick else SOON):
                pass
            after.append(apart(answers(trainer)))
        rows.append([name, cell_of(before), cell_of(after)])
        if name in NAMED:
            means[NAMED[name]] = statistics.fmean(before), statistics.fmean(after)
    columns = {"Network": "", "before training": ".3f", f"after {SOON} steps": ".3f"}
    return {"columns": columns, "rows": rows}, means


@torch.no_grad()
def answers(trainer: Trainer) -> torch.Tensor:
    """The student's outputs for a batch of views, normalized as in training."""
    method = trainer.method.train()
    images = trainer.images.images[: trainer.run.batch]
    views = method.draw(
        images, recipe("full", images.shape[1]), generator(trainer.run.seed, "apart", 0)
    )
    return method.embed(views[0])


def draw(found: Findings) -> dict[str, str]:
    """Draw the teacher's entropy and the divergence over the steps."""
    return stacked("dino-vit", found.extras["curves"], x="step", panels=PANELS)
