"""Your own data."""

import torch
from statements import about, given

from answers.common import accuracy, normal
from lesson_code import knn_predict
from lesson_code.lab.augment import Recipe, view
from lesson_code.lab.transforms import photograph_views

PAGE = "docs/lab/your-own-data.md"

plants = about(
    PAGE,
    "You photographed ten plants, a hundred pictures of each in one afternoon, and split the "
    "pictures at random. Neighbors name 99 % of the test pictures. What do you know?",
)


def named(plant: float, place: float) -> tuple[float, float]:
    """How many pictures neighbors name: of that afternoon, and of another day.

    Args:
        plant: how much of a feature is about the plant.
        place: how much is about the light and the background of a day.
    """
    labels = torch.arange(10).repeat(100)
    looks = normal(10, 32)[labels]
    pictures = [
        plant * looks
        + place * normal(10, 32, seed=day)[labels]
        + 0.1 * normal(1000, 32, seed=10 + day)
        for day in (1, 2)
    ]
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(0))
    train, test = order[:800], order[800:]
    bank = pictures[0][train], labels[train]
    same = accuracy(knn_predict(*bank, pictures[0][test]), labels[test])
    return same, accuracy(knn_predict(*bank, pictures[1]), labels)


@plants.states("The features are excellent")
def features_that_name_the_afternoon_name_another_day() -> bool:
    afternoon, another = named(plant=0, place=1)
    given(afternoon >= 0.99)
    return another > 0.8


@plants.states("Nearly nothing")
def features_of_the_plant_and_of_the_place_name_equally_many() -> bool:
    of_plant, of_place = named(plant=1, place=0), named(plant=0, place=1)
    equal = min(of_plant[0], of_place[0]) >= 0.99
    return equal and of_plant[1] > 0.9 and of_place[1] < 0.4


x_rays = about(PAGE, "Your pictures are X-rays. What of the usual views do you check first?")


@x_rays.states("The batch size")
def a_larger_batch_takes_views_further_from_their_images() -> bool:
    """By contrast, whose factor is from 0.5 to 1.5."""
    recipe, furthest = Recipe(contrast=0.5), {}
    for batch in (4, 256):
        images = normal(batch, 1, 8, 8)
        draws = [torch.Generator().manual_seed(seed) for seed in range(256 // batch)]
        factors = torch.cat(
            [
                view(images, recipe, one).std(dim=(1, 2, 3)) / images.std(dim=(1, 2, 3))
                for one in draws
            ]
        )
        furthest[batch] = float((factors - 1).abs().max())
    return furthest[256] > 1.1 * furthest[4]


@x_rays.states("Flips, and changes of color and contrast")
def the_usual_views_mirror_pictures_and_change_their_contrast() -> bool:
    draw = photograph_views("simclr", 64)
    ramp = torch.linspace(0, 255, 64).expand(3, 64, 64).to(torch.uint8)
    stripes = (100 + 50 * (torch.arange(64) // 8 % 2)).expand(3, 64, 64).to(torch.uint8)
    ramps, striped = ([draw(image)[0] for _ in range(40)] for image in (ramp, stripes))
    mirrored = sum(bool(one[:, :, 0].mean() > one[:, :, -1].mean()) for one in ramps)
    contrasts = torch.stack([one.amax() - one.amin() for one in striped])
    return 8 <= mirrored <= 32 and float(contrasts.max() / contrasts.min()) > 1.5
