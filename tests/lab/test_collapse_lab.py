"""The collapse laboratory: every collapse happens, every healthy variant escapes it."""

from dataclasses import replace
from functools import cache

import pytest
import torch

from lesson_code.examples.lab import byol_collapse, simsiam_collapse
from lesson_code.lab import Run
from lesson_code.lab.data import load
from lesson_code.lab.machine import Machine
from lesson_code.lab.study import untrained
from lesson_code.lab.trainer import Trainer

STEPS, BATCH = 60, 64
MODULES = {"byol_collapse": byol_collapse, "simsiam_collapse": simsiam_collapse}
Ends = tuple[Trainer, dict[str, float]]


@cache
def ended(name: str, variant: str) -> Ends:
    """Train a variant of an experiment for a second, and measure it."""
    run: Run = MODULES[name].variants()[variant]
    trainer = Trainer(replace(run, steps=STEPS, batch=BATCH), load(run.data), Machine())
    for _ in trainer.fit():
        pass
    return trainer, trainer.measure()


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("byol_collapse", "BYOL"),
        ("byol_collapse", "no slow target"),
        ("byol_collapse", "no slow target, fast predictor"),
        ("simsiam_collapse", "SimSiam"),
        ("simsiam_collapse", "SimSiam, bare"),
    ],
)
def test_healthy_variants_spread_in_many_directions(name: str, variant: str) -> None:
    """The slow target is not needed here, nor is SimSiam's output normalization."""
    _, found = ended(name, variant)
    assert found["std"] > 0.7
    assert found["rank"] > 10


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        ("byol_collapse", "no predictor, no slow target"),
        ("byol_collapse", "no stop-gradient"),
        ("byol_collapse", "no normalization in the heads"),
        ("byol_collapse", "no normalization at all"),
        ("simsiam_collapse", "no stop-gradient, bare"),
        ("simsiam_collapse", "no predictor, bare"),
    ],
)
def test_collapse_shows_in_the_spread(name: str, variant: str) -> None:
    """All images get nearly the same answer."""
    _, found = ended(name, variant)
    assert found["std"] < 0.15


@pytest.mark.parametrize("variant", ["no stop-gradient", "no predictor"])
def test_output_normalization_hides_the_collapse_from_the_spread(variant: str) -> None:
    """The spread is that of a healthy run, and only the rank tells."""
    _, found = ended("simsiam_collapse", variant)
    _, bare = ended("simsiam_collapse", f"{variant}, bare")
    _, healthy = ended("simsiam_collapse", "SimSiam")
    assert found["std"] > 0.7
    assert bare["std"] < 0.15
    assert found["rank"] < 8
    assert found["rank"] < 0.6 * healthy["rank"]


def test_a_slow_target_alone_stops_half_way() -> None:
    """Without predictor BYOL loses most of its spread, and not all."""
    _, found = ended("byol_collapse", "no predictor")
    _, collapsed = ended("byol_collapse", "no predictor, no slow target")
    _, healthy = ended("byol_collapse", "BYOL")
    assert 3 * collapsed["std"] < found["std"] < 0.6 * healthy["std"]


@pytest.mark.parametrize(
    ("name", "healthy", "collapsed"),
    [
        ("byol_collapse", "BYOL", "no stop-gradient"),
        ("simsiam_collapse", "SimSiam, bare", "no stop-gradient, bare"),
    ],
)
def test_the_collapsed_run_has_the_lower_loss(name: str, healthy: str, collapsed: str) -> None:
    lost, kept = ended(name, collapsed)[0].losses[-1], ended(name, healthy)[0].losses[-1]
    assert lost < kept - 0.1


def test_a_predictor_that_never_learns_leaves_the_loss_high() -> None:
    """It is drawn and stays so; the run fails in another way than by collapse."""
    trainer, found = ended("simsiam_collapse", "predictor never trained")
    fresh = Trainer(trainer.run, trainer.data, Machine()).method
    still = {
        name: torch.equal(before, after)
        for (name, before), after in zip(
            fresh.named_parameters(), trainer.method.parameters(), strict=True
        )
    }
    assert all(still[name] for name in still if name.startswith("predictor"))
    assert not any(still[name] for name in still if name.startswith("encoder"))
    assert found["std"] > 0.7
    assert trainer.losses[-1] > ended("simsiam_collapse", "SimSiam")[0].losses[-1] + 0.2


def test_collapse_is_a_fall_and_no_failure_to_rise() -> None:
    """Before training the embeddings are spread, once batch statistics are gathered."""
    found = untrained(Run("byol", batch=128)).measure()
    assert found["std"] > 0.5
    assert found["rank"] > 30


def test_a_stop_gradient_put_back_does_not_undo_the_collapse() -> None:
    """It can keep a network from collapsing; it cannot lead one out."""
    run = replace(simsiam_collapse.variants()["no stop-gradient, bare"], steps=90, batch=BATCH)
    trainer = simsiam_collapse.switched(run, at=40, stop_gradient=True, every=90)
    assert trainer.measure()["std"] < 0.3


def test_a_stop_gradient_taken_out_lets_a_healthy_run_fall() -> None:
    run = replace(simsiam_collapse.variants()["SimSiam, bare"], steps=90, batch=BATCH)
    trainer = simsiam_collapse.switched(run, at=40, stop_gradient=False, every=40)
    before, after = trainer.history[0], trainer.history[-1]
    assert before["std"] > 0.7
    assert after["std"] < 0.8 * before["std"]
    assert after["loss"] < before["loss"]
