"""Rare wrong functions for simsiam_loss."""

import torch
import torch.nn.functional as F


def _cosines(p_1, p_2, z_1, z_2):
    a = F.cosine_similarity(p_1, z_2.detach(), dim=1)
    b = F.cosine_similarity(p_2, z_1.detach(), dim=1)
    return a, b


def median_of_the_batch(p_1, p_2, z_1, z_2):
    """Takes the median over the images."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -(a.median() + b.median()) / 2


def cubes_the_cosine(p_1, p_2, z_1, z_2):
    """Raises each cosine to its third power."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -(a**3 + b**3).mean() / 2


def worse_direction(p_1, p_2, z_1, z_2):
    """Takes the smaller of the two cosines of each image."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -torch.minimum(a, b).mean()


def last_image_left_out(p_1, p_2, z_1, z_2):
    """Averages the second direction over all images but the last."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    return -(a.mean() + b[:-1].mean()) / 2


def mean_of_the_projections(p_1, p_2, z_1, z_2):
    """Lets both views predict the mean of the two projections."""
    z = (z_1 + z_2) / 2
    a, b = _cosines(p_1, p_2, z, z)
    return -(a + b).mean() / 2


def manhattan_length(p_1, p_2, z_1, z_2):
    """Scales rows so that the sum of absolute values is one."""
    p = F.normalize(torch.cat([p_1, p_2]), p=1, dim=1)
    z = F.normalize(torch.cat([z_2, z_1]).detach(), p=1, dim=1)
    return -(p * z).sum(dim=1).mean()


def angle_between(p_1, p_2, z_1, z_2):
    """Takes the angle as a share of a half turn, from -1 to 1."""
    a, b = _cosines(p_1, p_2, z_1, z_2)
    cos = torch.cat([a, b]).clamp(-1 + 1e-6, 1 - 1e-6)
    return (2 * torch.acos(cos) / torch.pi - 1).mean()
