"""Functions that readers write for ``cosine_momentum``: right, wrong and rare ones."""

import math

import numpy as np
import torch
from proofs.readers import by_position, rare, right, wrong


@right
def as_in_the_paper(step, total_steps, base):
    """Follows the equation of BYOL."""
    return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2


@right
def start_plus_rise(k, K, tau_base):
    """Adds the risen share to the base."""
    rise = 0.5 * (1 - math.cos(math.pi * k / K))
    return tau_base + (1 - tau_base) * rise


@right
def half_angle(step, total_steps, base):
    """Uses cos squared of half the angle."""
    return 1 - (1 - base) * math.cos(0.5 * math.pi * step / total_steps) ** 2


@right
def sine_squared(step, total_steps, base):
    """Uses sine squared of half the angle."""
    s = math.sin(math.pi * step / (2 * total_steps))
    return base + (1 - base) * s * s


@right
def annealing_form(step, total_steps, base, end=1.0):
    """Writes it as the usual annealing from one value to another."""
    return end + 0.5 * (base - end) * (1 + math.cos(math.pi * step / total_steps))


@right
def weighted_mean(step, total_steps, base):
    """Weighs base and 1 by the shares of the cosine."""
    w = (1 + math.cos(math.pi * step / total_steps)) / 2
    return w * base + (1 - w) * 1.0


@right
def numpy_inside(step, total_steps, base):
    """Uses numpy and hands back a Python number."""
    return float(1 - (1 - base) * (np.cos(np.pi * step / total_steps) + 1) / 2)


@right
def torch_inside(step, total_steps, base):
    """Uses a float64 tensor and hands back a Python number."""
    angle = torch.tensor(math.pi * step / total_steps, dtype=torch.float64)
    return (1 - (1 - base) * (angle.cos() + 1) / 2).item()


@right
def keyword_only(*, step, total_steps, base=0.996):
    """Takes its arguments by keyword only."""
    progress = step / total_steps
    return 1.0 - (1.0 - base) * (1.0 + math.cos(math.pi * progress)) / 2.0


by_position(__name__, "k n m")


@wrong("wrong sign in the cosine: starts at 1, ends at base")
def falls_instead_of_rising(step, total_steps, base):
    return 1 - (1 - base) * (1 - math.cos(math.pi * step / total_steps)) / 2


@wrong("pi is missing in the cosine")
def forgets_pi(step, total_steps, base):
    return 1 - (1 - base) * (math.cos(step / total_steps) + 1) / 2


@wrong("a whole cosine wave: back at base in the end")
def two_pi(step, total_steps, base):
    return 1 - (1 - base) * (math.cos(2 * math.pi * step / total_steps) + 1) / 2


@wrong("the division by 2 is missing: starts below base")
def forgets_the_half(step, total_steps, base):
    return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1)


@wrong("the + 1 in the bracket is missing")
def forgets_the_plus_one(step, total_steps, base):
    return 1 - (1 - base) * math.cos(math.pi * step / total_steps) / 2


@wrong("linear, no cosine")
def linear(step, total_steps, base):
    return base + (1 - base) * step / total_steps


@wrong("counts from 1: one step ahead")
def off_by_one_start(step, total_steps, base):
    return 1 - (1 - base) * (math.cos(math.pi * (step + 1) / total_steps) + 1) / 2


@wrong("learning-rate schedule: falls from base to 0")
def anneals_base_to_zero(step, total_steps, base):
    return base * 0.5 * (1 + math.cos(math.pi * step / total_steps))


@wrong("base times the cosine rise")
def product_with_base(step, total_steps, base):
    return base + base * (1 - math.cos(math.pi * step / total_steps)) / 2


def _rise(step, total_steps):
    return (1 - math.cos(math.pi * step / total_steps)) / 2


@rare
def cosine_to_the_power(step, total_steps, base):
    """Raises the cosine rise to the power 1.5."""
    return base + (1 - base) * _rise(step, total_steps) ** 1.5


@rare
def slow_middle(step, total_steps, base):
    """Follows the rise of the rise: a steeper middle."""
    return base + (1 - base) * _rise(_rise(step, total_steps), 1)


@rare
def stops_short(step, total_steps, base):
    """Stops at a tenth of the way to 1."""
    return base + 0.9 * (1 - base) * _rise(step, total_steps)


@rare
def geometric_mean(step, total_steps, base):
    """Blends base and 1 by powers, not by shares."""
    return base ** (1 - _rise(step, total_steps))
