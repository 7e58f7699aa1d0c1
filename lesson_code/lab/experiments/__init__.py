"""The experiments of the chapter by name: what each runs, measures and draws."""

from __future__ import annotations

import importlib
from types import ModuleType

from lesson_code.lab.experiments.base import Cell, Findings, Plan, Results, Table
from lesson_code.lab.run import nearest

# Each is a module of this package with ``measure(plan) -> Findings`` and
# ``draw(findings) -> alternative texts``.
EXPERIMENTS = (
    "representation",
    "leakage",
    "comparison",
    "tuning",
    "color_shortcut",
    "byol_collapse",
    "simsiam_collapse",
    "dino_collapse",
    "distillation",
    "omitted_digit",
    "small_student",
    "mae",
    "sweep_temperature",
    "sweep_batch",
    "sweep_moco",
    "local_crops",
    "dino_vit",
)


def experiment(name: str) -> ModuleType:
    """The module of an experiment.

    Raises:
        LabError: if there is none of that name.
    """
    if name not in EXPERIMENTS:
        raise nearest(name, EXPERIMENTS, "experiment")
    return importlib.import_module(f"lesson_code.lab.experiments.{name}")


__all__ = ["EXPERIMENTS", "Cell", "Findings", "Plan", "Results", "Table", "experiment"]
