"""How good is a representation?"""

import time

import torch
from statements import about, cell, given, spread, value

from answers.common import accuracy
from lesson_code import knn_predict
from lesson_code.lab.data import Data, load
from lesson_code.lab.data.digits import shuffled_digits
from lesson_code.lab.probes import linear_probe

PAGE = "docs/lab/representation.md"
RESULT = "lab/representation"

bar = about(
    PAGE,
    "A new method reaches 95% by k-NN on the digits, its random initialization 88%. What is "
    "missing?",
)


@bar.states("The raw pixels, measured the same way.")
def raw_pixels_are_above_both() -> bool:
    return cell(RESULT, "measures", "Raw pixels", "k-NN") > 0.95 > 0.88


@bar.states("More seeds of the random initialization.")
def the_gap_is_within_the_spread_of_seeds() -> bool:
    return 2 * spread(RESULT, "measures", "Random CNN", "k-NN") > 0.95 - 0.88


@bar.states("Nothing: seven points are far more than the standard error.")
def whoever_is_clear_of_its_start_is_clear_of_every_bar() -> bool:
    error = value(RESULT, "standard_error")
    given(3 * error < 0.95 - 0.88)
    return 0.95 - cell(RESULT, "measures", "Raw pixels", "k-NN") > 0


few = about(
    PAGE,
    "Why does the lab judge with five labels per class, when the data has labels for all images?",
)


@few.states("Because the probe with all labels takes too long.")
def the_probe_with_all_labels_takes_a_minute() -> bool:
    digits = load("digits")
    train, test = (part.images.flatten(1) for part in (digits.train, digits.test))
    begun = time.process_time()
    linear_probe(train, digits.train.labels, test, digits.test.labels)
    return time.process_time() - begun > 60


@few.states("Because the result with few labels has the smaller error.")
def draws_of_few_labels_vary_less_than_test_images_do() -> bool:
    highest, lowest = (value("beyond/probes_digits", f"few_{end}") for end in ("highest", "lowest"))
    return highest - lowest < 2 * value(RESULT, "standard_error")


@few.states("Because with all labels, mediocre features do nearly as well as good ones.")
def the_gap_between_features_is_far_wider_with_few_labels() -> bool:
    gaps = {
        measure: cell(RESULT, "measures", "SimCLR", measure)
        - cell(RESULT, "measures", "Raw pixels", measure)
        for measure in ("linear", "few labels")
    }
    return 0 < 2 * gaps["linear"] < gaps["few labels"]


shuffled = about(PAGE, "The digits are shuffled, then split. Which number stays honest?")


def pixels(data: Data, split: str) -> float:
    """The accuracy of raw pixels by nearest neighbors on a part of the digits."""
    part = getattr(data, split)
    known = data.train.images.flatten(1)
    guesses = knn_predict(known, data.train.labels, part.images.flatten(1))
    return accuracy(guesses, part.labels)


@shuffled.states("The difference between validation and test accuracy.")
def validation_and_test_differ_by_what_the_shuffle_added() -> bool:
    splits = [shuffled_digits(seed) for seed in range(8)]
    validation, test = (
        torch.tensor([pixels(one, split) for one in splits]).mean()
        for split in ("validation", "test")
    )
    added = float(test) - pixels(load("digits"), "test")
    given(added > 0.01)
    return abs(float(validation - test)) > added / 2


@shuffled.states("The accuracy, since training and test images are still different images.")
def new_images_of_known_hands_are_as_hard_as_those_of_new_hands() -> bool:
    return (
        abs(
            value("lab/leakage", "pixels_last_error")
            - value("lab/leakage", "pixels_shuffled_error")
        )
        < 1
    )


@shuffled.states("None that is meant to speak of new writers.")
def every_measure_is_too_high_after_a_shuffle() -> bool:
    kinds = [f"{of} {by}" for of in ("pixels", "SimCLR") for by in ("k-NN", "linear", "few labels")]
    after, before = (
        [cell("lab/leakage", "splits", row, kind) for kind in kinds]
        for row in ("500 after a shuffle", "Each form held out")
    )
    return all(a > b + 0.01 for a, b in zip(after, before, strict=True))
