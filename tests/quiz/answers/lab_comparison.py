"""All methods compared."""

import torch
from statements import about, given

from answers.common import accuracy, normal
from lesson_code import knn_predict, mcnemar_test
from lesson_code.lab.data import load

PAGE = "docs/lab/comparison.md"
IMAGES, ERRORS = 500, (20, 26)

noise = about(
    PAGE,
    "A trained network of method A names 20 of 500 digits wrong, one of method B 26 of the same. "
    "What follows?",
)


def chance(shared: int) -> float:
    """McNemar's p, if so many of the digits are named wrong by both."""
    place = torch.arange(IMAGES)
    first = place >= ERRORS[0]
    second = (place < ERRORS[0] - shared) | (place >= ERRORS[0] - shared + ERRORS[1])
    given(*(int((~hits).sum()) == n for hits, n in zip((first, second), ERRORS, strict=True)))
    return mcnemar_test(first, second)


@noise.states("On these digits A is better by more than chance.")
def no_way_to_err_leaves_it_to_chance() -> bool:
    return all(chance(shared) < 0.05 for shared in range(ERRORS[0] + 1))


@noise.states(
    "Nothing: each error rate has a standard error near one point, and they differ by 1.2."
)
def every_way_to_err_leaves_it_to_chance() -> bool:
    """The rule for two samples of digits, which this page once taught for one."""
    return all(chance(shared) > 0.05 for shared in range(ERRORS[0] + 1))


@noise.states("That depends on which digits they disagree on.")
def the_same_errors_can_be_chance_or_not() -> bool:
    found = [chance(shared) for shared in (0, ERRORS[0])]
    return max(found) > 0.3 and min(found) < 0.05


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
