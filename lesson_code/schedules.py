"""Values that change over training: a momentum that rises, a line that warms up."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]

from lesson_code.guards import check_fraction, check_positive, guard


def _refuse_momentum(step: int, total_steps: int, base: float) -> None:
    check_positive(total_steps=total_steps)
    check_fraction(base=base)
    if not 0 <= step <= total_steps:
        raise ValueError(f"step must be from 0 to {total_steps}, got {step}")


@guard(_refuse_momentum)
# --8<-- [start:cosine_momentum]
def cosine_momentum(step: int, total_steps: int, base: float) -> float:
    r"""Return a momentum that rises from ``base`` to 1 along half a cosine.

    .. math:: m_k = 1 - (1 - m_0) \, \frac{\cos(\pi k / K) + 1}{2}

    This is the schedule of BYOL for its target (section 3.3 there) and of DINO for its
    teacher. It reaches 1 exactly at ``step == total_steps``: a loop that counts from 0
    to ``total_steps - 1`` stops just short of it, as the official codes do.

    Args:
        step: k, how many steps have been taken, from 0 to ``total_steps``.
        total_steps: K, how many steps training takes in all.
        base: m_0, the momentum at the start, from 0 to 1.

    Returns:
        The momentum at this step.

    Raises:
        ValueError: if a number is outside its range.
    """
    return 1 - (1 - base) * (math.cos(math.pi * step / total_steps) + 1) / 2


# --8<-- [end:cosine_momentum]


def _refuse_warmup(step: int, warmup_steps: int, start: float, end: float) -> None:
    counts = {"step": step, "warmup_steps": warmup_steps}
    for name, number in {**counts, "start": start, "end": end}.items():
        if not math.isfinite(number):
            raise ValueError(f"{name} must be finite, got {number}")
        if name in counts and number < 0:
            raise ValueError(f"{name} must be 0 or more, got {number}")


@guard(_refuse_warmup)
# --8<-- [start:linear_warmup]
def linear_warmup(step: int, warmup_steps: int, start: float, end: float) -> float:
    """Return a value that goes from ``start`` to ``end`` in a line, then stays.

    DINO warms its teacher temperature up this way. The end is reached at
    ``step == warmup_steps``; without warm-up steps it holds from the start.

    Args:
        step: how many steps have been taken, 0 or more.
        warmup_steps: how many steps the warm-up takes, 0 or more.
        start: the value at step 0.
        end: the value from ``warmup_steps`` on.

    Returns:
        The value at this step.

    Raises:
        ValueError: if a step count is negative or a number is not finite.

    Deviations:
        The official DINO code counts in epochs and reaches the end in the last epoch of
        the warm-up, one count earlier.
    """
    if step >= warmup_steps:
        return end
    return start + (end - start) * step / warmup_steps


# --8<-- [end:linear_warmup]
