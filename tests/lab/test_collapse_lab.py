"""Every collapse of the laboratory happens within a second of training, and recovery within two."""

import importlib
import math
from dataclasses import replace
from functools import cache

import pytest

from lesson_code.examples.lab import simsiam_collapse
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer

LOG_K = math.log(64)
#: Steps and batch of each experiment.
SHORT = {"byol_collapse": (60, 64), "simsiam_collapse": (60, 64), "dino_collapse": (80, 128)}
SHORT["dino_vit"] = (40, 64)


@cache
def ended(name: str, variant: str) -> dict[str, float]:
    """Train a variant of an experiment for a second, and measure it."""
    run = importlib.import_module(f"lesson_code.examples.lab.{name}").variants()[variant]
    steps, batch = SHORT[name]
    trainer = Trainer(replace(run, steps=steps, batch=batch), load(run.data), Machine())
    for _ in trainer.fit():
        pass
    return trainer.measure()


SPREAD, ONE_ANSWER = {"std": (0.7, 2), "rank": (10, 99)}, {"std": (0, 0.15)}
ENDS = {
    "byol_collapse": {
        "BYOL": SPREAD,
        "no slow target": SPREAD,
        "no predictor, no slow target": ONE_ANSWER,
        "no stop-gradient": ONE_ANSWER,
        "no normalization in the heads": ONE_ANSWER,
        "no normalization at all": ONE_ANSWER,
    },
    "simsiam_collapse": {
        "SimSiam": SPREAD,
        "SimSiam, bare": SPREAD,
        "no stop-gradient, bare": ONE_ANSWER,
        "no predictor, bare": ONE_ANSWER,
        # Normalized outputs hide the collapse from the spread, and only the rank tells.
        "no stop-gradient": {"std": (0.7, 2), "rank": (0, 8)},
        "no predictor": {"std": (0.7, 2), "rank": (0, 8)},
    },
    "dino_collapse": {
        "centering and sharpening": {"entropy": (0.5, 0.95 * LOG_K), "divergence": (0.15, 9)},
        "centering only": {"entropy": (0.985 * LOG_K, 9), "divergence": (0, 0.05)},
        "sharpening only": {"entropy": (0, 0.3), "marginal": (0, 0.5)},
        "neither": {"entropy": (1, 0.98 * LOG_K), "divergence": (0, 0.05)},
        "no slow teacher": {"std": (0, 0.25), "divergence": (0.3, 9)},
    },
    "dino_vit": {
        "as the CNN": {"std": (0, 0.15), "entropy": (4, 9), "divergence": (0, 0.15)},
        "normalized head": {"std": (0.25, 2), "entropy": (0, 3.5)},
    },
}


@pytest.mark.parametrize(("name", "variant"), [(n, variant) for n in ENDS for variant in ENDS[n]])
def test_how_a_variant_ends(name: str, variant: str) -> None:
    found = ended(name, variant)
    for key, (low, high) in ENDS[name][variant].items():
        assert low <= found[key] <= high, key


def test_a_decided_teacher_does_not_always_name_the_same_prototype() -> None:
    for name, variant in (("dino_collapse", "centering and sharpening"),
                          ("dino_vit", "normalized head")):  # fmt: skip
        found = ended(name, variant)
        assert found["marginal"] > found["entropy"] + 0.3


def test_a_stop_gradient_put_back_does_not_undo_the_collapse() -> None:
    """It can keep a network from collapsing; it cannot lead one out."""
    run = replace(simsiam_collapse.variants()["no stop-gradient, bare"], steps=90, batch=64)
    trainer = simsiam_collapse.switched(run, at=40, stop_gradient=True, every=90)
    assert trainer.measure()["std"] < 0.3


def test_a_stop_gradient_taken_out_lets_a_healthy_run_fall() -> None:
    run = replace(simsiam_collapse.variants()["SimSiam, bare"], steps=90, batch=64)
    trainer = simsiam_collapse.switched(run, at=40, stop_gradient=False, every=40)
    before, after = trainer.history[0], trainer.history[-1]
    assert before["std"] > 0.7
    assert after["std"] < 0.8 * before["std"]
    assert after["loss"] < before["loss"]
