"""Distillation measured."""

import math

import torch
from statements import about, cell, given, spread, value

from answers.common import normal
from lesson_code.examples.lab.omitted_digit import best_bias, hits

PAGE = "docs/lab/distillation.md"
OMITTED, RESULT = "lab/omitted_digit", "lab/distillation"

third = about(
    PAGE,
    "A student without 3s gets a third of the test 3s after a bias is added to its logit for the "
    "3. What did its teacher tell it?",
)


@third.states("What a 3 looks like.")
def a_third_is_more_than_labels_alone_give() -> bool:
    return cell(OMITTED, "students", "hard labels", "3s with bias") + 0.1 < 1 / 3


@third.states("You cannot tell without a control.")
def the_control_gets_a_third_too_while_soft_labels_can_give_most() -> bool:
    return (
        abs(cell(OMITTED, "students", "hard labels", "3s with bias") - 1 / 3) < 0.15
        and cell(OMITTED, "students", "soft labels, T = 8", "3s with bias") > 0.75
    )


@third.states("Nothing: the bias did it all.")
def with_the_bias_the_control_is_as_good_as_any_student() -> bool:
    return (
        cell(OMITTED, "students", "hard labels", "3s with bias")
        > cell(OMITTED, "students", "soft labels, T = 1", "3s with bias") - 0.1
    )


paired = about(
    PAGE,
    "Two students differ by 0.02 in accuracy. Over seeds, each varies by 0.02. Is the difference "
    "noise?",
)
SEEDS = 10


def luck_of_signs(better: int) -> float:
    """How likely so many better seeds are if neither student is better."""
    return sum(math.comb(SEEDS, n) for n in range(better, SEEDS + 1)) / 2**SEEDS


@paired.states("Yes, it is as large as the spread.")
def a_difference_as_large_as_the_spread_is_luck() -> bool:
    """That of the student at T = 2 is, and of the signs of its ten differences one can judge."""
    given(
        cell(RESULT, "students", "T = 2", "gain")
        < 1.3 * spread(RESULT, "students", "hard labels", "accuracy")
    )
    return luck_of_signs(int(cell(RESULT, "students", "T = 2", "draws better"))) > 0.05


@paired.states("Look at the differences seed by seed.")
def the_differences_of_seeds_are_clear_where_the_spreads_are_not() -> bool:
    gain, of_differences = (read(RESULT, "students", "T = 2", "gain") for read in (cell, spread))
    unclear = gain < 1.3 * spread(RESULT, "students", "hard labels", "accuracy")
    return unclear and gain > 3 * of_differences / math.sqrt(SEEDS)


@paired.states("No, ten seeds make any difference real.")
def ten_seeds_find_even_a_small_difference() -> bool:
    error = math.sqrt(2 / SEEDS) * spread(RESULT, "students", "hard labels", "accuracy")
    return all(difference > 2 * error for difference in (0.002, 0.005, 0.02))


bias = about(PAGE, "Why is the bias chosen on validation images?")


@bias.states(
    "Chosen on the test images, it would be fitted to the very digits that are then counted."
)
def the_best_bias_counts_more_on_the_images_it_was_chosen_on() -> bool:
    gained = 0
    for seed in range(60):
        labels = torch.arange(10).repeat(8)
        logits = 4 * torch.eye(10)[labels] + 2.5 * normal(80, 10, seed=seed)
        logits[:, 3] -= 3  # a student that has seen no 3
        (own, new), (labels, fresh) = logits.chunk(2), labels.chunk(2)
        chosen = best_bias(own, labels)
        gained += int(hits(own, labels, chosen).sum()) - int(hits(new, fresh, chosen).sum())
    return gained > 0


@bias.states("Because the test set has too few 3s.")
def the_validation_set_has_more() -> bool:
    return value(OMITTED, "validation_threes") > value(OMITTED, "threes")


bias.published("Because the paper did it.", "on which images the paper chose its bias")
