"""Rare wrong functions for embedding_std."""

import torch
import torch.nn.functional as F


def mean_absolute_deviation(z):
    """Takes the mean absolute deviation, not the root of squares."""
    z = F.normalize(z, dim=1)
    return (z - z.mean(dim=0)).abs().mean() * z.shape[1] ** 0.5


def median_dimension(z):
    """Takes the median over the dimensions."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, correction=0).median() * z.shape[1] ** 0.5


def first_row_dropped(z):
    """Leaves the first embedding out of the deviation."""
    z = F.normalize(z, dim=1)
    return z[1:].std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


def root_of_d_minus_one(z):
    """Uses the degrees of freedom of the sphere, D - 1."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, correction=0).mean() * (z.shape[1] - 1) ** 0.5


def geometric_mean_of_the_dimensions(z):
    """Averages the logarithms of the deviations."""
    z = F.normalize(z, dim=1)
    log_std = torch.log(z.std(dim=0, correction=0) + 1e-12)
    return log_std.mean().exp() * z.shape[1] ** 0.5
