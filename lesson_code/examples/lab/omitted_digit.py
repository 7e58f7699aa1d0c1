# /// example
# cost = "lab"
# limit = 3600
# # The 3s are a tenth of the images: one of them is two points, and the bias moves many.
# within = {3s = 0.05, bias = 1, with_bias = 0.1, all_with_bias = 0.02}
# pixels = 40.0
# ///
"""The omitted digit: a student that never sees a 3, and is told what one looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lesson_code.lab import evaluate, study
from lesson_code.lab.data import Data, Split, load
from lesson_code.lab.drawing import bars
from lesson_code.lab.methods import Method
from lesson_code.lab.methods.distillation import Distillation
from lesson_code.lab.run import Run


# --8<-- [start:variants]
OMITTED = 3


def variants() -> dict[str, Run]:
    """Students whose training images hold no 3."""
    options = {
        "hard labels": {"alpha": 0.0},
        "soft labels, T = 1": {"alpha": 1.0, "temperature": 1.0},
        "soft labels, T = 4": {"alpha": 1.0, "temperature": 4.0},
        "soft labels, T = 8": {"alpha": 1.0, "temperature": 8.0},
    }
    return {
        name: Run("distillation", width=8, omit=(OMITTED,), options=chosen)
        for name, chosen in options.items()
    }


# --8<-- [end:variants]


@dataclass(frozen=True)
class Student:
    """How one student did on the test images.

    Attributes:
        before: share of the 3s that are named right.
        bias: what was then added to the logit of the 3, chosen on validation images.
        after: share of the 3s that are named right with it.
        overall: share of all test images that are named right with it.
    """

    before: float
    bias: float
    after: float
    overall: float


def logits_of(student: Method, split: Split) -> torch.Tensor:
    """What a student says about the images of a split, ``(N, classes)``."""
    assert isinstance(student, Distillation)
    with evaluate.resting(student):
        return evaluate.features(student.logits, split.images, torch.device("cpu"))


# --8<-- [start:best_bias]
BIASES = torch.arange(0.0, 20.25, 0.25)


def hits(logits: torch.Tensor, labels: torch.Tensor, bias: float) -> torch.Tensor:
    """Which images are named right once a bias is added to the logit of the 3."""
    added = torch.zeros(logits.shape[1])
    added[OMITTED] = bias
    return (logits + added).argmax(dim=1) == labels


def best_bias(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """The bias with which most images are named right; the middle one of several."""
    right = [int(hits(logits, labels, bias).sum()) for bias in BIASES.tolist()]
    best = [
        bias for bias, n in zip(BIASES.tolist(), right, strict=True) if n == max(right)
    ]
    return best[len(best) // 2]


# --8<-- [end:best_bias]


def examine(student: Method, data: Data) -> Student:
    """Choose the bias on the validation images, then look at the test images."""
    bias = best_bias(logits_of(student, data.validation), data.validation.labels)
    logits, labels = logits_of(student, data.test), data.test.labels
    threes = labels == OMITTED
    before, after = hits(logits, labels, 0.0), hits(logits, labels, bias)
    shares = [
        which.double().mean().item() for which in (before[threes], after[threes], after)
    ]
    return Student(shares[0], bias, shares[1], shares[2])


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train every variant with every seed."""
    judged = study.of_students(examine, variants(), seeds)
    shares = {
        name: {
            "as trained": study.spread([one.before for one in students]),
            "with a bias": study.spread([one.after for one in students]),
        }
        for name, students in judged.items()
    }
    digits = load("digits")
    splits = {"threes": digits.test, "validation_threes": digits.validation}
    return study.Findings(
        tables={"students": overview(judged)},
        values={
            key: int((split.labels == OMITTED).sum()) for key, split in splits.items()
        },
        extras={"shares": shares},
    )


def overview(judged: dict[str, list[Student]]) -> study.Table:
    """A row for each variant: the 3s before and after the bias, the bias, all digits."""
    columns = {
        "3s": ("before", ".3f"),
        "bias": ("bias", ".1f"),
        "3s with bias": ("after", ".3f"),
        "all with bias": ("overall", ".3f"),
    }
    measures = {name: [vars(one) for one in own] for name, own in judged.items()}
    return study.table(measures, "Student", columns)


def draw(found: study.Findings) -> dict[str, str]:
    """Draw how many of the 3s each student knows, without and with the bias."""
    return bars(
        "omitted-digit",
        found.extras["shares"],
        y="share of the test 3s named right",
        limits=(0.0, 1.0),
    )


if __name__ == "__main__":
    found = measure((0, 1, 2, 3, 4))
    tables, values, alt_text = found.tables, found.values, draw(found)
