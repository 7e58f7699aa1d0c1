"""Random views of small images, a whole batch at once and each image with its own draw."""

from __future__ import annotations

# --8<-- [start:imports]
import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.lab.run import nearest


# --8<-- [start:Recipe]
@dataclass(frozen=True)
class Recipe:
    """How far a view may be from its image; each draw is uniform within the limit.

    Attributes:
        rotation: degrees to either side.
        shift: of half the width, to either side.
        scale: smallest and largest magnification.
        shear: to either side.
        area: smallest and largest part of the image that a view shows; where it lies is
            drawn, too.
        flip: whether every second view is mirrored.
        padding: what lies outside the image: ``zeros`` or ``border``.
        brightness: added, to either side.
        contrast: the factor is 1 plus or minus this.
        noise: standard deviation of Gaussian noise.
        recolor: whether channels are permuted and scaled by 0.4 to 1.6, and one image in
            five loses its color.
        gain: each channel is scaled by 1 plus or minus this, and how colorful the view is
            by 1 plus or minus one and a half times this; one in five loses its color.
        standardize: whether each view ends with mean 0 and standard deviation 1.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shear: float = 0.0
    area: tuple[float, float] = (1.0, 1.0)
    flip: bool = False
    padding: str = "zeros"
    brightness: float = 0.0
    contrast: float = 0.0
    noise: float = 0.0
    recolor: bool = False
    gain: float = 0.0
    standardize: bool = False


# --8<-- [end:Recipe]

_GRAY: dict[str, Any] = {
    "rotation": 20.0,
    "shift": 0.2,
    "scale": (0.85, 1.15),
    "shear": 0.2,
}
_TINTED: dict[str, Any] = {
    "rotation": 15.0,
    "shift": 0.25,
    "scale": (0.8, 1.2),
    "padding": "border",
}
_MILD: dict[str, Any] = {"rotation": 10.0, "shift": 0.15}
_CROP: dict[str, Any] = {"area": (0.3, 1.0), "flip": True, "padding": "border"}
RECIPES: dict[str, dict[str, Recipe]] = {
    "gray": {
        "full": Recipe(
            **_GRAY, brightness=0.15, contrast=0.5, noise=0.1, standardize=True
        ),
        "geometric": Recipe(**_GRAY, standardize=True),
        "mild": Recipe(**_MILD, standardize=True),
        "none": Recipe(),
    },
    "tinted": {
        "full": Recipe(
            **_TINTED, brightness=0.15, contrast=0.5, noise=0.03, recolor=True
        ),
        "geometric": Recipe(**_TINTED),
        "mild": Recipe(**_MILD, padding="border"),
        "color": Recipe(recolor=True),
        "none": Recipe(),
    },
    "pictures": {
        "full": Recipe(**_CROP, gain=0.4),
        "geometric": Recipe(**_CROP),
        "mild": Recipe(area=(0.6, 1.0), flip=True, padding="border"),
        "color": Recipe(gain=0.4),
        "none": Recipe(),
    },
}


def recipe(strength: str, channels: int, kind: str = "") -> Recipe:
    """The recipe of a strength for images of a kind.

    Args:
        strength: ``full``, ``geometric``, ``mild``, ``none``; in color also ``color``.
        channels: of the images.
        kind: one of ``RECIPES``; without it ``gray`` for one channel, else ``tinted``.

    Raises:
        LabError: if there is no augmentation of that name.
    """
    known = RECIPES[kind or ("gray" if channels == 1 else "tinted")]
    if strength not in known:
        raise nearest(strength, known, "augmentation")
    return known[strength]


# --8<-- [start:view]
def view(
    images: torch.Tensor,
    recipe: Recipe,
    generator: torch.Generator,
    crop: int | None = None,
) -> torch.Tensor:
    """Draw one view of each image.

    Args:
        images: shape ``(N, C, H, W)``.
        recipe: how far a view may be from its image.
        generator: where all random numbers come from.
        crop: cut a random square of that many pixels out of the view; None cuts nothing.

    Returns:
        Views of shape ``(N, C, H, W)``, or ``(N, C, crop, crop)``.
    """
    if recipe == Recipe() and crop is None:
        return images
    views = move(images, recipe, generator, crop)
    if recipe.recolor:
        views = recolor(views, generator)
    if recipe.gain:
        views = shade(views, recipe.gain, generator)
    n, wide = len(views), (-1, 1, 1, 1)
    if recipe.contrast or recipe.brightness:
        factor = uniform(n, 1 - recipe.contrast, 1 + recipe.contrast, generator).view(
            wide
        )
        offset = uniform(n, -recipe.brightness, recipe.brightness, generator).view(wide)
        mean = views.mean(dim=(1, 2, 3), keepdim=True)
        views = (views - mean) * factor + mean + offset
    if recipe.noise:
        views = views + recipe.noise * torch.randn(views.shape, generator=generator)
    return standardize(views) if recipe.standardize else views


# --8<-- [end:view]


# --8<-- [start:parts]
def uniform(
    count: int, low: float, high: float, generator: torch.Generator
) -> torch.Tensor:
    """That many draws between two numbers."""
    return low + (high - low) * torch.rand(count, generator=generator)


def move(
    images: torch.Tensor, recipe: Recipe, generator: torch.Generator, crop: int | None
) -> torch.Tensor:
    """Rotate, shear, scale and shift each image by its own draw, in one resampling."""
    n, channels, size, _ = images.shape
    angle = math.radians(1) * uniform(n, -recipe.rotation, recipe.rotation, generator)
    shear = uniform(n, -recipe.shear, recipe.shear, generator)
    scale = uniform(n, *recipe.scale, generator)
    shift = uniform(2 * n, -recipe.shift, recipe.shift, generator).view(n, 2)
    cos, sin = angle.cos() / scale, angle.sin() / scale
    matrix = torch.stack([cos, shear * cos - sin, sin, shear * sin + cos], dim=1).view(
        n, 2, 2
    )
    if recipe.area != (1.0, 1.0):
        side = uniform(n, *recipe.area, generator).sqrt().view(n, 1)
        corner = (1 - side) * uniform(2 * n, -1, 1, generator).view(n, 2)
        shift, matrix = shift + corner, matrix * side[:, :, None]
    if recipe.flip:
        mirror = 1 - 2 * (torch.rand(n, generator=generator) < 0.5).float()
        matrix = matrix * torch.stack([mirror, torch.ones(n)], dim=1)[:, None]
    target = size
    if crop is not None:
        room = 1 - crop / size
        corner = uniform(2 * n, -room, room, generator).view(n, 2)
        shift = shift + (matrix @ corner[:, :, None])[:, :, 0]
        matrix, target = matrix * (crop / size), crop
    affine = torch.cat([matrix, shift[:, :, None]], dim=2)  # (N, 2, 3)
    grid = F.affine_grid(affine, [n, channels, target, target], align_corners=False)
    return F.grid_sample(images, grid, padding_mode=recipe.padding, align_corners=False)


def recolor(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Permute and scale the channels of each image; one in five becomes gray."""
    n, channels = images.shape[:2]
    order = torch.rand(n, channels, generator=generator).argsort(dim=1)
    gain = uniform(n * channels, 0.4, 1.6, generator).view(n, channels, 1, 1)
    mixed = images[torch.arange(n)[:, None], order] * gain
    gray = (torch.rand(n, generator=generator) < 0.2).view(n, 1, 1, 1)
    return torch.where(gray, mixed.mean(dim=1, keepdim=True), mixed)


def shade(
    images: torch.Tensor, gain: float, generator: torch.Generator
) -> torch.Tensor:
    """Change how bright each channel is, and how colorful the image; one in five is gray."""
    n, channels = images.shape[:2]
    scale = uniform(n * channels, 1 - gain, 1 + gain, generator).view(n, channels, 1, 1)
    colorful = uniform(n, 1 - 1.5 * gain, 1 + 1.5 * gain, generator)
    colorful = colorful * (torch.rand(n, generator=generator) >= 0.2)
    mean = images.mean(dim=1, keepdim=True)
    mixed = mean + (images - mean) * colorful.view(n, 1, 1, 1)
    return (mixed * scale).clamp(0, 1)


def standardize(images: torch.Tensor) -> torch.Tensor:
    """Give each image mean 0 and standard deviation 1; a constant one becomes 0."""
    centered = images - images.mean(dim=(1, 2, 3), keepdim=True)
    spread = centered.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centered / spread.clamp_min(1e-6)


# --8<-- [end:parts]
