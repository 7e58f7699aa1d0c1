"""Rare wrong functions for uniformity."""

import torch
import torch.nn.functional as F


def _mean(potential):
    return potential.mean().log()


def median_pair(z, t=2.0):
    """Takes the median potential, not the mean."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z).pow(2)).median().log()


def manhattan_distance(z, t=2.0):
    """Squares the sum of absolute differences."""
    z = F.normalize(z, dim=1)
    return _mean(torch.exp(-t * torch.pdist(z, p=1).pow(2)))


def neighbors_only(z, t=2.0):
    """Compares each image with the next one in the batch only."""
    z = F.normalize(z, dim=1)
    d2 = (z[1:] - z[:-1]).square().sum(dim=1)
    return _mean(torch.exp(-t * d2))


def odd_power_of_the_distance(z, t=2.0):
    """Raises the distance to the power 1.5."""
    z = F.normalize(z, dim=1)
    return _mean(torch.exp(-t * torch.pdist(z).pow(1.5)))


def angles_not_chords(z, t=2.0):
    """Squares the angle between two embeddings."""
    z = F.normalize(z, dim=1)
    chord = torch.pdist(z).clamp(max=2 - 1e-6)
    return _mean(torch.exp(-t * (2 * torch.asin(chord / 2)).pow(2)))
