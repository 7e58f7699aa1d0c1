"""Lesson 1.4: masks made of attention."""

import torch
from statements import about

from answers.common import close
from lesson_code.lab.segmentation import jaccard, most_attended

PAGE = "docs/module-1/1.4-dino-piece-by-piece/segmentation.md"

even = about(
    PAGE,
    "A network's attention covers all of a picture evenly. A thing fills a fifth of it. Roughly "
    "what is the Jaccard index of the mask that 60% of the attention gives?",
)


def index() -> float:
    """Of a thing of a fifth, wherever it is, under attention that is even but for chance."""
    generator = torch.Generator().manual_seed(0)
    attention = 1 + 1e-6 * torch.rand(1, 100, 100, generator=generator)
    thing = torch.zeros(1, 100, 100, dtype=torch.bool)
    thing[:, :40, :50] = True
    return float(jaccard(most_attended(attention), thing)[0])


@even.states("0.6")
def as_the_share_of_attention() -> bool:
    return close(index(), 0.6, 0.1)


@even.states("Less than a fifth")
def less_than_the_thing() -> bool:
    return 0.01 < index() < 0.2 and close(index(), 0.12 / 0.68, 0.02)


@even.states("0")
def none() -> bool:
    return index() < 0.01
