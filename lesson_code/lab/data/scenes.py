"""Scenes with exact masks: a drawing of an emoji somewhere on a ground of random texture.

The mask is the drawing's own alpha. Things and the fourth artist are held out as they are
in ``emoji``: no thing of the test, and no hand, is seen in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F

from lesson_code.lab.data.emoji import covers, emoji
from lesson_code.lab.data.sets import Data, Pictures
from lesson_code.lab.order import generator

SIZE = 32  # pixels a side
SCALE = (0.4, 0.8)  # side of a drawing, as a share of the scene's
COPIES = 2  # scenes of each training picture, each on a ground of its own


@dataclass(frozen=True)
class Scenes(Data):
    """Pictures on textured ground.

    Attributes:
        masks: which pixels of each test scene the thing covers, ``(N, S, S)`` booleans.
    """

    masks: torch.Tensor
    recipes: ClassVar[str] = "pictures"


def scenes(size: int = SIZE) -> Scenes:
    """Make the scenes, always the same ones.

    Args:
        size: height and width.

    Returns:
        Color pictures ``(N, 3, size, size)`` float32, from 0 to 1.

    Raises:
        DataError: if the icons are not there and cannot be had.
    """
    drawn = emoji()
    cover = covers()
    train = drawn.train.take(torch.arange(len(drawn.train)).repeat(COPIES))
    made: dict[str, Pictures] = {}
    masks: dict[str, torch.Tensor] = {}
    for name, split in {"train": train, "validation": drawn.validation, "test": drawn.test}.items():
        own, draws = cover[split.artists, split.concepts], generator(0, f"scenes {name}", 0)
        images, masks[name] = placed(split.images, own, size, draws)
        made[name] = Pictures(images, split.labels, split.concepts, split.artists)
    learn, choose, test = made.values()
    return Scenes("scenes", drawn.classes, learn, choose, test, masks["test"])


def placed(
    images: torch.Tensor, cover: torch.Tensor, size: int, draws: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Put each drawing somewhere on a ground of its own.

    Args:
        images: drawings on white, ``(N, 3, H, W)``.
        cover: how much of each pixel the drawing covers, ``(N, H, W)``.
        size: height and width of a scene.
        draws: where the random numbers come from.

    Returns:
        The scenes ``(N, 3, size, size)``, and the pixels that the thing covers by more than
        half, ``(N, size, size)``.
    """
    n = len(images)
    scale = SCALE[0] + (SCALE[1] - SCALE[0]) * torch.rand(n, 1, generator=draws)
    middle = (1 - scale) * (2 * torch.rand(n, 2, generator=draws) - 1)
    matrix = torch.eye(2).expand(n, 2, 2) / scale[:, :, None]
    affine = torch.cat([matrix, (-middle / scale)[:, :, None]], dim=2)
    grid = F.affine_grid(affine, [n, 4, size, size], align_corners=False)
    # What is half transparent was mixed with white; times the cover, only its own color is left.
    colors = images - (1 - cover[:, None])
    moved = F.grid_sample(torch.cat([colors, cover[:, None]], dim=1), grid, align_corners=False)
    own, alpha = moved[:, :3], moved[:, 3:]
    mixed = own + (1 - alpha) * grounds(n, size, draws)
    return mixed.clamp(0, 1), alpha[:, 0] > 0.5


def grounds(count: int, size: int, draws: torch.Generator) -> torch.Tensor:
    """Textures, each of two random colors: clouds of one width and grain, ``(N, 3, S, S)``."""
    colors = torch.rand(count, 2, 3, 1, 1, generator=draws)
    mixed = torch.zeros(count, 1, size, size)
    weights = torch.rand(count, 4, generator=draws).softmax(dim=1)
    for number, cells in enumerate((2, 4, 8, size)):
        noise = torch.randn(count, 1, cells, cells, generator=draws)
        wide = F.interpolate(noise, size=(size, size), mode="bilinear", align_corners=False)
        mixed = mixed + 2.0 * weights[:, number].view(-1, 1, 1, 1) * wide
    share = torch.sigmoid(2 * mixed)
    return share * colors[:, 0] + (1 - share) * colors[:, 1]
