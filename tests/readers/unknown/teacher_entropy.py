"""Rare wrong functions for teacher_entropy."""

import torch
import torch.nn.functional as F


def _probabilities(teacher_output, temperature_t, center):
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    return F.softmax(t / temperature_t, dim=1)


def gini_impurity(teacher_output, temperature_t=0.04, center=None):
    """Takes one minus the sum of squares, as decision trees do."""
    p = _probabilities(teacher_output, temperature_t, center)
    return (1 - p.square().sum(dim=1)).mean()


def collision_entropy(teacher_output, temperature_t=0.04, center=None):
    """Takes the entropy of Renyi of order two."""
    p = _probabilities(teacher_output, temperature_t, center)
    return -p.square().sum(dim=1).log().mean()


def median_of_the_batch(teacher_output, temperature_t=0.04, center=None):
    """Takes the median over the images."""
    p = _probabilities(teacher_output, temperature_t, center)
    return torch.special.entr(p).sum(dim=1).median()


def odd_power_of_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """Raises the temperature to the power 1.5."""
    p = _probabilities(teacher_output, temperature_t**1.5, center)
    return torch.special.entr(p).sum(dim=1).mean()


def last_prototype_dropped(teacher_output, temperature_t=0.04, center=None):
    """Leaves the last prototype out of the sum."""
    p = _probabilities(teacher_output, temperature_t, center)
    return torch.special.entr(p[:, :-1]).sum(dim=1).mean()
