"""The exponential moving average (EMA) of a network, shared by MoCo, BYOL and DINO."""

import math

# --8<-- [start:imports]
import torch
from torch import nn

# --8<-- [end:imports]

from lesson_code.guards import check_finite, check_fraction, guard


@torch.no_grad()
def _refuse(target: nn.Module, online: nn.Module, momentum: float) -> None:
    check_fraction(momentum=momentum)
    targets, onlines = (dict(net.named_parameters()) for net in (target, online))
    kinds = [
        {name: (p.shape, p.dtype, p.device) for name, p in net.items()}
        for net in (targets, onlines)
    ]
    if kinds[0] != kinds[1]:
        names = sorted({name for name, _ in kinds[0].items() ^ kinds[1].items()})
        raise ValueError(
            "target must have the parameters of online, by name, shape, dtype and "
            f"device; they differ in {', '.join(names)}"
        )
    # Quicker than a look at each number: a sum is finite only if every term is.
    if not math.isfinite(sum(p.sum() for p in onlines.values())):
        check_finite(**{f"online parameter {name}": p for name, p in onlines.items()})


@guard(_refuse)
# --8<-- [start:ema_update]
@torch.no_grad()
def ema_update(target: nn.Module, online: nn.Module, momentum: float) -> None:
    r"""Equation 2 of MoCo: move a network a small step toward another one.

    .. math:: \theta_\text{target} \leftarrow
        m \, \theta_\text{target} + (1 - m) \, \theta_\text{online}

    BYOL and DINO move their targets likewise. Only parameters take part. Buffers, such
    as the running statistics of batch normalization, stay as they are: a target that
    runs in training mode gathers its own, and one that only ever runs in evaluation
    mode needs them copied.

    The step is taken as ``target + (1 - m) * (online - target)``. So a momentum of 1
    or 0 keeps or copies every bit, and equal networks stay equal. In half precision a
    step below the spacing of the numbers is lost: keep parameters in float32.

    Args:
        target: the network that follows; changed in place.
        online: the network that is trained; read only.
        momentum: the share m that the target keeps, from 0 to 1.

    Raises:
        ValueError: if the momentum is outside [0, 1], the parameters differ by name,
            shape, dtype or device, or an online one holds NaN or infinity. The target
            is unchanged then.
    """
    for name, parameter in target.named_parameters():
        parameter.lerp_(online.get_parameter(name), 1 - momentum)


# --8<-- [end:ema_update]
