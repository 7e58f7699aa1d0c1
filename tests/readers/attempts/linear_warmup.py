"""Honest wrong attempts at linear_warmup."""

import math

import numpy as np
import torch

EXPECTED: dict[str, str] = {
    "goes_on_for_ever": "not clamped: the line goes on behind the warm-up",
    "last_step_is_one_less": "convention: reaches the end one step early (DINO's code)",
    "counts_from_one": "off by one: one step ahead, so nothing starts at start",
    "whole_number_division": "// instead of /: stays at start until the end",
    "ends_swapped": "start and end are swapped",
    "from_zero": "ignores start: rises from 0",
    "adds_the_end": "end where end - start belongs",
    "division_by_zero": "raises without warm-up steps: divides by zero",
    "back_to_start": "returns start behind the warm-up",
    "half_cosine": "half a cosine, no line",
    "geometric": "geometric, no line",
    "returns_a_tensor": "convention: returns a tensor, no Python number",
    "returns_numpy": "convention: returns a numpy number, no Python number",
    "returns_the_table": "returns the table of all steps, not one value",
    "index_out_of_the_table": "two: one step early, and raises behind the warm-up",
    "nothing_afterwards": "returns None behind the warm-up",
    "clamped_by_min": "min(value, end): jumps to the end where the line falls",
    "clamped_between": "clamps between start and end: always end where the line falls",
    "jump": "start, then end: a jump, no line",
    "brackets_slip": "brackets: start + end - start * step / warmup_steps",
    "restarts": "starts anew: step modulo warmup_steps",
    "falls_again": "falls again behind the warm-up: a triangle",
    "rounds": "rounds to two digits: 0.04 to 0.07 in four stairs",
    "remembers_the_last": "mutable state: counts calls and ignores step",
    "start_without_warmup": "start, not end, without warm-up steps",
    "share_instead_of_value": "returns the share of the warm-up, from 0 to 1",
    "steps_swapped": "step and warmup_steps are swapped in the quotient",
    "forgets_to_return": "returns None",
    "numpy_has_no_lerp": "raises: numpy has no lerp",
}


def goes_on_for_ever(step, warmup_steps, start, end):
    """Believes nobody asks behind the warm-up."""
    if warmup_steps == 0:
        return end
    return start + (end - start) * step / warmup_steps


def last_step_is_one_less(step, warmup_steps, start, end):
    """Believes the warm-up counts from 0 to warmup_steps - 1."""
    if step >= warmup_steps:
        return end
    if warmup_steps == 1:
        return start
    return start + (end - start) * step / (warmup_steps - 1)


def counts_from_one(step, warmup_steps, start, end):
    """Believes the first step is step 1."""
    if step + 1 >= warmup_steps:
        return end
    return start + (end - start) * (step + 1) / warmup_steps


def whole_number_division(step, warmup_steps, start, end):
    """Believes // is the division of whole numbers."""
    if step > warmup_steps or warmup_steps == 0:
        return end
    return start + (end - start) * (step // warmup_steps)


def ends_swapped(step, warmup_steps, start, end):
    """Believes the share of the warm-up is the share of start."""
    if step >= warmup_steps:
        return start
    t = step / warmup_steps
    return t * start + (1 - t) * end


def from_zero(step, warmup_steps, start, end):
    """Believes a warm-up rises from zero, like that of a learning rate."""
    if step < warmup_steps:
        return end * step / warmup_steps
    return end


def adds_the_end(step, warmup_steps, start, end):
    """Believes start is the offset and end the height."""
    if step < warmup_steps:
        return start + end * step / warmup_steps
    return end


def division_by_zero(step, warmup_steps, start, end):
    """Believes there is always a warm-up."""
    t = min(step / warmup_steps, 1.0)
    return (1 - t) * start + t * end


def back_to_start(step, warmup_steps, start, end):
    """Believes start is the value to fall back to."""
    value = start
    if step < warmup_steps:
        value = start + (end - start) * step / warmup_steps
    return value


def half_cosine(step, warmup_steps, start, end):
    """Believes every schedule of DINO is a cosine."""
    if step >= warmup_steps:
        return end
    rise = (1 - math.cos(math.pi * step / warmup_steps)) / 2
    return start + (end - start) * rise


def geometric(step, warmup_steps, start, end):
    """Believes temperatures grow by a factor."""
    if step >= warmup_steps or start <= 0 or end <= 0:
        return end
    return start * (end / start) ** (step / warmup_steps)


def returns_a_tensor(step, warmup_steps, start, end):
    """Believes torch.lerp is the natural line."""
    t = min(1.0, step / warmup_steps) if warmup_steps else 1.0
    a, b = (torch.tensor(float(v), dtype=torch.float64) for v in (start, end))
    return torch.lerp(a, b, t)


def returns_numpy(step, warmup_steps, start, end):
    """Believes numpy numbers are numbers."""
    if warmup_steps == 0:
        return np.float64(end)
    return np.interp(step, [0, warmup_steps], [start, end])


def returns_the_table(step, warmup_steps, start, end):
    """Believes the schedule is an array to be indexed later."""
    return np.linspace(start, end, warmup_steps + 1)


def index_out_of_the_table(step, warmup_steps, start, end):
    """Believes linspace over the warm-up is the whole schedule."""
    schedule = np.linspace(start, end, warmup_steps)
    return float(schedule[step])


def nothing_afterwards(step, warmup_steps, start, end):
    """Believes an if needs no else."""
    if step < warmup_steps:
        return start + (end - start) * step / warmup_steps


def clamped_by_min(step, warmup_steps, start, end):
    """Believes end is always the largest value."""
    if warmup_steps == 0:
        return end
    return min(start + (end - start) * step / warmup_steps, end)


def clamped_between(step, warmup_steps, start, end):
    """Believes start lies below end, so clamps between both."""
    slope = (end - start) / max(warmup_steps, 1)
    value = start + slope * step if warmup_steps else end
    return min(max(value, start), end)


def jump(step, warmup_steps, start, end):
    """Believes the value stays low until the warm-up is over."""
    return start if step < warmup_steps else end


def brackets_slip(step, warmup_steps, start, end):
    """Believes the product takes the whole difference."""
    if step >= warmup_steps:
        return end
    return start + end - start * step / warmup_steps


def restarts(step, warmup_steps, start, end):
    """Believes step may go on counting and wraps it."""
    if warmup_steps == 0:
        return end
    return start + (end - start) * (step % warmup_steps) / warmup_steps


def falls_again(step, warmup_steps, start, end):
    """Believes the way back is part of the schedule."""
    if warmup_steps == 0:
        return end
    t = step / warmup_steps
    return start + (end - start) * max(0.0, 1 - abs(1 - t))


def rounds(step, warmup_steps, start, end):
    """Believes two digits are enough for a temperature."""
    if step >= warmup_steps:
        return round(end, 2)
    return round(start + (end - start) * step / warmup_steps, 2)


_calls = 0


def remembers_the_last(step, warmup_steps, start, end):
    """Believes the function should count its own calls."""
    global _calls
    k = _calls
    _calls += 1
    if k >= warmup_steps:
        return end
    return start + (end - start) * k / warmup_steps


def start_without_warmup(step, warmup_steps, start, end):
    """Believes max(warmup_steps, 1) avoids the division by zero."""
    t = min(step / max(warmup_steps, 1), 1)
    return start + (end - start) * t


def share_instead_of_value(step, warmup_steps, start, end):
    """Believes the caller multiplies."""
    if step >= warmup_steps:
        return 1.0
    return step / warmup_steps


def steps_swapped(step, warmup_steps, start, end):
    """Believes the length of the warm-up stands above the line."""
    if step >= warmup_steps:
        return end
    t = warmup_steps / step if step > 0 else 0.0
    return start + (end - start) * t


def forgets_to_return(step, warmup_steps, start, end):
    """Believes an assignment is enough."""
    t = 1.0 if step >= warmup_steps else step / warmup_steps
    value = start + t * (end - start)  # noqa: F841


def numpy_has_no_lerp(step, warmup_steps, start, end):
    """Believes numpy has what torch has."""
    if step >= warmup_steps:
        return end
    return float(np.lerp(start, end, step / warmup_steps))
