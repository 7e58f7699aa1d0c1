"""Correct functions for cosine_momentum in many styles."""

import cmath
import math

import numpy as np
import torch


def as_in_the_paper(step, total_steps, base):
    """Follows the equation of BYOL."""
    return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2


def start_plus_rise(k, K, tau_base):
    """Adds the risen share to the base."""
    rise = 0.5 * (1 - math.cos(math.pi * k / K))
    return tau_base + (1 - tau_base) * rise


def half_angle(step, total_steps, base):
    """Uses cos squared of half the angle."""
    return 1 - (1 - base) * math.cos(0.5 * math.pi * step / total_steps) ** 2


def sine_squared(step, total_steps, base):
    """Uses sine squared of half the angle."""
    s = math.sin(math.pi * step / (2 * total_steps))
    return base + (1 - base) * s * s


def annealing_form(step, total_steps, base, end=1.0):
    """Writes it as the usual annealing from one value to another."""
    return end + 0.5 * (base - end) * (1 + math.cos(math.pi * step / total_steps))


def weighted_mean(step, total_steps, base):
    """Weighs base and 1 by the shares of the cosine."""
    w = (1 + math.cos(math.pi * step / total_steps)) / 2
    return w * base + (1 - w) * 1.0


def numpy_inside(step, total_steps, base):
    """Uses numpy and hands back a Python number."""
    return float(1 - (1 - base) * (np.cos(np.pi * step / total_steps) + 1) / 2)


def torch_inside(step, total_steps, base):
    """Uses a float64 tensor and hands back a Python number."""
    angle = torch.tensor(math.pi * step / total_steps, dtype=torch.float64)
    return (1 - (1 - base) * (angle.cos() + 1) / 2).item()


def looks_up_a_table(step, total_steps, base):
    """Builds the schedule of all steps and looks one up."""
    ks = torch.linspace(0, math.pi, total_steps + 1, dtype=torch.float64)
    table = (1 - (1 - base) * (ks.cos() + 1) / 2).tolist()
    return table[step]


def keyword_only(*, step, total_steps, base=0.996):
    """Takes its arguments by keyword only."""
    progress = step / total_steps
    return 1.0 - (1.0 - base) * (1.0 + math.cos(math.pi * progress)) / 2.0


def positional_only(k, n, m, /):
    """Takes its arguments by position only."""
    return 1 - (1 - m) / 2 - (1 - m) / 2 * math.cos(k * math.pi / n)


def complex_wave(step, total_steps, base):
    """Takes the real part of a point on the unit circle."""
    wave = cmath.exp(1j * math.pi * step / total_steps).real
    return 1 - (1 - base) * (wave + 1) / 2


def with_a_helper(step, total_steps, base, final=1.0):
    """Hands the shape of the curve to a nested function."""

    def cosine_ramp(t):
        return (1 - math.cos(math.pi * min(max(t, 0.0), 1.0))) / 2

    return base + (final - base) * cosine_ramp(step / total_steps)


class _Schedule:
    """Keeps nothing: an object that is called like a function."""

    def __call__(self, iteration, max_iterations, momentum):
        decay = (math.cos(math.pi * iteration / max_iterations) + 1) / 2
        return 1 - decay * (1 - momentum)


callable_object = _Schedule()
