"""Centering: a running mean of the teacher's outputs, subtracted from them."""

# --8<-- [start:imports]
import torch
from torch import nn

# --8<-- [end:imports]
from lesson_code.guards import (
    check_counts,
    check_finite,
    check_fraction,
    check_matrices,
)


# --8<-- [start:CenteringMechanism]
class CenteringMechanism(nn.Module):
    """Keep the running mean of a teacher's outputs and subtract it.

    c <- m c + (1 - m) mean_i g_t(x_i), DINO, equation 4. The center of one step serves
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

    center: torch.Tensor

    def __init__(self, output_dim: int, momentum: float = 0.9) -> None:
        super().__init__()
        check_counts(output_dim=output_dim)
        check_fraction(momentum=momentum)
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output: torch.Tensor) -> None:
        """Move the center toward the mean of a batch, after the loss is computed.

        Args:
            teacher_output: raw teacher outputs, shape (N, K), neither centered nor
                divided by a temperature; both global crops together, so (2N, K).

        Raises:
            ValueError: wrong shape, type or device, or a NaN or infinity, which would
                stay in the center for good; the center is unchanged then.
        """
        self._check_output(teacher_output)
        check_fraction(momentum=self.momentum)
        batch_center = teacher_output.mean(dim=0, keepdim=True, dtype=self.center.dtype)
        check_finite(teacher_output=batch_center)  # one bad row spoils its mean
        self.center.lerp_(batch_center, 1 - self.momentum)  # (1, K)

    def apply_centering(self, teacher_output: torch.Tensor) -> torch.Tensor:
        """Subtract the center, before the temperature divides.

        Args:
            teacher_output: raw teacher outputs, shape (N, K).

        Returns:
            The centered outputs, shape (N, K).

        Raises:
            ValueError: wrong shape, type or device.
        """
        self._check_output(teacher_output)
        return teacher_output - self.center

    def _check_output(self, teacher_output: torch.Tensor) -> None:
        check_matrices(teacher_output=teacher_output)
        width = self.center.shape[1]
        if teacher_output.shape[1] != width:
            raise ValueError(
                f"teacher_output must have {width} columns like the center, "
                f"got {teacher_output.shape[1]}"
            )
        if teacher_output.device != self.center.device:
            raise ValueError(
                f"teacher_output must be on {self.center.device} like the center, "
                f"got {teacher_output.device}"
            )


# --8<-- [end:CenteringMechanism]
