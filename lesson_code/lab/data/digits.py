"""scikit-learn's 1797 handwritten digits, split as they were written."""

from __future__ import annotations

import torch

from lesson_code.lab.data.sets import Data, Split, standardize

# The file is in the order of its writers, so a split by position keeps the hands of the
# test images out of training. Validation is where hyper-parameters are chosen.
TRAIN, VALIDATION, TEST = 1097, 200, 500
DIGITS = tuple("0123456789")


def strokes() -> tuple[torch.Tensor, torch.Tensor]:
    """Read the digits: ink from 0 to 16, ``(1797, 8, 8)`` int64, and labels ``(1797,)``."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    ink = torch.from_numpy(digits.images).round().long()
    return ink, torch.from_numpy(digits.target).long()


# Where each form begins in the file: three times the labels 0 to 9 in order, a few left out.
FORMS = (0, 130, 256, 386, 516, 646, 776, 905, 1029, 1157, 1287, 1415, 1545, 1667)


def forms() -> torch.Tensor:
    """Number the filled-in form that each image of the file comes from, ``(1797,)`` int64.

    Nobody says who wrote which. The description of the data has 13 writers, the file 14 forms.
    """
    return torch.searchsorted(torch.tensor(FORMS), torch.arange(1797), right=True) - 1


def by_position(
    name: str, images: torch.Tensor, labels: torch.Tensor, order: torch.Tensor | None = None
) -> Data:
    """Cut the 1797 images into train, validation and test.

    Args:
        name: of the set.
        images: ``(1797, C, H, W)``.
        labels: ``(1797,)``.
        order: another order than the file's, ``(1797,)`` indices.

    Returns:
        The first 1097, the next 200, the last 500 images of that order.
    """
    if order is not None:
        images, labels = images[order], labels[order]
    images, labels = images.contiguous(), labels.contiguous()
    train, test = slice(TRAIN), slice(TRAIN + VALIDATION, TRAIN + VALIDATION + TEST)
    validation = slice(TRAIN, TRAIN + VALIDATION)
    splits = (Split(images[part], labels[part]) for part in (train, validation, test))
    return Data(name, DIGITS, *splits)


def digits(standardized: bool = True) -> Data:
    """Load the digits in file order.

    Args:
        standardized: each image with mean 0 and standard deviation 1 (``digits``), or its
            ink divided by 16 (``digits-raw``).

    Returns:
        Gray images ``(N, 1, 8, 8)`` float32.
    """
    ink, labels = strokes()
    images = ink.unsqueeze(1).float() / 16
    if not standardized:
        return by_position("digits-raw", images, labels)
    return by_position("digits", standardize(images), labels)


def shuffled_digits(seed: int, standardized: bool = True) -> Data:
    """Load the digits cut into the same sizes after a shuffle: a leak, shown as one.

    The same writers are then in training and in test, and every measure looks better
    than it would be on a new hand.

    Args:
        seed: of the shuffle.
        standardized: as for ``digits``.

    Returns:
        The set ``digits-shuffled`` (``digits-raw-shuffled`` without standardizing).
    """
    ink, labels = strokes()
    images = ink.unsqueeze(1).float() / 16
    order = torch.randperm(len(ink), generator=torch.Generator().manual_seed(seed))
    if not standardized:
        return by_position("digits-raw-shuffled", images, labels, order)
    return by_position("digits-shuffled", standardize(images), labels, order)
