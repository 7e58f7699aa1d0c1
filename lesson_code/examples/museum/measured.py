# /// example
# cost = "lab"
# limit = 3600
# # A collapse or a curve differs by this from seed to seed, and so on another processor.
# within = {first = 0.5, last = 0.5, std = 0.15, rank = 4, knn = 0.05}
# ///
"""Train with the classic bugs of the museum beside the published code, on the lab's digits."""

import inspect
from contextlib import ExitStack
from importlib import import_module
from statistics import fmean, stdev
from unittest.mock import patch

import torch

from lesson_code.checker.register import find, patched
from lesson_code.knn import knn_predict
from lesson_code.lab import evaluate
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods import METHODS
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Trainer

STEPS, SEEDS, LAST = 100, (0, 1, 2), 10
BUGS = {
    "simclr": (
        "simclr-not-normalized",
        "whole-matrix-normalized",
        "simclr-temperature-multiplies",
        "second-view-detached",
        "candidates-detached",
        "one-direction-only",
    ),
    "moco": (
        "enqueues-before-the-logits",
        "moco-key-encoder-stands-still",
        "keys-stay-shuffled",
    ),
    "byol": ("regression-columns-normalized", "ema-shares-swapped"),
    "simsiam": (
        "simsiam-targets-not-detached",
        "simsiam-predictor-left-out",
        "simsiam-predictor-on-both-sides",
        "simsiam-own-view",
        "simsiam-columns-normalized",
    ),
    "swav": (
        "swav-not-swapped",
        "swav-targets-by-softmax",
        "sinkhorn-sign-of-a-cost",
        "sinkhorn-columns-last",
    ),
    "barlow": (
        "barlow-over-n-minus-one",
        "barlow-not-centered",
        "barlow-rows-of-length-one",
    ),
    "vicreg": (
        "vicreg-variance-without-root",
        "vicreg-mean-of-covariances",
        "vicreg-normalized-first",
    ),
    "dino": (
        "crops-same-pairs-kept",
        "crops-center-not-used",
        "center-never-stored",
        "center-sum-of-the-batch",
        "center-of-centered-outputs",
    ),
}


def wrong(method, name):
    """What to put into the module of a method, so that it trains with a bug."""
    bug = find(name)
    made = patched(bug)
    inside = inspect.unwrap(
        made.__init__ if inspect.isclass(made) else made
    ).__globals__
    module = import_module(METHODS[method].__module__)
    found = {
        key: inside[key]
        for key, item in vars(module).items()
        if getattr(item, "__module__", "") == f"lesson_code.{bug.family}"
        and key in inside
    }
    if method == "moco":  # the lab's is made from it
        found = {"GatheringMoCo": made}
    return patch.multiple(module, **found)


def measured(method, seed, name=None):
    """The loss at first and at last, and what the trained network is worth."""
    data = load("digits")
    with ExitStack() as stack:
        if name:
            stack.enter_context(wrong(method, name))
        trainer = Trainer(Run(method, steps=STEPS, seed=seed), data, Machine())
        losses = list(trainer.fit())
    health = trainer.measure()
    cpu, train, test = torch.device("cpu"), data.train.labeled, data.test
    with evaluate.resting(trainer.method):
        represent = trainer.method.represent
        known, asked = (
            evaluate.features(represent, part.images, cpu) for part in (train, test)
        )
    named = knn_predict(known, train.labels, asked, k=20)
    share = (named == test.labels).double().mean().item()
    ends = losses[0], fmean(losses[-LAST:])
    return (*ends, health["std"], health["rank"], share)


def spread(runs):
    """Mean and standard deviation of each measure over the seeds."""
    return [[fmean(one), stdev(one)] for one in zip(*runs, strict=True)]


rows = []
for method, names in BUGS.items():
    right = [measured(method, seed) for seed in SEEDS]
    rows.append([method, "", *spread(right)])
    for name in names:
        found = measured(method, SEEDS[0], name)
        assert found != right[0], f"{name} is not what the lab trains with"
        rows.append([method, name, *found])

columns = {
    "Method": "",
    "Bug": "",
    "Loss at first": ".2f",
    "Loss at last": ".2f",
    "std": ".2f",
    "rank": ".1f",
    "k-NN": ".3f",
}
tables = {"measured": {"columns": columns, "rows": rows}}
values = {"steps": STEPS, "seeds": len(SEEDS), "bugs": sum(map(len, BUGS.values()))}
