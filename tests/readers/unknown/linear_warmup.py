"""Rare wrong functions for linear_warmup."""

import math


def _share(step, warmup_steps):
    return 1.0 if step >= warmup_steps else step / warmup_steps


def power_one_and_a_half(step, warmup_steps, start, end):
    """Raises the share to the power 1.5."""
    return start + (end - start) * _share(step, warmup_steps) ** 1.5


def saturates(step, warmup_steps, start, end):
    """Bends the line with a hyperbolic tangent that reaches the end."""
    t = math.tanh(2 * _share(step, warmup_steps)) / math.tanh(2)
    return start + (end - start) * t


def ten_percent_short(step, warmup_steps, start, end):
    """Stops at nine tenths of the way."""
    return start + 0.9 * (end - start) * _share(step, warmup_steps)


def harmonic_mean(step, warmup_steps, start, end):
    """Draws the line between the inverses of start and end."""
    t = _share(step, warmup_steps)
    if start * end <= 0:
        return t * end
    return 1 / ((1 - t) / start + t / end)


def waits_for_a_third(step, warmup_steps, start, end):
    """Stays at start for a third of the warm-up."""
    t = max(0.0, 1.5 * _share(step, warmup_steps) - 0.5)
    return start + (end - start) * t


def three_stairs(step, warmup_steps, start, end):
    """Moves in three stairs."""
    t = math.floor(3 * _share(step, warmup_steps)) / 3
    return start + (end - start) * t


def warmup_twice_as_long(step, warmup_steps, start, end):
    """Lets the warm-up take twice as many steps."""
    return start + (end - start) * _share(step, 2 * warmup_steps)
