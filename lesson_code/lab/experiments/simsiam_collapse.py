"""SimSiam taken apart, and a collapse that batch normalization hides."""

from __future__ import annotations

# --8<-- [start:imports]
from dataclasses import replace
from typing import Any

from lesson_code.lab.data import load
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import Machine, Trainer

# --8<-- [end:imports]

from lesson_code.lab.drawing import Points, plane, stacked
from lesson_code.lab.experiments.base import Findings, Plan, run_all, table
from lesson_code.lab.experiments.byol_collapse import (
    COLUMNS,
    LIMITS,
    PANELS,
    START,
    beginning,
    places,
    quoted,
    with_starts,
)


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

SWITCHES = {  # where each begins, and what it is from a third of the steps on
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
QUICK = ("SimSiam, bare", "no stop-gradient, bare")
QUOTED = {
    "healthy_std": ("SimSiam", "std"),
    "healthy_rank": ("SimSiam", "rank"),
    "healthy_few": ("SimSiam", "few"),
    "healthy_loss": ("SimSiam", "loss"),
    "bare_std": ("SimSiam, bare", "std"),
    "hidden_std": ("no stop-gradient", "std"),
    "hidden_rank": ("no stop-gradient", "rank"),
    "hidden_few": ("no stop-gradient", "few"),
    "hidden_loss": ("no stop-gradient", "loss"),
    "open_std": ("no stop-gradient, bare", "std"),
    "open_rank": ("no stop-gradient, bare", "rank"),
    "no_predictor_std": ("no predictor", "std"),
    "no_predictor_rank": ("no predictor", "rank"),
    "no_predictor_open_std": ("no predictor, bare", "std"),
    "fixed_loss": ("predictor never trained", "loss"),
    "fixed_rank": ("predictor never trained", "rank"),
    "fixed_knn": ("predictor never trained", "knn"),
    "start_few": (START, "few"),
    "start_knn": (START, "knn"),
    "put_back_std": ("collapsed, then put back", "std"),
    "put_back_rank": ("collapsed, then put back", "rank"),
    "taken_out_std": ("healthy, then taken out", "std"),
    "taken_out_rank": ("healthy, then taken out", "rank"),
}


def measure(plan: Plan) -> Findings:
    """Train all variants, and two whose stop-gradient changes on the way."""
    runs = {
        name: run for name, run in variants().items() if not plan.quick or name in QUICK
    }
    results = {START: beginning(Run("simsiam"), plan)} | run_all(runs, plan, watch=25)
    found = Findings(results, {"ablations": table(results, "Variant", COLUMNS)})
    curves = with_starts({name: results[name] for name in LOOKS if name in results})
    changes = {
        "with all along": curves[QUICK[0]],
        "without all along": curves[QUICK[1]],
    }
    ends = dict(results)
    for name, (begins, stop_gradient) in SWITCHES.items():
        records = []
        for seed in plan.chosen():
            plan.report(f"{name}, seed {seed}")
            run = plan.scaled(variants()[begins].with_seed(seed))
            every = 3 if plan.quick else 25
            records.append(
                switched(run, run.steps // 3, stop_gradient, every).finish("test")
            )
        ends[name] = records
        changes |= with_starts({name: records})
    found.tables["switched"] = table(
        {name: ends[name] for name in SWITCHES}, "Run", COLUMNS
    )
    found.values = quoted(ends, QUOTED)
    found.extras |= {"curves": curves, "changes": changes}
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw spread and rank over the steps, where every run ends, and the changes."""
    curves: dict[str, dict[str, list[Points]]] = found.extras["curves"]
    return (
        stacked("simsiam-collapse", curves, x="step", panels=PANELS, looks=LOOKS)
        | plane(
            "simsiam-plane",
            places(found.results),
            x="std",
            y="rank",
            limits=LIMITS,
            notes={
                "collapsed": (0.1, 1.0),
                "hidden collapse": (0.72, 5.0),
                "healthy": (0.75, 18.0),
            },
        )
        | stacked("simsiam-switched", found.extras["changes"], x="step", panels=PANELS)
    )
