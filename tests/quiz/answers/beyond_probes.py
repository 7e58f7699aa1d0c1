"""Linear probes."""

import math

import numpy as np
import torch
from statements import about, cell, given, value

from answers.common import normal
from lesson_code.lab.data import load
from lesson_code.lab.probes import draw_rows, few_label_probe, linear_probe

PAGE = "docs/module-1/beyond-1.3/probes.md"
DIGITS = "beyond/probes_digits"

point = about(
    PAGE, "A linear probe reaches 92% on raw pixels of digits. What does a network's 93% show?"
)


@point.states("That it has learned to see digits.")
def the_network_is_clear_of_the_pixels() -> bool:
    error = math.sqrt(0.93 * 0.07 / 500)
    return 0.93 - value(DIGITS, "linear_pixels") > 2 * error


@point.states("Little: raw pixels are the line to beat, and so is an untrained network.")
def pixels_and_an_untrained_network_are_near() -> bool:
    pixels, error = value(DIGITS, "linear_pixels"), math.sqrt(0.93 * 0.07 / 500)
    untrained = cell("lab/representation", "measures", "Random CNN", "linear")
    return abs(0.93 - pixels) < error and untrained > 0.8


@point.states("That its features are linearly separable.")
def features_that_give_93_percent_are_separated_without_a_mistake() -> bool:
    labels = torch.arange(2).repeat(500)
    features, new = (2.96 * labels[:, None] + normal(1000, 1, seed=seed) for seed in (0, 1))
    told = linear_probe(features, labels, new, labels)
    given(abs(told - 0.93) < 0.02)
    return linear_probe(features, labels, features, labels) == 1.0


draws = about(PAGE, "Why is every network probed with the same draws of five labels per class?")


def gaps(same_draws: bool) -> torch.Tensor:
    """By how much all pixels beat half of them, in eight pairs of draws of five a class."""
    digits = load("digits")
    train, test = (part.images.flatten(1) for part in (digits.train, digits.test))
    found = []
    for seed in range(8):
        half = seed if same_draws else 100 + seed
        scores = [
            few_label_probe(
                train[:, ::step],
                digits.train.labels,
                test[:, ::step],
                digits.test.labels,
                5,
                1,
                draw,
            )
            for step, draw in ((1, seed), (2, half))
        ]
        found.append(scores[0] - scores[1])
    return torch.tensor(found)


@draws.states(
    "Draws can differ by more than networks do, and the same draws cancel out in a difference."
)
def draws_differ_more_than_methods_and_less_so_in_a_difference() -> bool:
    of_draws = value(DIGITS, "few_highest") - value(DIGITS, "few_lowest")
    methods = ("highest_few", "lowest_few")
    highest, lowest = (value("lab/comparison", name) for name in methods)
    same, other = (float(gaps(same).std()) for same in (True, False))
    return of_draws > highest - lowest and same < 0.8 * other


@draws.states("Because logistic regression starts from random weights.")
def another_seed_gives_another_accuracy() -> bool:
    labels = torch.arange(3).repeat(40)
    features, new = (normal(3, 8)[labels] + normal(120, 8, seed=seed) for seed in (1, 2))
    told = set()
    for seed in range(4):
        np.random.seed(seed)  # what scikit-learn would draw from
        torch.manual_seed(seed)
        told.add(linear_probe(features, labels, new, labels))
    return len(told) > 1


@draws.states("Because other draws could contain images of the test set.")
def some_draw_reaches_beyond_the_training_images() -> bool:
    labels = load("digits").train.labels
    rows = [draw_rows(labels, 5, torch.Generator().manual_seed(seed)) for seed in range(50)]
    return bool((torch.cat(rows) >= len(labels)).any())
