"""Rare wrong functions for alignment."""

import torch
import torch.nn.functional as F


def _distances(z_1, z_2):
    return (F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)).norm(dim=1)


def median_pair(z_1, z_2, alpha=2.0):
    """Takes the median over the pairs, not the mean."""
    return _distances(z_1, z_2).pow(alpha).median()


def odd_exponent(z_1, z_2, alpha=2.0):
    """Adds a half to the exponent."""
    return _distances(z_1, z_2).pow(alpha + 0.5).mean()


def last_pair_left_out(z_1, z_2, alpha=2.0):
    """Averages over all pairs but the last."""
    return _distances(z_1, z_2)[:-1].pow(alpha).mean()


def angles_not_chords(z_1, z_2, alpha=2.0):
    """Raises the angle to the power, not the chord."""
    chord = _distances(z_1, z_2).clamp(max=2 - 1e-6)
    return (2 * torch.asin(chord / 2)).pow(alpha).mean()


def farthest_entry(z_1, z_2, alpha=2.0):
    """Takes the largest difference of two entries as the distance."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.abs().amax(dim=1).pow(alpha).mean()


def manhattan_length(z_1, z_2, alpha=2.0):
    """Scales rows so that the sum of absolute values is one."""
    gap = F.normalize(z_1, p=1, dim=1) - F.normalize(z_2, p=1, dim=1)
    return gap.norm(dim=1).pow(alpha).mean()


def weighted_by_length(z_1, z_2, alpha=2.0):
    """Weighs each pair by the length of its first embedding."""
    weight = z_1.norm(dim=1)
    weight = weight / weight.sum().clamp_min(1e-12)
    return (weight * _distances(z_1, z_2).pow(alpha)).sum()


def centers_before_scaling(z_1, z_2, alpha=2.0):
    """Subtracts the mean of both views before scaling."""
    mean = torch.cat([z_1, z_2]).mean(dim=0)
    return _distances(z_1 - mean, z_2 - mean).pow(alpha).mean()
