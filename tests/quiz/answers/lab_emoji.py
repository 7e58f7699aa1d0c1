"""The view is the supervision."""

from itertools import combinations

from statements import about, cell

PAGE = "docs/lab/emoji.md"
RESULT = "lab/emoji"
VIEWS = (
    "the same picture",
    "color changed",
    "crops",
    "crops, color changed",
    "another artist",
    "another artist, crops, color",
)


def of(views: str, column: str) -> float:
    return cell(RESULT, "views", views, column)


def gains_of_the_lower_loss() -> list[float]:
    """For each pair of views, how many more things the one with the lower loss finds."""
    pairs = (sorted(pair, key=lambda one: of(one, "loss")) for pair in combinations(VIEWS, 2))
    return [of(low, "unseen artist") - of(high, "unseen artist") for low, high in pairs]


loss = about(
    PAGE,
    "Two runs differ in their views alone. One has half the loss of the other. Which network is "
    "better?",
)


@loss.states("The one with the lower loss")
def the_lower_loss_is_better_by_more_than_the_tolerance_or_equal() -> bool:
    return min(gains_of_the_lower_loss()) > -0.04


@loss.states("The loss does not tell")
def both_orders_occur() -> bool:
    return min(gains_of_the_lower_loss()) < -0.04 and max(gains_of_the_lower_loss()) > 0.04


@loss.states("The one with the higher loss")
def the_higher_loss_is_better_by_more_than_the_tolerance_or_equal() -> bool:
    return max(gains_of_the_lower_loss()) < 0.04


tomatoes = about(
    PAGE, "You want features that tell ripe tomatoes from green ones. Which views do you avoid?"
)


@tomatoes.states("Views that change the color")
def changes_of_color_take_it_out_of_the_features() -> bool:
    return of("color changed", "color") < of("untrained network", "color") - 0.2


@tomatoes.states("Crops")
def crops_take_color_out_of_the_features() -> bool:
    return of("crops", "color") < of("untrained network", "color")


@tomatoes.states("Another photograph of the same tomato")
def another_drawing_takes_color_out_of_the_features() -> bool:
    return of("another artist", "color") < of("untrained network", "color")
