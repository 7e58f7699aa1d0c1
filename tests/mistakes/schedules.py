"""Wrong variants of the schedules."""

import math

from lesson_code import cosine_momentum, linear_warmup
from mistakes.harness import mistake


def wrong_momentum(variant):
    """Register a variant of ``cosine_momentum``."""
    return mistake(replaces="cosine_momentum", rejected_by="test_schedules")(variant)


def wrong_warmup(variant):
    """Register a variant of ``linear_warmup``."""
    return mistake(replaces="linear_warmup", rejected_by="test_schedules")(variant)


@wrong_momentum
def momentum_reversed(step, total_steps, base):
    """Starts at 1 and falls to the base: the target stands still where it should follow most."""
    return 1 + base - cosine_momentum(step, total_steps, base)


@wrong_momentum
def momentum_constant(step, total_steps, base):
    """The momentum never rises."""
    cosine_momentum(step, total_steps, base)
    return base


@wrong_momentum
def momentum_linear(step, total_steps, base):
    """A straight line between the right ends."""
    cosine_momentum(step, total_steps, base)
    return 1.0 if step == total_steps else base + (1 - base) * step / total_steps


@wrong_momentum
def momentum_without_the_half(step, total_steps, base):
    """The cosine is not scaled to [0, 1], so the momentum starts below the base."""
    return 1 - 2 * (1 - cosine_momentum(step, total_steps, base))


@wrong_momentum
def momentum_of_a_whole_wave(step, total_steps, base):
    """The cosine runs through a whole wave and comes back to the base."""
    cosine_momentum(step, total_steps, base)
    return 1 - (1 - base) * (math.cos(2 * math.pi * step / total_steps) + 1) / 2


@wrong_momentum
def momentum_in_degrees(step, total_steps, base):
    """The angle is given in degrees."""
    cosine_momentum(step, total_steps, base)
    return 1 - (1 - base) * (math.cos(180 * step / total_steps) + 1) / 2


@wrong_momentum
def momentum_ends_a_step_early(step, total_steps, base):
    """Reaches 1 at the last step but one."""
    cosine_momentum(step, total_steps, base)
    return cosine_momentum(min(step, max(total_steps - 1, 1)), max(total_steps - 1, 1), base)


@wrong_momentum
def momentum_goes_on_after_the_end(step, total_steps, base):
    """Past the end it falls again instead of being refused."""
    if step > total_steps > 0:
        return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2
    return cosine_momentum(step, total_steps, base)


@wrong_warmup
def warmup_ignored(step, warmup_steps, start, end):
    """The end holds from the first step."""
    linear_warmup(step, warmup_steps, start, end)
    return end


@wrong_warmup
def warmup_never_ends(step, warmup_steps, start, end):
    """The line goes on beyond the end."""
    linear_warmup(step, warmup_steps, start, end)
    return start + (end - start) * step / warmup_steps if warmup_steps else end


@wrong_warmup
def warmup_reversed(step, warmup_steps, start, end):
    """Goes from the end to the start."""
    return linear_warmup(step, warmup_steps, end, start)


@wrong_warmup
def warmup_ends_a_step_early(step, warmup_steps, start, end):
    """Reaches the end at the last step of the warm-up."""
    linear_warmup(step, warmup_steps, start, end)
    return linear_warmup(step, max(warmup_steps - 1, 0), start, end)


@wrong_warmup
def warmup_counts_from_one(step, warmup_steps, start, end):
    """The first step is taken for the second."""
    linear_warmup(step, warmup_steps, start, end)
    return linear_warmup(step + 1, warmup_steps, start, end)


@wrong_warmup
def warmup_takes_negative_steps(step, warmup_steps, start, end):
    """A negative step is taken for the first."""
    return linear_warmup(max(step, 0), warmup_steps, start, end)
