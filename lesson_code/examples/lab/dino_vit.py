# /// example
# cost = "lab"
# limit = 3600
# # A transformer half trained varies a lot between runs of one seed: k-NN within .06.
# within.h = 0.3
# within.tried_lowest_h = 0.02
# within.as_the_cnn_h = 0.01
# within.even_start_h = 0.01
# within.kl = 0.15
# within.as_the_cnn_kl = 0.01
# within.even_start_kl = 0.01
# within.h_of_mean = 0.3
# within.knn = 0.06
# within.few_labels = 0.06
# within.before_training = 0.02
# within.after_25_steps = 0.1
# within.as_the_cnn_after_25_steps = 0.02
# pixels = 40.0
# ///
"""DINO with a vision transformer: why it collapses at this size, and what prevents it."""

from __future__ import annotations

# --8<-- [start:imports]
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from lesson_code.lab.run import Run

# --8<-- [end:imports]

from lesson_code.lab import study
from lesson_code.lab.augment import recipe
from lesson_code.lab.data import load
from lesson_code.lab.drawing import stacked
from lesson_code.lab.machine import Machine
from lesson_code.lab.order import generator
from lesson_code.lab.trainer import Trainer

COLUMNS = {
    "H": ("entropy", ".2f"),
    "KL": ("divergence", ".2f"),
    "H of mean": ("marginal", ".2f"),
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
}
PANELS = {"H": ("entropy", (0.0, 4.5)), "KL": ("divergence", (-0.05, 1.8))}
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
        name: Run("dino", network="vit", steps=150, options=chosen)
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


def measure(seeds: Sequence[int]) -> study.Findings:
    """Look at networks before training, then train all variants."""
    trained = study.run_all(variants(), seeds, watch=25)
    fresh = {
        "untrained": variants()["as the CNN"],
        "untrained, even start": variants()["even start"],
    }
    results = {
        name: study.beginning(run, seeds, batches=1) for name, run in fresh.items()
    } | trained
    common = {"CNN": Run("dino")}
    common |= {f"ViT, {name}": run for name, run in variants().items()}
    failed = study.run_all(tried(), [VALIDATING], split="validation")
    tables = {
        "variants": study.table(results, "Variant", COLUMNS),
        "common": beginnings(common, seeds),
        "tried": study.table(failed, "Changed", COLUMNS),
    }
    for row in tables["variants"]["rows"][: len(fresh)]:
        row[1:4] = [None] * 3
    lowest = min(study.mean(records, "entropy") for records in failed.values())
    extras = {"curves": study.followed(trained, PANELS)}
    return study.Findings(results, tables, {"tried_lowest_h": lowest}, extras)


# --8<-- [start:tried]
def tried() -> dict[str, Run]:
    """What was tried first, half as long, without success."""
    plain = Run("dino", network="vit", steps=75)
    return {
        "learning rate 1e-3": replace(plain, lr=1e-3),
        "learning rate 3e-4": replace(plain, lr=3e-4),
        "teacher temperature 0.02": replace(plain, options={"temperature_t": 0.02}),
        "teacher momentum 0.99": replace(plain, options={"momentum": 0.99}),
    }


# --8<-- [end:tried]


def beginnings(runs: Mapping[str, Run], seeds: Sequence[int]) -> study.Table:
    """Which share of the outputs differs between images, at first and soon after."""
    rows: list[list[study.Cell]] = []
    for name, run in runs.items():
        before, after = [], []
        for seed in seeds:
            trainer = Trainer(run.with_seed(seed), load(run.data), Machine())
            before.append(apart(answers(trainer)))
            for _ in itertools.islice(trainer.fit(), SOON):
                pass
            after.append(apart(answers(trainer)))
        rows.append([name, study.cell_of(before), study.cell_of(after)])
    columns = {"Network": "", "before training": ".3f", f"after {SOON} steps": ".3f"}
    return {"columns": columns, "rows": rows}


@torch.no_grad()
def answers(trainer: Trainer) -> torch.Tensor:
    """The student's outputs for a batch of views, normalized as in training."""
    method = trainer.method.train()
    images = trainer.images.images[: trainer.run.batch]
    views = method.draw(
        images, recipe("full", images.shape[1]), generator(trainer.run.seed, "apart", 0)
    )
    return method.embed(views[0])


def draw(found: study.Findings) -> dict[str, str]:
    """Draw the teacher's entropy and the divergence over the steps."""
    return stacked(
        "dino-vit", found.extras["curves"], x="step", panels=study.limits_of(PANELS)
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
