"""Rare wrong functions for effective_rank."""

import torch


def _entropy(s):
    return torch.special.entr(s / s.sum()).sum()


def centers_on_the_median(z):
    """Subtracts the median row."""
    s = torch.linalg.svdvals(z - z.median(dim=0).values)
    return _entropy(s).exp()


def largest_direction_dropped(z):
    """Leaves the first singular value out, as some do for the common part."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s[1:]).exp()


def root_of_the_spectrum(z):
    """Takes the root of the singular values, for they are thought of as squares."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s.clamp_min(1e-12).sqrt()).exp()


def first_row_is_the_origin(z):
    """Subtracts the first row, not the mean."""
    s = torch.linalg.svdvals(z[1:] - z[:1])
    return _entropy(s).exp()
