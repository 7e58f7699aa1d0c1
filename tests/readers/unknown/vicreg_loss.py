"""Rare wrong functions for vicreg_loss."""

import torch
import torch.nn.functional as F


def _parts(z, power=2):
    z = z - z.mean(dim=0)
    c = z.T @ z / (len(z) - 1)
    off = c - torch.diag(c.diagonal())
    hinge = F.relu(1 - torch.sqrt(c.diagonal() + 1e-4))
    return hinge, off.abs().pow(power).sum() / len(c)


def worst_dimension_only(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Takes the largest gap of a dimension, not the mean."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.max() + h_2.max()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


def fourth_powers(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Squares the covariances twice."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1, 4), _parts(z_2, 4)
    spread = (h_1.mean() + h_2.mean()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


def neighbors_only(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Looks at the covariance of each dimension with the next one only."""
    cov = 0
    spread = 0
    for z in (z_1, z_2):
        centered = z - z.mean(dim=0)
        c = centered.T @ centered / (len(z) - 1)
        cov = cov + 2 * c.diagonal(1).square().sum() / len(c)
        spread = spread + _parts(z)[0].mean() / 2
    return invariance * F.mse_loss(z_1, z_2) + variance * spread + covariance * cov


def squared_hinge(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Squares the hinge, as support vector machines may."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.square().mean() + h_2.square().mean()) / 2
    sim = F.mse_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)


def smooth_distance(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Uses the smooth absolute difference, which ends the squares at 1."""
    (h_1, c_1), (h_2, c_2) = _parts(z_1), _parts(z_2)
    spread = (h_1.mean() + h_2.mean()) / 2
    sim = 2 * F.smooth_l1_loss(z_1, z_2)
    return invariance * sim + variance * spread + covariance * (c_1 + c_2)
