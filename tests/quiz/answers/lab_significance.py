"""Is the difference real?"""

import math
import statistics

import torch
from statements import about

from answers.common import close, normal
from lesson_code import bootstrap_interval, sample_deviation

PAGE = "docs/lab/significance.md"
RUNS = (0.94, 0.95, 0.96)

deviation = about(
    PAGE, "Three runs reach 0.94, 0.95 and 0.96. What is the standard deviation of such runs?"
)


@deviation.states("0.010")
def it_is_that_of_a_sample() -> bool:
    return close(sample_deviation(torch.tensor(RUNS).double()), 0.010)


@deviation.states("0.008")
def it_is_that_of_these_three_alone() -> bool:
    """Is it the one whose square, over many threes, comes out as that of the runs?"""
    divided_by_n = math.sqrt(2 / 3) * sample_deviation(torch.tensor(RUNS).double())
    squares = [sample_deviation(runs) ** 2 for runs in normal(4000, 3)]
    return close(divided_by_n, 0.008, within=5e-4) and 2 / 3 * statistics.fmean(squares) > 0.9


@deviation.states("0.006")
def it_is_that_of_their_mean() -> bool:
    return close(sample_deviation(torch.tensor(RUNS).double()), 0.006, within=5e-4)


four = about(
    PAGE,
    "Four people wrote the 500 test images. Drawing images, the bootstrap gives an interval "
    "without zero. What may you say?",
)


def false_alarms(hands: float) -> float:
    """How often equals seem unequal, if each hand shifts all of its 125 images by so much."""
    alarms = 0
    for trial in range(60):
        shift = hands * normal(4, seed=trial)
        gained = shift.repeat_interleave(125) + normal(500, seed=1000 + trial)
        low, high = bootstrap_interval(gained, resamples=300)
        alarms += not low <= 0 <= high
    return alarms / 60


@four.states("A is better than B for people who write digits.")
def equals_rarely_seem_unequal_though_hands_differ() -> bool:
    return false_alarms(hands=0.3) < 0.1


@four.states("A is better than B on digits of these four.")
def equals_rarely_seem_unequal_on_given_hands() -> bool:
    return false_alarms(hands=0.0) < 0.15


@four.states("Nothing: four writers are too few for any statement.")
def five_hundred_images_of_four_hands_tell_nothing() -> bool:
    """Though A is better for each of the four, would the interval hold zero?"""
    low, high = bootstrap_interval(normal(500) + 0.3)
    return low <= 0 <= high
