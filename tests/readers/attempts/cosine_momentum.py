"""Honest wrong attempts at cosine_momentum."""

import math

import numpy as np
import torch

EXPECTED: dict[str, str] = {
    "falls_instead_of_rising": "wrong sign in the cosine: starts at 1, ends at base",
    "forgets_pi": "pi is missing in the cosine",
    "two_pi": "a whole cosine wave: back at base in the end",
    "quarter_wave": "a quarter of the wave (pi / 2), not half of it",
    "forgets_the_half": "the division by 2 is missing: starts below base",
    "forgets_the_plus_one": "the + 1 in the bracket is missing",
    "degrees": "degrees where radians are asked: 180 for pi",
    "linear": "linear, no cosine",
    "off_by_one_end": "reaches 1 one step early: total_steps - 1",
    "off_by_one_start": "counts from 1: one step ahead",
    "whole_number_division": "// instead of /: stays at base until the last step",
    "anneals_base_to_zero": "learning-rate schedule: falls from base to 0",
    "rises_from_zero": "rises from 0 to base, not from base to 1",
    "brackets_slip": "brackets: 1 - (1 - base) * cos + 1 / 2",
    "no_one_minus": "base where 1 - base belongs",
    "swaps_steps": "step and total_steps are swapped in the quotient",
    "product_with_base": "base times the cosine rise",
    "sine_wave": "sine where the cosine is asked",
    "returns_a_tensor": "convention: returns a tensor, no Python number",
    "returns_numpy": "convention: returns a numpy number, no Python number",
    "returns_the_table": "returns the table of all steps, not one value",
    "forgets_to_return": "returns None",
    "rounds": "rounds to two digits: 0.996 becomes 1.0",
    "minimum_of_both": "clamped at base: never rises",
    "warm_restarts": "starts anew: step modulo total_steps, so ends at base",
    "epochs_of_hundred": "counts in hundreds of steps",
    "exponential_rise": "exponential, no cosine",
    "remembers_the_last": "mutable state: counts calls and ignores step",
    "one_minus_momentum": "returns 1 - m, the share of the online network",
    "pi_and_half": "two: no division by 2, and falls instead of rising",
    "raises_at_start": "raises at step 0: divides by step",
}


def falls_instead_of_rising(step, total_steps, base):
    """Believes the cosine rises from step 0."""
    return 1 - (1 - base) * (1 - math.cos(math.pi * step / total_steps)) / 2


def forgets_pi(step, total_steps, base):
    """Believes the cosine takes the fraction of training."""
    return 1 - (1 - base) * (math.cos(step / total_steps) + 1) / 2


def two_pi(step, total_steps, base):
    """Believes a schedule runs over a full wave."""
    return 1 - (1 - base) * (math.cos(2 * math.pi * step / total_steps) + 1) / 2


def quarter_wave(step, total_steps, base):
    """Believes the cosine falls to zero at the end, so that is enough."""
    return 1 - (1 - base) * math.cos(0.5 * math.pi * step / total_steps)


def forgets_the_half(step, total_steps, base):
    """Believes the bracket runs from 1 to 0."""
    return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1)


def forgets_the_plus_one(step, total_steps, base):
    """Believes a cosine is never negative."""
    return 1 - (1 - base) * math.cos(math.pi * step / total_steps) / 2


def degrees(step, total_steps, base):
    """Believes math.cos takes degrees."""
    return 1 - (1 - base) * (math.cos(180 * step / total_steps) + 1) / 2


def linear(step, total_steps, base):
    """Believes a straight line is near enough."""
    return base + (1 - base) * step / total_steps


def off_by_one_end(step, total_steps, base):
    """Believes the last step is total_steps - 1."""
    progress = step / (total_steps - 1)
    return 1 - (1 - base) * (math.cos(math.pi * progress) + 1) / 2


def off_by_one_start(step, total_steps, base):
    """Believes steps are counted from 1."""
    return 1 - (1 - base) * (math.cos(math.pi * (step + 1) / total_steps) + 1) / 2


def whole_number_division(step, total_steps, base):
    """Believes // is the division of whole numbers."""
    return 1 - (1 - base) * (math.cos(math.pi * (step // total_steps)) + 1) / 2


def anneals_base_to_zero(step, total_steps, base):
    """Believes the learning rate's schedule serves the momentum as well."""
    return base * 0.5 * (1 + math.cos(math.pi * step / total_steps))


def rises_from_zero(step, total_steps, base):
    """Believes base is where the momentum ends."""
    return base * (1 - math.cos(math.pi * step / total_steps)) / 2


def brackets_slip(step, total_steps, base):
    """Believes + 1 / 2 halves the whole bracket."""
    return 1 - (1 - base) * math.cos(math.pi * step / total_steps) + 1 / 2


def no_one_minus(step, total_steps, base):
    """Believes base is the height of the wave."""
    return 1 - base * (math.cos(math.pi * step / total_steps) + 1) / 2


def swaps_steps(step, total_steps, base):
    """Believes the total stands above the line."""
    fraction = total_steps / step if step else 0.0
    return 1 - (1 - base) * (math.cos(math.pi * fraction) + 1) / 2


def product_with_base(step, total_steps, base):
    """Believes the momentum is base plus a cosine share of base."""
    return base + base * (1 - math.cos(math.pi * step / total_steps)) / 2


def sine_wave(step, total_steps, base):
    """Believes a sine that rises from zero is the same."""
    return base + (1 - base) * math.sin(math.pi * step / total_steps)


def returns_a_tensor(step, total_steps, base):
    """Believes torch.cos wants a tensor, so gives one back."""
    k = torch.tensor(step / total_steps, dtype=torch.float64)
    return 1 - (1 - base) * (torch.cos(torch.pi * k) + 1) / 2


def returns_numpy(step, total_steps, base):
    """Believes numpy numbers are numbers."""
    return 1 - (1 - base) * (np.cos(np.pi * step / total_steps) + 1) / 2


def returns_the_table(step, total_steps, base):
    """Believes the schedule is an array to be indexed later."""
    iters = np.arange(total_steps)
    return 1 - 0.5 * (1 - base) * (1 + np.cos(np.pi * iters / len(iters)))


def forgets_to_return(step, total_steps, base):
    """Believes an assignment is enough."""
    momentum = 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2
    print(f"step {step}: m = {momentum:.4f}")


def rounds(step, total_steps, base):
    """Believes two digits are enough."""
    return round(1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2, 2)


def minimum_of_both(step, total_steps, base):
    """Believes the momentum must not leave base."""
    m = 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2
    return min(m, base)


def warm_restarts(step, total_steps, base):
    """Believes step may go on counting and wraps it."""
    t = step % total_steps
    return 1 - (1 - base) * (math.cos(math.pi * t / total_steps) + 1) / 2


def epochs_of_hundred(step, total_steps, base):
    """Believes the momentum changes once an epoch of a hundred steps."""
    epoch, epochs = step // 100, max(total_steps // 100, 1)
    return 1 - (1 - base) * (math.cos(math.pi * epoch / epochs) + 1) / 2


def exponential_rise(step, total_steps, base):
    """Believes the gap to 1 shrinks exponentially."""
    return 1 - (1 - base) * math.exp(-5 * step / total_steps)


_calls = 0


def remembers_the_last(step, total_steps, base):
    """Believes the function should count its own calls."""
    global _calls
    k = min(_calls, total_steps)
    _calls += 1
    return 1 - (1 - base) * (math.cos(math.pi * k / total_steps) + 1) / 2


def one_minus_momentum(step, total_steps, base):
    """Believes the schedule gives the rate of the update."""
    return (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2


def pi_and_half(step, total_steps, base):
    """Believes base + (1 - base) (1 + cos) rises."""
    return base + (1 - base) * (1 + math.cos(math.pi * step / total_steps))


def raises_at_start(step, total_steps, base):
    """Believes the inverse fraction is the handier one."""
    inverse = total_steps / step
    return 1 - (1 - base) * (math.cos(math.pi / inverse) + 1) / 2
