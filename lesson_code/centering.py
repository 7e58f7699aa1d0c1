"""Centering: a running mean of the teacher's outputs, subtracted from them."""

# --8<-- [start:imports]
import torch
from torch import Tensor, nn

# --8<-- [end:imports]

from lesson_code.guards import (
    check_counts,
    check_finite,
    check_fraction,
    check_matrices,
    guard_methods,
)


def _refuse_settings(output_dim: int, momentum: float) -> None:
    check_counts(output_dim=output_dim)
    check_fraction(momentum=momentum)


def _refuse_output(self: "CenteringMechanism", teacher_output: Tensor) -> None:
    check_matrices(teacher_output=teacher_output)
    width, device = self.center.shape[-1], self.center.device
    if teacher_output.shape[1] != width:
        raise ValueError(
            f"teacher_output must have {width} columns like the center, "
            f"got {teacher_output.shape[1]}"
        )
    if teacher_output.device != device:
        raise ValueError(
            f"teacher_output must be on {device} like the center, "
            f"got {teacher_output.device}"
        )


def _refuse_update(self: "CenteringMechanism", teacher_output: Tensor) -> None:
    _refuse_output(self, teacher_output)
    check_fraction(momentum=self.momentum)
    # Quicker than a look at each mean: the sum of all is finite only if each one is.
    if not teacher_output.sum(dtype=self.center.dtype).isfinite():
        means = teacher_output.mean(dim=0, dtype=self.center.dtype)
        check_finite(teacher_output=means)


@guard_methods(
    __init__=_refuse_settings,
    update_center=_refuse_update,
    apply_centering=_refuse_output,
)
# --8<-- [start:CenteringMechanism]
class CenteringMechanism(nn.Module):
    """Equation 4 of DINO: the running mean of a teacher's outputs, to be subtracted.

    c <- m c + (1 - m) mean_i g_t(x_i). The center of one step serves
    the next one: compute the loss first, then call ``update_center``.

    Attributes:
        center: c, a buffer of shape (1, K): it moves with the module and is saved with
            it. It starts at zero.

    Args:
        output_dim: K, the number of teacher outputs.
        momentum: m, from 0 to 1: the share of the old center that is kept.

    Raises:
        ValueError: an argument is out of range.

    Deviations:
        One process only. With data parallelism every process must hold the same
        center: average the batch mean over the processes before it enters the center,
        as the official code does with ``all_reduce``.
    """

    def __init__(self, output_dim: int, momentum: float = 0.9) -> None:
        super().__init__()
        self.momentum = momentum
        self.center = nn.Buffer(torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output: Tensor) -> None:
        """Move the center toward the mean of a batch, after the loss is computed.

        Args:
            teacher_output: raw teacher outputs, shape (N, K), neither centered nor
                divided by a temperature; both global crops together, so (2N, K).

        Raises:
            ValueError: wrong shape, type or device, or a NaN or infinity, which would
                stay in the center for good; the center is unchanged then.
        """
        batch_center = teacher_output.mean(dim=0, keepdim=True, dtype=self.center.dtype)
        self.center.lerp_(batch_center, 1 - self.momentum)  # (1, K)

    def apply_centering(self, teacher_output: Tensor) -> Tensor:
        """Subtract the center, before the temperature divides.

        Args:
            teacher_output: raw teacher outputs, shape (N, K).

        Returns:
            The centered outputs, shape (N, K).

        Raises:
            ValueError: wrong shape, type or device.
        """
        return teacher_output - self.center


# --8<-- [end:CenteringMechanism]
