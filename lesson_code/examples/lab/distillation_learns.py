# /// example
# cost = "lab"
# limit = 1200
# within = {named = 0.02, gain = 0.02, found = 0.03, before_found = 0.01}
# pictures = 60.0
# ///
"""A student of a teacher's opinions on all images and of no label, beside one of few labels."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from lesson_code.examples.lab.emoji_learns import named, nearest, shown
from lesson_code.lab import study
from lesson_code.lab.data import load
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.run import Run
from lesson_code.lab.trainer import train_alone

# As the page's command asks: --width 12 --augmentation none --steps 150 --set alpha=1
TAUGHT = Run(
    "distillation", width=12, augmentation="none", steps=150, options={"alpha": 1.0}
)
LABELED = replace(TAUGHT, images=100, options={"alpha": 0.0})


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train both on each draw with one teacher; look at what the first is near to."""
    found = study.Findings()
    right: dict[str, list[float]] = {"labeled": [], "taught": []}
    for seed in seeds:
        drawn = study.drawn(load("digits"), seed)
        for name, run in {"labeled": LABELED, "taught": TAUGHT}.items():
            student = train_alone(run.with_seed(seed), drawn)
            right[name].append(study.accuracy_of(student, drawn))
        if "asked" not in found.extras:
            start = study.untrained(TAUGHT.with_seed(seed)).method
            found.extras["asked"] = shown(drawn, nearest(start, drawn))
            for when, method in (("before", start), ("after", student)):
                rows = nearest(method, drawn)
                same = named(drawn.train)[rows] == named(drawn.test)
                found.values[f"{when}_found"] = same.double().mean().item()
                found.extras[when] = drawn.train.images[rows]
    better = study.gains(right["taught"], right["labeled"])
    found.values |= {
        f"{name}_named": statistics.fmean(own) for name, own in right.items()
    }
    found.values |= {"mean_gain": statistics.fmean(better), "least_gain": min(better)}
    return found


def draw(found: study.Findings) -> dict[str, str]:
    """Draw what was asked, and what was nearest before and after."""
    test, asked = load("digits").test, found.extras["asked"]
    rows = {"asked": test.images[asked]}
    for when in ("before", "after"):
        rows[f"nearest {when} training"] = found.extras[when][asked]
    digits = ", ".join(str(one) for one in test.labels[asked].tolist())
    return contact_sheet(
        "digits-learns-distillation",
        rows,
        f"Three rows of pictures. Asked: {digits}; below each, the nearest known "
        "picture, before training and after it.",
    )


if __name__ == "__main__":
    found = measure(range(6))
    values, alt_text = found.values, draw(found)
