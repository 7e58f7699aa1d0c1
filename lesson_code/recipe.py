"""What DINO's training wraps around its loss: schedules, weight decay, clipping."""

# --8<-- [start:imports]
import math
from typing import Any

import torch
from torch import nn

# --8<-- [end:imports]

from lesson_code.guards import check_counts, check_positive, guard


def _refuse_steps(
    start: float, end: float, total_steps: int, warmup_steps: int
) -> None:
    check_counts(total_steps=total_steps)
    if not (math.isfinite(start) and math.isfinite(end)):
        raise ValueError(f"start and end must be finite, got {start} and {end}")
    if warmup_steps not in range(total_steps):
        below = f"a whole number from 0 to {total_steps - 1}"
        raise ValueError(f"warmup_steps must be {below}, got {warmup_steps}")


@guard(_refuse_steps)
# --8<-- [start:cosine_schedule]
def cosine_schedule(
    start: float, end: float, total_steps: int, warmup_steps: int = 0
) -> list[float]:
    r"""A value a step: a line from 0 to ``start``, then half a cosine to ``end``.

    .. math:: v_k = e + (s - e) \, \frac{1 + \cos(\pi k / K)}{2}

    for the steps k = 0, ..., K - 1 after the warm-up. As in the official DINO code the
    value ``start`` comes twice, and ``end`` would be reached one step after the last.

    Args:
        start: s, such as the highest learning rate or the first weight decay.
        end: e, which the cosine approaches.
        total_steps: all steps of training, warm-up included.
        warmup_steps: how many of them warm up, fewer than all.

    Returns:
        ``total_steps`` numbers, one for each step.

    Raises:
        ValueError: if a number is out of range.
    """
    rise = [start * k / max(warmup_steps - 1, 1) for k in range(warmup_steps)]
    left = total_steps - warmup_steps
    shares = [(1 + math.cos(math.pi * k / left)) / 2 for k in range(left)]
    return rise + [end + (start - end) * share for share in shares]


# --8<-- [end:cosine_schedule]


# --8<-- [start:parameter_groups]
def parameter_groups(module: nn.Module) -> list[dict[str, Any]]:
    """Two groups for an optimizer: what weight decay shrinks, and what it leaves alone.

    Args:
        module: the student. Parameters that need no gradient are in no group.

    Returns:
        The group to whose ``weight_decay`` a schedule writes, and that of all biases
        and all parameters of one axis, such as the gains of a normalization.
    """
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            alone = parameter.ndim == 1 or name.endswith(".bias")
            (free if alone else decayed).append(parameter)
    return [{"params": decayed}, {"params": free, "weight_decay": 0.0}]


# --8<-- [end:parameter_groups]


def _refuse_norm(max_norm: float) -> None:
    check_positive(max_norm=max_norm)


@guard(_refuse_norm)
# --8<-- [start:clip_each_gradient]
@torch.no_grad()
def clip_each_gradient(module: nn.Module, max_norm: float = 3.0) -> list[float]:
    """Shorten the gradient of each parameter by itself, to at most one length.

    Args:
        module: the student, after the backward pass; its gradients change in place.
        max_norm: the longest gradient that a parameter may have, above 0.

    Returns:
        The lengths before clipping, of those parameters that have a gradient.

    Raises:
        ValueError: if ``max_norm`` is not a finite number above 0.
    """
    norms = []
    for parameter in module.parameters():
        if parameter.grad is not None:
            norm = parameter.grad.norm()
            parameter.grad.mul_((max_norm / (norm + 1e-6)).clamp(max=1))
            norms.append(norm.item())
    return norms


# --8<-- [end:clip_each_gradient]
