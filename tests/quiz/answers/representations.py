"""Lesson 1.1: what a representation is worth."""

import torch
from statements import about, given, value
from torch import nn

PAGE = "docs/module-1/1.1-representations.md"
BATCH, WORTH = "l1_1/representations_batch", "l1_1/representations_worth"

twice = about(
    PAGE,
    "In training mode, a network with batch normalization is asked for one image twice, in two "
    "batches. What does it answer?",
)


def gap() -> float:
    """How far apart the answers for one scan are, in spreads of its batches."""
    return value(BATCH, "light") - value(BATCH, "dark")


@twice.states("The same: the image is the same, and so are the weights.")
def the_two_answers_are_one() -> bool:
    return abs(gap()) < 0.01


@twice.states("Something else each time, for the rest of the batch has a say.")
def they_lie_on_both_sides_of_the_answer_in_evaluation() -> bool:
    return value(BATCH, "dark") < value(BATCH, "rest") - 1 < value(BATCH, "light") - 2


@twice.states("The same, as long as no gradient is computed.")
def without_a_gradient_the_answers_are_one() -> bool:
    given(abs(gap()) > 1)
    norm, scan = nn.BatchNorm1d(1), torch.tensor([[0.3]])
    with torch.no_grad():
        light, dark = (norm(torch.cat([scan, scan + by, scan + 2 * by]))[0] for by in (-0.1, 0.1))
    return bool((light - dark).abs() < 0.01)


win = about(
    PAGE,
    "Which of the three questions leaves a network the most to win over the pixels of these "
    "digits?",
)


def most_is_left_by(measure: str) -> bool:
    """Whether pixels are furthest from 1, by two points at least, where this is asked."""
    asked = {"pixels", "pixels_linear", "pixels_few"}
    others = [value(WORTH, one) for one in asked - {measure}]
    return value(WORTH, measure) < min(others) - 0.02


@win.states("k-NN")
def pixels_are_worst_by_neighbors() -> bool:
    return most_is_left_by("pixels")


@win.states("The linear probe on all labels")
def pixels_are_worst_by_the_probe() -> bool:
    return most_is_left_by("pixels_linear")


@win.states("The probe on five labels of each digit")
def pixels_are_worst_with_few_labels() -> bool:
    return most_is_left_by("pixels_few")
