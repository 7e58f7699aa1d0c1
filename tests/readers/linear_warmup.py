"""Functions that readers write for ``linear_warmup``: right, wrong and rare ones."""

import math
from fractions import Fraction

import numpy as np
import torch
from proofs.readers import rare, right, wrong


@right
def two_branches(step, warmup_steps, start, end):
    """Walks the line, then stays."""
    if step < warmup_steps:
        return start + (end - start) * step / warmup_steps
    return end


@right
def weighted_mean(k, K, a, b):
    """Weighs start and end by the share of the warm-up, and has other names."""
    if k >= K:
        return b
    t = k / K
    return (1 - t) * a + t * b


@right
def clamped_share(step, warmup_steps, start, end):
    """Clamps the share, which is 1 without warm-up steps."""
    t = min(1.0, step / warmup_steps) if warmup_steps > 0 else 1.0
    return start + t * (end - start)


@right
def back_from_the_end(step, warmup_steps, start, end):
    """Measures what is left of the way to the end."""
    left = max(warmup_steps - step, 0)
    return end - (end - start) * left / max(warmup_steps, 1)


@right
def one_line(s, w, lo, hi):
    """Is one conditional expression."""
    return hi if s >= w else (lo * (w - s) + hi * s) / w


@right
def numpy_inside(step, warmup_steps, start, end):
    """Lets numpy interpolate and hands back a Python number."""
    if warmup_steps == 0:
        return end
    return float(np.interp(step, [0, warmup_steps], [start, end]))


@right
def torch_inside(step, warmup_steps, start, end):
    """Lets torch.lerp draw the line in float64 and hands back a Python number."""
    a, b = torch.tensor([start, end], dtype=torch.float64)
    t = 1.0 if step >= warmup_steps else step / warmup_steps
    return torch.lerp(a, b, t).item()


@right
def looks_up_a_table(step, warmup_steps, start, end):
    """Builds the schedule and looks one value up; the last one holds."""
    table = torch.linspace(start, end, warmup_steps + 1, dtype=torch.float64).tolist()
    table[-1] = end  # linspace of one point gives start
    return table[min(int(step), warmup_steps)]


@right
def exact_fractions(step, warmup_steps, start, end):
    """Computes with fractions, without rounding."""
    if step >= warmup_steps:
        return float(end)
    share = Fraction(step) / Fraction(warmup_steps)
    return float(Fraction(start) + (Fraction(end) - Fraction(start)) * share)


@right
def adds_up_the_steps(step, warmup_steps, start, end):
    """Takes the steps one by one and sums them without loss."""
    if step >= warmup_steps:
        return end
    return math.fsum([start] + [(end - start) / warmup_steps] * int(step))


@wrong("not clamped: the line goes on behind the warm-up")
def goes_on_for_ever(step, warmup_steps, start, end):
    if warmup_steps == 0:
        return end
    return start + (end - start) * step / warmup_steps


@wrong("off by one: one step ahead, so nothing starts at start")
def counts_from_one(step, warmup_steps, start, end):
    if step + 1 >= warmup_steps:
        return end
    return start + (end - start) * (step + 1) / warmup_steps


@wrong("ignores start: rises from 0")
def from_zero(step, warmup_steps, start, end):
    if step < warmup_steps:
        return end * step / warmup_steps
    return end


@wrong("end where end - start belongs")
def adds_the_end(step, warmup_steps, start, end):
    if step < warmup_steps:
        return start + end * step / warmup_steps
    return end


@wrong("raises without warm-up steps: divides by zero")
def division_by_zero(step, warmup_steps, start, end):
    t = min(step / warmup_steps, 1.0)
    return (1 - t) * start + t * end


@wrong("returns the table of all steps, not one value")
def returns_the_table(step, warmup_steps, start, end):
    return np.linspace(start, end, warmup_steps + 1)


@wrong("min(value, end): jumps to the end where the line falls")
def clamped_by_min(step, warmup_steps, start, end):
    if warmup_steps == 0:
        return end
    return min(start + (end - start) * step / warmup_steps, end)


@wrong("clamps between start and end: always end where the line falls")
def clamped_between(step, warmup_steps, start, end):
    slope = (end - start) / max(warmup_steps, 1)
    value = start + slope * step if warmup_steps else end
    return min(max(value, start), end)


@wrong("start, then end: a jump, no line")
def jump(step, warmup_steps, start, end):
    return start if step < warmup_steps else end


@wrong("brackets: start + end - start * step / warmup_steps")
def brackets_slip(step, warmup_steps, start, end):
    if step >= warmup_steps:
        return end
    return start + end - start * step / warmup_steps


@wrong("starts anew: step modulo warmup_steps")
def restarts(step, warmup_steps, start, end):
    if warmup_steps == 0:
        return end
    return start + (end - start) * (step % warmup_steps) / warmup_steps


@wrong("start, not end, without warm-up steps")
def start_without_warmup(step, warmup_steps, start, end):
    t = min(step / max(warmup_steps, 1), 1)
    return start + (end - start) * t


def _share(step, warmup_steps):
    return 1.0 if step >= warmup_steps else step / warmup_steps


@rare
def power_one_and_a_half(step, warmup_steps, start, end):
    """Raises the share to the power 1.5."""
    return start + (end - start) * _share(step, warmup_steps) ** 1.5


@rare
def saturates(step, warmup_steps, start, end):
    """Bends the line with a hyperbolic tangent that reaches the end."""
    t = math.tanh(2 * _share(step, warmup_steps)) / math.tanh(2)
    return start + (end - start) * t


@rare
def ten_percent_short(step, warmup_steps, start, end):
    """Stops at nine tenths of the way."""
    return start + 0.9 * (end - start) * _share(step, warmup_steps)


@rare
def warmup_twice_as_long(step, warmup_steps, start, end):
    """Lets the warm-up take twice as many steps."""
    return start + (end - start) * _share(step, 2 * warmup_steps)
