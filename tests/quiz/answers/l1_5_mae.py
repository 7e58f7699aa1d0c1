"""MAE."""

import torch
from statements import about, cell, given, value

from answers.common import close, normal
from lesson_code import mae_loss, patchify

PAGE = "docs/module-1/1.5-masked-images/mae.md"
PATCH = 16
ALIKE = 0.06  # in accuracy: runs of one mask ratio differ by as much

plateau = about(
    PAGE,
    "With the target normalized, the loss of a model stays at 0.9987 for an epoch. What has it "
    "learned?",
)


def price(guess: str) -> float:
    """What a guess costs with the target normalized, in patches of 16 x 16 x 3."""
    images = 2 + normal(4, 3, 64, 64) * (1 + normal(4, 1, 1, 1, seed=1).abs())
    patches = patchify(images, PATCH)
    guesses = {
        "zero": torch.zeros_like(patches),
        "means": patches.mean(dim=2, keepdim=True).expand_as(patches),
    }
    mask = torch.ones(patches.shape[:2], dtype=torch.bool)
    return float(mae_loss(guesses[guess], images, mask, PATCH, normalize=True))


@plateau.states("Nearly everything: the loss is below 1.")
def who_knows_nothing_pays_one_or_more() -> bool:
    return price("zero") >= 1


@plateau.states("Nothing: predicting 0 costs that much.")
def zero_costs_this_much() -> bool:
    return close(price("zero"), 0.9987, 1e-4) and close(price("zero"), 767 / 768, 1e-4)


@plateau.states("The mean of each patch, but not its pattern.")
def the_means_of_the_patches_cost_this_much() -> bool:
    return close(price("means"), 0.9987, 1e-2)


ratio = about(
    PAGE,
    "Two runs differ in the mask ratio. The one with ratio 0.25 has the lower loss. Which one has "
    "the better features?",
)


def lead(row: str) -> tuple[float, float]:
    """What a ratio's run has more of than the run at 0.25: loss, and few-label accuracy."""
    differences = [
        cell("lab/mae", "ratios", row, column) - cell("lab/mae", "ratios", "25% hidden", column)
        for column in ("test loss", "few labels")
    ]
    return differences[0], differences[1]


@ratio.states("The one with the lower loss.")
def whoever_has_the_higher_loss_has_the_worse_features() -> bool:
    """In the table above it, a guess without any features has the lower loss there too."""
    guess = value("beyond/mae_rebuild", "at_quarter") < value("beyond/mae_rebuild", "at_most")
    given(guess)
    return all(
        loss > 0 > features + ALIKE for loss, features in map(lead, ("75% hidden", "90% hidden"))
    )


@ratio.states("The one with the higher loss.")
def whoever_has_the_higher_loss_has_the_better_features() -> bool:
    return all(
        loss > 0 and features > ALIKE for loss, features in map(lead, ("75% hidden", "90% hidden"))
    )


@ratio.states("The loss does not tell.")
def of_two_with_a_higher_loss_one_is_as_good_and_one_is_worse() -> bool:
    alike, worse = lead("75% hidden"), lead("90% hidden")
    return min(alike[0], worse[0]) > 0.05 and abs(alike[1]) < ALIKE and worse[1] < -0.1
