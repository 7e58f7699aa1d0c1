"""All methods compared."""

import math

import torch
from statements import about, value

from answers.common import accuracy, normal
from lesson_code import knn_predict
from lesson_code.lab.data import load

PAGE = "docs/lab/comparison.md"
IMAGES = 500

noise = about(
    PAGE,
    "Method A has a test error of 4.0 percent and method B of 5.2, both on the same 500 digits. "
    "What follows?",
)


def error_of_the_difference() -> float:
    """The standard error of a difference of two accuracies on the lab's test images."""
    return math.sqrt(2) * value("lab/representation", "standard_error")


@noise.states("A is the better method.")
def the_difference_is_clear_of_the_noise() -> bool:
    return 2 * error_of_the_difference() < 0.052 - 0.040


@noise.states("Nothing about the methods: 1.2 points are within the noise of 500 images.")
def the_difference_is_within_one_standard_error() -> bool:
    by_hand = math.sqrt((0.040 * 0.960 + 0.052 * 0.948) / IMAGES)
    errors = by_hand, error_of_the_difference()
    return all(error > 0.052 - 0.040 for error in errors)


noise.not_computable(
    "B needs more steps.",
    because="it is about runs of which the question tells nothing; it may or may not be so",
)

chosen = about(PAGE, "Why are learning rates chosen on other images than those of the table?")


@chosen.states("Because the test images have no labels.")
def the_test_images_have_no_labels() -> bool:
    return len(load("digits").test.labels) == 0


def luck(images: int = 50, settings: int = 8, trials: int = 20) -> float:
    """How much lower the error seems on the images on which the best of equals was chosen.

    Every setting guesses: its features and the labels have nothing to do with each other.
    """
    gained = []
    for trial in range(trials):
        labels = torch.arange(10).repeat(3 * images // 10)
        labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(trial))]
        bank, test, fresh = labels.split(images)
        scores = []
        for setting in range(settings):
            x, a, b = normal(3 * images, 8, seed=1000 * trial + setting).split(images)
            scores.append(
                (accuracy(knn_predict(x, bank, a), test), accuracy(knn_predict(x, bank, b), fresh))
            )
        best, again = max(scores)
        gained.append(best - again)
    return sum(gained) / trials


@chosen.states("Because validation images are easier.")
def no_harm_is_done_where_all_images_are_equally_hard() -> bool:
    """If this were the reason, choosing on test images of the same kind would do no harm."""
    return luck() < 0.01


@chosen.states("Because choosing on the test images makes their error too low.")
def the_best_of_equals_seems_better_than_it_is() -> bool:
    return luck() > 0.03
