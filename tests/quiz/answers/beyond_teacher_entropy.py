"""Teacher entropy."""

import math

import torch
from statements import about, given

from answers.common import close, normal
from lesson_code import marginal_entropy, teacher_divergence, teacher_entropy

PAGE = "docs/module-1/beyond-1.3/teacher-entropy.md"

zero = about(PAGE, "The divergence has fallen to 0. Has the run collapsed?")


def divergence_and_information(teacher: torch.Tensor) -> tuple[float, float]:
    """Of a student that agrees perfectly: KL, and what answers tell about images, in nats."""
    student = teacher * 0.1 / 0.04
    told = marginal_entropy(teacher) - teacher_entropy(teacher)
    return float(teacher_divergence(student, teacher)), float(told)


USEFUL, ALIKE = 0.5 * normal(256, 16), (0.5 * normal(1, 16, seed=1)).expand(256, 16)


@zero.states("Yes: the output no longer depends on the image.")
def at_no_divergence_a_useful_teacher_tells_nothing() -> bool:
    divergence, information = divergence_and_information(USEFUL)
    given(close(divergence, 0))
    return information < 0.1


@zero.states("No: the student has learned everything that the teacher knows.")
def at_no_divergence_every_teacher_tells_something() -> bool:
    found = [divergence_and_information(teacher) for teacher in (USEFUL, ALIKE)]
    given(*(close(divergence, 0) for divergence, _ in found))
    return all(information > 0.1 for _, information in found)


@zero.states("It cannot be told from the divergence.")
def no_divergence_goes_with_useful_and_with_equal_answers() -> bool:
    useful, alike = (divergence_and_information(teacher) for teacher in (USEFUL, ALIKE))
    return close(useful[0], 0) and close(alike[0], 0) and useful[1] > 1 and close(alike[1], 0)


small = about(
    PAGE,
    "With 4,096 prototypes and a batch of 32, the entropy of the mean is 3.4 and the entropy 0.1. "
    "What does it say?",
)
K, BATCH = 4096, 32


def gauges(favorites: torch.Tensor) -> tuple[float, float]:
    """The entropy of the mean and the entropy of a teacher that is nearly sure of these."""
    outputs = torch.zeros(len(favorites), K)
    outputs[torch.arange(len(favorites)), favorites] = 0.525  # nearly sure, among so many
    return float(marginal_entropy(outputs)), float(teacher_entropy(outputs))


@small.states("Most prototypes are dead: ln 4,096 is 8.3.")
def a_teacher_that_uses_all_prototypes_shows_more_in_a_batch() -> bool:
    """All images of a large set have prototypes of their own; the batch is a part of it."""
    favorites = torch.randperm(K, generator=torch.Generator().manual_seed(0))
    given(close(math.log(len(favorites.unique())), 8.3, 0.1))
    return gauges(favorites[:BATCH])[0] > 3.7


@small.states("Nearly all images of the batch have a prototype of their own.")
def thirty_prototypes_for_32_images_give_these_numbers() -> bool:
    own = torch.arange(BATCH).clamp(max=29)  # the last three images share one
    half = torch.arange(BATCH) // 2
    mean, entropy = gauges(own)
    return close(mean, 3.4, 0.15) and close(entropy, 0.1, 0.05) and gauges(half)[0] < 3.1


@small.states("The teacher is near the uniform collapse.")
def even_answers_have_so_low_an_entropy() -> bool:
    return float(teacher_entropy(0.01 * normal(BATCH, K))) < 1
