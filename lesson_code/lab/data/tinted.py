"""Tinted digits: real strokes, procedural color that has nothing to do with the digit."""

from __future__ import annotations

import torch

from lesson_code.lab.data.digits import by_position, strokes
from lesson_code.lab.data.sets import Data

SEED, SIDE = 123, 10
# Bytes that a channel may have: the ground is dark, the stroke is bright, and in a single
# channel the stroke may be the darker one, so that no fixed sum of channels is the digit.
GROUND, STROKE = (0, 128), (102, 256)


def render(ink: torch.Tensor, seed: int = SEED) -> torch.Tensor:
    """Draw each digit once, in a random color on a random ground, at a random place.

    Whole numbers only, so that every processor draws the same pictures.

    Args:
        ink: 0 to 16, ``(N, 8, 8)`` int64.
        seed: of the rendering; the lab uses one, so that an image is always the same.

    Returns:
        Color images with values of 0 to 1, ``(N, 3, 10, 10)`` float32.
    """
    generator = torch.Generator().manual_seed(seed)
    count, free = len(ink), SIDE - ink.shape[-1] + 1
    offsets = torch.randint(free, (count, 2), generator=generator).tolist()
    ground = torch.randint(*GROUND, (count, 3, 1, 1), generator=generator)
    stroke = torch.randint(*STROKE, (count, 3, 1, 1), generator=generator)
    placed = torch.zeros(count, 1, SIDE, SIDE, dtype=torch.long)
    for canvas, digit, (top, left) in zip(placed, ink, offsets, strict=True):
        canvas[0, top : top + digit.shape[0], left : left + digit.shape[1]] = digit
    mixed = ground * 16 + (stroke - ground) * placed  # 16 times the byte
    return ((mixed + 8) // 16).float() / 255


def tinted(gray: bool = False) -> Data:
    """Load the tinted digits, split as the digits are.

    Args:
        gray: without the color and else as they are: the mean of the channels, in each of
            the three (``tinted-gray``). So the same views are made of them.

    Returns:
        Images ``(N, 3, 10, 10)`` from 0 to 1.
    """
    ink, labels = strokes()
    images = render(ink)
    if not gray:
        return by_position("tinted", images, labels)
    mean = images.mean(dim=1, keepdim=True)
    return by_position("tinted-gray", mean.expand_as(images), labels)
