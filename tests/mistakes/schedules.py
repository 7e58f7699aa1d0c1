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
def warmup_ends_a_step_early(step, warmup_steps, start, end):
    """Reaches the end at the last step of the warm-up."""
    linear_warmup(step, warmup_steps, start, end)
    return linear_warmup(step, max(warmup_steps - 1, 0), start, end)


@wrong_warmup
def warmup_takes_negative_steps(step, warmup_steps, start, end):
    """A negative step is taken for the first."""
    return linear_warmup(max(step, 0), warmup_steps, start, end)
