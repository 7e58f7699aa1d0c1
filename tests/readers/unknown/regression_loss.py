"""Rare wrong functions for regression_loss."""

import torch
import torch.nn.functional as F


def _distances(x, y):
    return (F.normalize(x, dim=1) - F.normalize(y, dim=1)).square().sum(dim=1)


def plus_a_tenth_of_the_norm(x, y):
    """Adds 0.1 times the mean length of the predictions."""
    return _distances(x, y).mean() + 0.1 * x.norm(dim=1).mean()


def median_of_the_rows(x, y):
    """Takes the median over the rows, not the mean."""
    return _distances(x, y).median()


def cubes_the_cosine(x, y):
    """Raises each cosine to its third power."""
    return (2 - 2 * F.cosine_similarity(x, y, dim=1) ** 3).mean()


def leaves_the_first_row_out(x, y):
    """Averages over all rows but the first."""
    return _distances(x[1:], y[1:]).mean()


def weighs_rows_by_length(x, y):
    """Weighs each row by the length of its target."""
    weight = y.norm(dim=1).detach()
    return (weight * _distances(x, y)).sum() / weight.sum()


def blurs_the_target(x, y):
    """Mixes a tenth of the batch's mean target into each target."""
    return _distances(x, 0.9 * y + 0.1 * y.mean(dim=0, keepdim=True)).mean()


def angle_squared(x, y):
    """Takes the squared angle between the rows."""
    cos = F.cosine_similarity(x, y, dim=1).clamp(-0.9999, 0.9999)
    return torch.arccos(cos).square().mean()
