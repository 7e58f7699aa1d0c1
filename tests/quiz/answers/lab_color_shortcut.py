"""The color shortcut."""

from statements import about, cell, given, value

PAGE = "docs/lab/color-shortcut.md"
RESULT = "lab/color_shortcut"

lower = about(
    PAGE, "A contrastive run reaches a much lower loss than any before. What do you check first?"
)


@lower.states("Nothing: the loss is what was minimized.")
def the_lower_loss_belongs_to_the_better_network() -> bool:
    better = value(RESULT, "geometric_loss") < value(RESULT, "simclr_loss") - 0.5
    given(better)
    return cell(RESULT, "tinted", "SimCLR, geometric only", "k-NN") >= cell(
        RESULT, "tinted", "SimCLR", "k-NN"
    )


@lower.states("What the two views have in common besides what you want to be learned.")
def the_lower_loss_comes_from_what_the_views_share() -> bool:
    lower_loss = value(RESULT, "geometric_loss") < value(RESULT, "simclr_loss") - 0.5
    learned = (
        cell(RESULT, "tinted", "SimCLR, geometric only", "ground color")
        > 0.9
        > cell(RESULT, "tinted", "SimCLR", "ground color") + 0.4
    )
    return lower_loss and learned and cell(RESULT, "tinted", "SimCLR, geometric only", "k-NN") < 0.2


@lower.states("Spread and effective rank.")
def spread_or_rank_of_the_useless_network_is_worse() -> bool:
    return value(RESULT, "geometric_std") < 0.9 or value(RESULT, "geometric_rank") < value(
        RESULT, "simclr_rank"
    )


hospitals = about(
    PAGE,
    "Medical images from two hospitals, which can be told apart by their contrast. What does "
    "SimCLR learn if no augmentation changes the contrast?",
)


@hospitals.states("Among other things, the hospital.")
def what_no_augmentation_changes_is_learned() -> bool:
    return (
        cell(RESULT, "tinted", "SimCLR, geometric only", "ground color")
        > 0.9
        > cell(RESULT, "tinted", "SimCLR", "ground color") + 0.4
    )


@hospitals.states("The disease, because that is what differs between patients.")
def what_differs_between_images_is_learned() -> bool:
    """The digits differ between the images of the page as the disease does between patients."""
    return cell(RESULT, "tinted", "SimCLR, geometric only", "linear") > cell(
        RESULT, "tinted", "Random CNN", "linear"
    )


@hospitals.states("Nothing: the embeddings collapse.")
def the_run_with_the_shortcut_collapses() -> bool:
    return value(RESULT, "geometric_std") < 0.3 or value(RESULT, "geometric_rank") < 5


below = about(
    PAGE,
    "A method ends below its random initialization, but its embeddings are well spread. Which "
    "control tells whether the data offered it a shortcut?",
)


@below.states("The same training for three times as many steps.")
def more_steps_help_only_where_there_is_no_shortcut() -> bool:
    """The shortcut is still in the data of the longer run."""
    return (
        cell(RESULT, "controls", "BYOL, 900 steps", "mean k-NN")
        < cell(RESULT, "controls", "BYOL", "mean k-NN") + 0.1
    )


@below.states("The same training on data from which the suspected shortcut was removed.")
def the_method_recovers_where_the_color_is_gone() -> bool:
    beaten = cell(RESULT, "controls", "BYOL", "mean k-NN") < cell(
        RESULT, "tinted", "Random CNN", "k-NN"
    )
    return (
        beaten
        and cell(RESULT, "controls", "BYOL, gray", "mean k-NN")
        > cell(RESULT, "controls", "BYOL", "mean k-NN") + 0.3
    )


@below.states("A predictor that is trained faster.")
def the_run_needs_a_remedy_for_collapse() -> bool:
    return (
        cell(RESULT, "controls", "BYOL", "mean std") < 0.2
        or cell(RESULT, "controls", "BYOL", "mean rank") < 4
    )
