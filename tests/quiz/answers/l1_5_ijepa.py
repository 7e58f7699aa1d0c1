"""I-JEPA, and how masked images are judged."""

from statements import about, cell, value

from answers.common import normal
from lesson_code import ijepa_loss

PAGE = "docs/module-1/1.5-masked-images/ijepa.md"

scale = about(
    PAGE,
    "All features of the target encoder are multiplied by ten. What happens to the loss of the "
    "official form?",
)


def grows() -> float:
    """By what factor, for predictions of the right size."""
    features, guess = normal(4, 9, 64), normal(4, 1, 9, 64, seed=1)
    blocks = (normal(4, 1, 9, seed=2) * 0).long()
    return float(ijepa_loss(guess, 10 * features, blocks) / ijepa_loss(guess, features, blocks))


@scale.states("It grows about tenfold.")
def tenfold() -> bool:
    return 5 < grows() < 20


@scale.states("Nothing, as far as one can see.")
def the_same() -> bool:
    return abs(grows() - 1) < 1e-3


@scale.states("It grows about a hundredfold.")
def hundredfold() -> bool:
    return grows() > 50


fast = about(
    PAGE, "The loss of an I-JEPA falls to nearly zero within an epoch. What do you look at first?"
)


def spread_left() -> float:
    """How much of the spread at a place the run keeps, whose loss falls to a tenth or less."""
    run = "l1_5/ijepa_training"
    assert value(run, "loss_after") < 0.1 * value(run, "loss_before")
    return value(run, "spread_after") / value(run, "spread_before")


@fast.states("Whether features at one place still differ between images")
def the_spread_fell_with_the_loss() -> bool:
    return spread_left() < 0.5


@fast.states("Nothing: it has learned its task")
def the_spread_stayed() -> bool:
    return spread_left() > 0.9


order = about(
    "docs/module-1/1.5-masked-images/index.md",
    "Of two networks, one is better by linear probe and the other after fine-tuning. Which one "
    "learned more?",
)
TABLE = "MoCo v3 and MAE change places between the protocols in the table above."
order.published("The one that is better by linear probe", TABLE)
order.published("The one that is better after fine-tuning", TABLE)


@order.states("That depends on what you will do with it.")
def two_measures_order_two_networks_differently() -> bool:
    """In the lab as well: of MAE and an untrained CNN, each is ahead by one measure."""
    pairs = [
        [cell("lab/mae", "ratios", row, column) for row in ("25% hidden", "random CNN")]
        for column in ("k-NN", "linear")
    ]
    return pairs[0][0] < pairs[0][1] - 0.01 and pairs[1][0] > pairs[1][1] + 0.01
