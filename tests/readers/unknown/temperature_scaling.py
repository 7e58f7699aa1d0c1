"""Rare wrong functions for temperature_scaling."""

import math

import torch


def to_the_power_one_and_a_half(logits, temperature):
    """Divides by the temperature to the power 1.5."""
    return logits / temperature**1.5


def saturates(logits, temperature):
    """Squashes the scaled logits with a tanh of height 30."""
    return 30 * torch.tanh(logits / (30 * temperature))


def first_row_only(logits, temperature):
    """Scales the first row and leaves the others as they are."""
    head, rest = logits[:1], logits[1:]
    return torch.cat([head / temperature, rest])


def cools_with_a_logarithm(logits, temperature):
    """Divides by one plus the logarithm of the temperature, in size."""
    return logits / (1 + abs(math.log(temperature)))


def drops_small_logits(logits, temperature):
    """Sets scaled logits of size below a tenth to zero."""
    scaled = logits / temperature
    return torch.where(scaled.abs() < 0.1, torch.zeros_like(scaled), scaled)


def average_with_the_logits(logits, temperature):
    """Returns the mean of the scaled and the unscaled logits."""
    return 0.5 * (logits + logits / temperature)
