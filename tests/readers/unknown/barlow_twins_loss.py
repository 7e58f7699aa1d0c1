"""Rare wrong functions for barlow_twins_loss."""

import torch


def _standard(z):
    std = z.std(dim=0, correction=0)
    tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
    return (z - z.mean(dim=0)) / std.masked_fill(std <= tiny, torch.inf)


def _correlation(z_1, z_2):
    return _standard(z_1).T @ _standard(z_2) / len(z_1)


def _loss(c, lambd):
    on = (1 - c.diagonal()).square().sum()
    return on + lambd * (c - torch.diag(c.diagonal())).square().sum()


def fourth_powers(z_1, z_2, lambd=0.005):
    """Raises the differences on the diagonal to the fourth power."""
    c = _correlation(z_1, z_2)
    off = (c - torch.diag(c.diagonal())).square().sum()
    return (1 - c.diagonal()).pow(4).sum() + lambd * off


def median_for_the_mean(z_1, z_2, lambd=0.005):
    """Centers on the median of each column."""
    a, b = _standard(z_1), _standard(z_2)
    a, b = a - a.median(dim=0).values, b - b.median(dim=0).values
    return _loss(a.T @ b / len(a), lambd)


def mean_absolute_deviation(z_1, z_2, lambd=0.005):
    """Divides by the mean absolute deviation."""
    a, b = _standard(z_1), _standard(z_2)
    a = a / a.abs().mean(dim=0).clamp_min(1e-6)
    b = b / b.abs().mean(dim=0).clamp_min(1e-6)
    return _loss(a.T @ b / len(a), lambd)


def last_dimension_left_out(z_1, z_2, lambd=0.005):
    """Leaves the last dimension out of both terms."""
    return _loss(_correlation(z_1, z_2)[:-1, :-1], lambd)


def one_image_dropped(z_1, z_2, lambd=0.005):
    """Sums over all images but the first, after standardizing."""
    a, b = _standard(z_1), _standard(z_2)
    return _loss(a[1:].T @ b[1:] / len(a), lambd)


def squashes_the_values(z_1, z_2, lambd=0.005):
    """Squashes the values with a hyperbolic tangent before correlating."""
    a, b = torch.tanh(_standard(z_1)), torch.tanh(_standard(z_2))
    return _loss(_standard(a).T @ _standard(b) / len(a), lambd)


def largest_redundancy_of_each_row(z_1, z_2, lambd=0.005):
    """Adds only the largest square of each row."""
    c = _correlation(z_1, z_2)
    off = (c - torch.diag(c.diagonal())).square().amax(dim=1).sum()
    return (1 - c.diagonal()).square().sum() + lambd * off


def root_of_lambda(z_1, z_2, lambd=0.005):
    """Takes the root of the weight."""
    return _loss(_correlation(z_1, z_2), lambd**0.5)
