"""Alignment and uniformity."""

import torch
from statements import about, given

from answers.common import accuracy, close, normal, unit
from lesson_code import alignment, knn_predict, uniformity
from lesson_code.lab.augment import RECIPES, view
from lesson_code.lab.data import load
from lesson_code.lab.networks import SmallCNN
from lesson_code.mlp import MLP

PAGE = "docs/module-1/beyond-1.3/uniformity.md"

two = about(PAGE, "Alignment is 0.02 and uniformity is −0.7. What do you suspect?")


def beside(z: torch.Tensor) -> torch.Tensor:
    """Second views so near to the first that alignment is about 0.02."""
    return z + (0.02 / z.shape[1]) ** 0.5 * normal(*z.shape, seed=9)


@two.states("A good run: the views agree almost perfectly.")
def well_spread_images_whose_views_agree_have_these_numbers() -> bool:
    z = unit(512, 64)
    given(close(alignment(z, beside(z)), 0.02, 0.01))
    return close(uniformity(z), -0.7, 1)


@two.states("A collapse onto few points.")
def two_opposite_points_have_these_numbers() -> bool:
    z = unit(1, 64) * torch.tensor([1.0, -1.0]).repeat(256)[:, None]
    return close(alignment(z, beside(z)), 0.02, 0.01) and close(uniformity(z), -0.7, 0.05)


@two.states("A network that has not begun to learn.")
def untrained_networks_align_views_so_well() -> bool:
    images = load("digits").train.images[:512]
    aligned = []
    for seed in range(3):
        torch.manual_seed(seed)
        network = torch.nn.Sequential(SmallCNN(1), MLP(64, 128, 64))
        draws = torch.Generator().manual_seed(seed)
        views = [network(view(images, RECIPES["gray"]["full"], draws)) for _ in range(2)]
        aligned.append(alignment(*views).item())
    return min(aligned) < 0.1


same = about(PAGE, "Two methods have the same alignment and uniformity. Are they equally good?")


def exchanged() -> tuple[list[torch.Tensor], list[torch.Tensor], torch.Tensor]:
    """Two views of images in ten clusters, the same with images exchanged, and the clusters."""
    labels = torch.arange(10).repeat(30)
    z = unit(10, 32)[labels] + 0.03 * normal(300, 32, seed=1)
    views = [z, beside(z)]
    rows = torch.randperm(300, generator=torch.Generator().manual_seed(0))
    return views, [one[rows] for one in views], labels


def numbers(views: list[torch.Tensor]) -> tuple[float, float]:
    """Alignment and uniformity."""
    return float(alignment(*views)), float(uniformity(views[0]))


def neighbors(views: list[torch.Tensor], labels: torch.Tensor) -> float:
    """How many second views their neighbors among the first views of other images name."""
    first, second = views[0][:200], views[1][200:]
    return accuracy(knn_predict(first, labels[:200], second), labels[200:])


def equal_numbers() -> bool:
    """Whether the exchange has left both numbers as they were."""
    views, other, _ = exchanged()
    return all(close(a, b) for a, b in zip(numbers(views), numbers(other), strict=True))


@same.states("Yes: a contrastive loss asks for nothing else.")
def equal_numbers_mean_equal_accuracy() -> bool:
    views, other, labels = exchanged()
    given(equal_numbers())
    return close(neighbors(views, labels), neighbors(other, labels), 0.1)


@same.states("They must be: only equal embeddings have both numbers equal.")
def equal_numbers_mean_equal_embeddings() -> bool:
    views, other, _ = exchanged()
    given(equal_numbers())
    return torch.allclose(views[0], other[0], atol=0.1)


@same.states("Not necessarily. Neither number knows what is in the images.")
def an_exchange_of_images_keeps_the_numbers_and_ruins_the_accuracy() -> bool:
    views, other, labels = exchanged()
    return equal_numbers() and neighbors(views, labels) > 0.9 > 0.4 > neighbors(other, labels)
