"""Correct functions for linear_warmup in many styles."""

import bisect
import math
from fractions import Fraction

import numpy as np
import torch


def two_branches(step, warmup_steps, start, end):
    """Walks the line, then stays."""
    if step < warmup_steps:
        return start + (end - start) * step / warmup_steps
    return end


def weighted_mean(k, K, a, b):
    """Weighs start and end by the share of the warm-up, and has other names."""
    if k >= K:
        return b
    t = k / K
    return (1 - t) * a + t * b


def clamped_share(step, warmup_steps, start, end):
    """Clamps the share, which is 1 without warm-up steps."""
    t = min(1.0, step / warmup_steps) if warmup_steps > 0 else 1.0
    return start + t * (end - start)


def back_from_the_end(step, warmup_steps, start, end):
    """Measures what is left of the way to the end."""
    left = max(warmup_steps - step, 0)
    return end - (end - start) * left / max(warmup_steps, 1)


def one_line(s, w, lo, hi):
    """Is one conditional expression."""
    return hi if s >= w else (lo * (w - s) + hi * s) / w


def numpy_inside(step, warmup_steps, start, end):
    """Lets numpy interpolate and hands back a Python number."""
    if warmup_steps == 0:
        return end
    return float(np.interp(step, [0, warmup_steps], [start, end]))


def torch_inside(step, warmup_steps, start, end):
    """Lets torch.lerp draw the line in float64 and hands back a Python number."""
    a, b = torch.tensor([start, end], dtype=torch.float64)
    t = 1.0 if step >= warmup_steps else step / warmup_steps
    return torch.lerp(a, b, t).item()


def looks_up_a_table(step, warmup_steps, start, end):
    """Builds the schedule and looks one value up; the last one holds."""
    table = torch.linspace(start, end, warmup_steps + 1, dtype=torch.float64).tolist()
    table[-1] = end  # linspace of one point gives start
    return table[min(int(step), warmup_steps)]


def exact_fractions(step, warmup_steps, start, end):
    """Computes with fractions, without rounding."""
    if step >= warmup_steps:
        return float(end)
    share = Fraction(step) / Fraction(warmup_steps)
    return float(Fraction(start) + (Fraction(end) - Fraction(start)) * share)


def positional_only(i, n, x0, x1, /):
    """Takes its arguments by position only."""
    try:
        t = i / n
    except ZeroDivisionError:
        t = 1
    return x1 if t >= 1 else x0 + (x1 - x0) * t


def keyword_only(*, step, warmup_steps, start=0.04, end=0.07):
    """Takes its arguments by keyword only."""
    if warmup_steps <= step:
        return end
    slope = (end - start) / warmup_steps
    return start + slope * step


def with_a_helper(step, warmup_steps, start, end, power=1.0):
    """Hands the shape to a nested function and has one option more."""

    def share():
        if step >= warmup_steps:
            return 1.0
        return (step / warmup_steps) ** power

    s = share()
    return start * (1.0 - s) + end * s


def adds_up_the_steps(step, warmup_steps, start, end):
    """Takes the steps one by one and sums them without loss."""
    if step >= warmup_steps:
        return end
    return math.fsum([start] + [(end - start) / warmup_steps] * int(step))


def two_points(step, warmup_steps, start, end):
    """Finds the piece of the broken line, then the point on it."""
    piece = bisect.bisect_right([0, warmup_steps], step)
    if piece == 2:
        return end
    (x_0, y_0), (x_1, y_1) = (0, start), (warmup_steps, end)
    return (y_0 * (x_1 - step) + y_1 * (step - x_0)) / (x_1 - x_0)


class _Warmup:
    """Keeps nothing: an object that is called like a function."""

    def __call__(self, iteration, length, first, last):
        warm = iteration < length
        return first + (last - first) * iteration / length if warm else last


callable_object = _Warmup()
