"""The color shortcut."""

from statements import about, cell, given, value

from answers.common import close
from lesson_code.lab.data import load, standardize

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
    "A method ends below its random initialization, but its embeddings are well spread. You "
    "suspect that color is the shortcut. Which control tells?",
)


@below.states("Gray images, each brought to mean 0 and deviation 1")
def standardizing_gray_images_takes_color_alone() -> bool:
    gray = load("tinted-gray").test.images
    return close(standardize(gray).mean(dim=(1, 2, 3)).std(), gray.mean(dim=(1, 2, 3)).std())


@below.states("The same images with three equal channels, and all else as it was")
def equal_channels_differ_in_color_alone() -> bool:
    gray, color = load("tinted-gray"), load("tinted")
    same_mean = (gray.test.images.mean(dim=1) - color.test.images.mean(dim=1)).abs().max() < 1e-6
    no_color = (gray.test.images.amax(dim=1) == gray.test.images.amin(dim=1)).all()
    return bool(same_mean and no_color) and gray.recipes == color.recipes


@below.states("A predictor that is trained faster")
def the_run_needs_a_remedy_for_collapse() -> bool:
    return (
        cell(RESULT, "controls", "BYOL", "mean std") < 0.2
        or cell(RESULT, "controls", "BYOL", "mean rank") < 4
    )
