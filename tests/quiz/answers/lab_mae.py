"""Masked images."""

import torch
from statements import about, cell, given, value

from answers.common import normal
from lesson_code import mae_loss, patchify

PAGE = "docs/lab/mae.md"
RESULT = "lab/mae"
HIDDEN = ("25% hidden", "75% hidden", "90% hidden")
ALIKE = 0.06  # runs of one ratio differ by as much

ratio = about(
    PAGE,
    "Two runs differ in their mask ratio, and the one with more hidden has the higher loss. Did it "
    "learn less?",
)


def losses_and_features() -> tuple[list[float], list[float]]:
    """Of the three ratios of the page, in their order."""
    columns = ("test loss", "few labels")
    losses, features = (
        [cell(RESULT, "ratios", row, column) for row in HIDDEN] for column in columns
    )
    return losses, features


@ratio.states("Yes: a higher loss is a worse network.")
def features_get_worse_as_the_loss_gets_higher() -> bool:
    losses, features = losses_and_features()
    given(losses == sorted(losses))
    return all(a > b + ALIKE for a, b in zip(features, features[1:], strict=False))


@ratio.states("The loss cannot tell.")
def while_the_loss_rises_features_stay_as_good_and_then_get_worse() -> bool:
    losses, features = losses_and_features()
    rising = all(a + 0.03 < b for a, b in zip(losses, losses[1:], strict=False))
    return rising and abs(features[1] - features[0]) < ALIKE and features[2] < features[1] - 0.1


@ratio.states("No: it learned more, since the task was harder.")
def features_get_better_as_the_loss_gets_higher() -> bool:
    losses, features = losses_and_features()
    given(losses == sorted(losses))
    return all(a + ALIKE < b for a, b in zip(features, features[1:], strict=False))


blur = about(
    PAGE, "With nine tenths hidden, the painted digits are gray blurs. What is the reason?"
)
PATCH = 4


def two_endings() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images equal in their first patch, of two kinds in the rest, the mask, and the kinds."""
    kinds = (normal(2, 1, 8, 8) > 0).float()
    kinds[:, :, :PATCH, :PATCH] = kinds[:1, :, :PATCH, :PATCH]
    images = kinds.repeat(8, 1, 1, 1)
    mask = torch.tensor([False, True, True, True]).expand(16, 4)
    return images, mask, patchify(kinds, PATCH)


@blur.states("The network is too small to paint sharply.")
def the_same_network_leaves_a_blur_at_a_quarter_hidden() -> bool:
    return cell(RESULT, "ratios", "25% hidden", "test loss") > 0.8 * value(RESULT, "average_loss")


@blur.states("Training was too short.")
def long_training_turns_a_blur_into_something_sharp() -> bool:
    """The guess begins near one of the sharp answers; the visible patch is all it can go by."""
    images, mask, kinds = two_endings()
    guess = (0.9 * kinds[0] + 0.1 * kinds[1]).clone().requires_grad_()
    optimizer = torch.optim.SGD([guess], lr=5.0)
    for _ in range(500):
        optimizer.zero_grad()
        mae_loss(guess.expand(16, -1, -1), images, mask, PATCH).backward()
        optimizer.step()
    contrast = (guess.detach()[1:] - 0.5).abs().mean()
    return float(contrast) > 0.8 * float((kinds[0, 1:] - 0.5).abs().mean())


@blur.states("The squared error is least at the mean of all digits that fit the visible patch.")
def the_mean_costs_less_than_any_sharp_answer_and_than_its_neighbors() -> bool:
    images, mask, kinds = two_endings()

    def price(guess: torch.Tensor) -> float:
        return float(mae_loss(guess.expand(16, -1, -1), images, mask, PATCH))

    mean = kinds.mean(dim=0)
    beside = [mean + 0.2 * normal(*mean.shape, seed=seed) for seed in range(20)]
    return all(price(mean) < 0.95 * price(guess) for guess in [*kinds, *beside])
