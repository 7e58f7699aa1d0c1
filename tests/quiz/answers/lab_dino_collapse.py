"""DINO's two collapses."""

import math

import torch
from statements import about, cell, given, value

from answers.common import close, normal
from lesson_code import dino_loss, marginal_entropy, teacher_divergence, teacher_entropy

PAGE = "docs/lab/dino-collapse.md"
RESULT = "lab/dino_collapse"

stuck = about(PAGE, "Your DINO loss stands still at $\\ln K$. Which knob is the likely culprit?")


def loss_of(variant: str) -> float:
    """The loss is the teacher's entropy and the divergence."""
    if variant == "no slow teacher":
        names = ("H copied", "KL copied")
        return sum(cell(RESULT, "copied", variant, name) for name in names)
    return sum(cell(RESULT, "ablations", variant, name) for name in ("H", "KL"))


@stuck.states("The center is missing.")
def without_a_center_the_loss_stands_at_the_logarithm() -> bool:
    return loss_of("sharpening only") > 0.9 * value(RESULT, "log_k")


@stuck.states("The teacher's temperature is too close to the student's.")
def with_centering_alone_the_loss_stands_at_the_logarithm() -> bool:
    """In that variant, the teacher has the student's temperature."""
    return close(loss_of("centering only"), value(RESULT, "log_k"), 0.02)


@stuck.states("The learning rate is too low; wait.")
def at_the_plateau_there_is_a_gradient_to_wait_for() -> bool:
    even = torch.zeros(16, 64, requires_grad=True)
    loss = dino_loss(even, torch.zeros(16, 64))
    (gradient,) = torch.autograd.grad(loss, even)
    given(close(loss, math.log(64)))
    return float(gradient.norm()) > 1e-4


lowest = about(PAGE, "Of the five variants, the one with the lowest loss is ...")
VARIANTS = (
    "centering and sharpening",
    "centering only",
    "sharpening only",
    "neither",
    "no slow teacher",
)


@lowest.states("the healthy one")
def centering_and_sharpening_has_the_lowest_loss() -> bool:
    return min(VARIANTS, key=loss_of) == "centering and sharpening"


@lowest.states("the one without centering")
def sharpening_alone_has_the_lowest_loss_by_far() -> bool:
    others = [loss_of(one) for one in VARIANTS if one != "sharpening only"]
    return loss_of("sharpening only") < min(others) - 0.3


@lowest.states("the one without a slow teacher")
def a_copied_teacher_has_the_lowest_loss() -> bool:
    return min(VARIANTS, key=loss_of) == "no slow teacher"


equal = about(PAGE, "H is 3.5, H of the mean is 3.5, KL is 0.001. What do you see?")
FLAT = 0.045  # a scale of outputs at which the teacher's entropy is near 3.5 of 4.16


@equal.states("A healthy teacher that is not yet decided.")
def different_undecided_answers_have_no_higher_entropy_of_the_mean() -> bool:
    outputs = FLAT * normal(512, 64)
    given(close(teacher_entropy(outputs), 3.5, 0.1))
    return close(marginal_entropy(outputs), teacher_entropy(outputs), 0.2)


@equal.states("The same undecided answer for every image.")
def one_answer_for_all_gives_these_three_numbers() -> bool:
    outputs = (FLAT * normal(1, 64, seed=1)).expand(512, 64)
    student = outputs * 0.1 / 0.04  # agrees at its own temperature
    h, mean = teacher_entropy(outputs), marginal_entropy(outputs)
    return (
        close(h, 3.5, 0.1)
        and close(mean, h, 1e-3)
        and close(teacher_divergence(student, outputs), 0, 1e-2)
    )


@equal.states("The uniform collapse.")
def even_answers_have_this_entropy() -> bool:
    return close(teacher_entropy(torch.zeros(16, 64)), 3.5, 0.4)
