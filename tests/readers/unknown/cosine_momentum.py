"""Rare wrong functions for cosine_momentum."""

import math


def _rise(step, total_steps):
    return (1 - math.cos(math.pi * step / total_steps)) / 2


def cosine_to_the_power(step, total_steps, base):
    """Raises the cosine rise to the power 1.5."""
    return base + (1 - base) * _rise(step, total_steps) ** 1.5


def slow_middle(step, total_steps, base):
    """Follows the rise of the rise: a steeper middle."""
    return base + (1 - base) * _rise(_rise(step, total_steps), 1)


def stops_short(step, total_steps, base):
    """Stops at a tenth of the way to 1."""
    return base + 0.9 * (1 - base) * _rise(step, total_steps)


def stairs(step, total_steps, base):
    """Moves in ten stairs."""
    stair = math.floor(10 * step / total_steps) / 10
    return base + (1 - base) * _rise(stair, 1)


def geometric_mean(step, total_steps, base):
    """Blends base and 1 by powers, not by shares."""
    return base ** (1 - _rise(step, total_steps))


def mean_with_the_line(step, total_steps, base):
    """Averages the cosine and the straight line."""
    share = 0.5 * (_rise(step, total_steps) + step / total_steps)
    return base + (1 - base) * share
