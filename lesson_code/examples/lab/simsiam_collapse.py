# /// example
# cost = "lab"
# limit = 3600
# # Collapsed encoders are as random as they began: their accuracies differ by 0.03 from seed to
# # seed, and means of three on another processor by up to 0.08. A std behind the output
# # normalization and the loss of a predictor that never learns differ by 0.08 from seed to seed.
# pixels = 80.0
# [within]
# knn = 0.08
# labels = 0.08
# simsiam_few_labels = 0.02
# std = 0.25
# bare_std = 0.1
# rank = 3
# loss = 0.02
# trained_loss = 0.2
# ///
"""SimSiam taken apart, and a collapse that batch normalization hides."""

from __future__ import annotations

# --8<-- [start:imports]
from dataclasses import replace
from typing import Any

from lesson_code.lab.data import load
from lesson_code.lab.run import Run
from lesson_code.lab.machine import Machine
from lesson_code.lab.trainer import Trainer

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.lab import study
from lesson_code.lab.drawing import plane, stacked
from lesson_code.lab.study import START

COLUMNS = {
    "k-NN": ("knn", ".3f"),
    "few labels": ("few", ".3f"),
    "std": ("std", ".2f"),
    "rank": ("rank", ".1f"),
    "loss": ("loss", ".3f"),
}
PANELS = {"std": ("std", (-0.03, 1.1)), "rank": ("rank", (0.0, 52.0))}
LIMITS = (-0.03, 1.1), (0.0, 25.0)


# --8<-- [start:variants]
def variants() -> dict[str, Run]:
    """SimSiam, and SimSiam with one piece or two taken out; "bare": no output norm."""
    options: dict[str, dict[str, Any]] = {
        "SimSiam": {},
        "SimSiam, bare": {"output_norm": False},
        "no stop-gradient": {"stop_gradient": False},
        "no stop-gradient, bare": {"stop_gradient": False, "output_norm": False},
        "no predictor": {"predictor": False},
        "no predictor, bare": {"predictor": False, "output_norm": False},
        "predictor never trained": {"predictor_lr": 0.0},
    }
    return {name: Run("simsiam", options=chosen) for name, chosen in options.items()}


# --8<-- [end:variants]


# --8<-- [start:switched]
def switched(run: Run, at: int, stop_gradient: bool, every: int = 25) -> Trainer:
    """Train, but from step ``at`` on with or without stop-gradient."""
    trainer = Trainer(run, load(run.data), Machine())
    for _ in trainer.fit():
        if trainer.step == at:
            settings = trainer.method.settings
            trainer.method.settings = replace(settings, stop_gradient=stop_gradient)
        if trainer.step % every == 0 or trainer.step == run.steps:
            trainer.note(watched=True)
    return trainer


# --8<-- [end:switched]

SWITCHES = {  # where each begins, and what it is from a quarter of the steps on
    "collapsed, then put back": ("no stop-gradient, bare", True),
    "healthy, then taken out": ("SimSiam, bare", False),
}
LOOKS = {
    "SimSiam": ("C0", "-"),
    "SimSiam, bare": ("C0", "--"),
    "no stop-gradient": ("C1", "-"),
    "no stop-gradient, bare": ("C1", "--"),
    "no predictor": ("C2", "-"),
    "no predictor, bare": ("C2", "--"),
}


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train all variants, and two whose stop-gradient changes on the way."""
    results = {START: study.beginning(Run("simsiam"), seeds)}
    results |= study.run_all(variants(), seeds, watch=25)
    curves = study.with_starts({name: results[name] for name in LOOKS}, PANELS)
    changed = {name: [] for name in SWITCHES}  # type: study.Results
    for name, (begins, stop_gradient) in SWITCHES.items():
        for seed in seeds:
            run = variants()[begins].with_seed(seed)
            trainer = switched(run, run.steps // 4, stop_gradient)
            changed[name].append(trainer.finish("test"))
    tables = {
        "ablations": study.table(results, "Variant", COLUMNS),
        "switched": study.table(changed, "Run", COLUMNS),
    }
    changes = {
        "with all along": curves["SimSiam, bare"],
        "without all along": curves["no stop-gradient, bare"],
    } | study.with_starts(changed, PANELS)
    extras = {"curves": curves, "changes": changes}
    return study.Findings(results, tables, extras=extras)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw spread and rank over the steps, where every run ends, and the changes."""
    curves, changes = found.extras["curves"], found.extras["changes"]
    panels = study.limits_of(PANELS)
    trained = {name: own for name, own in found.results.items() if name != START}
    return (
        stacked("simsiam-collapse", curves, x="step", panels=panels, looks=LOOKS)
        | plane(
            "simsiam-plane",
            study.places(trained, "std", "rank"),
            x="std",
            y="rank",
            limits=LIMITS,
            notes={
                "collapsed": (0.1, 1.0),
                "hidden collapse": (0.72, 5.0),
                "healthy": (0.75, 18.0),
            },
        )
        | stacked("simsiam-switched", changes, x="step", panels=panels)
    )


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
