"""Three objectives side by side, for the same embeddings."""

# --8<-- [start:imports]
import torch

# --8<-- [end:imports]

from lesson_code.byol import regression_loss
from lesson_code.guards import check_matrices, check_positive, guard_methods
from lesson_code.dino import dino_loss
from lesson_code.simclr import simclr_loss


def _refuse_views(z1: torch.Tensor, z2: torch.Tensor) -> None:
    check_matrices(z1=z1, z2=z2)


def _refuse_predictions(
    p1: torch.Tensor, z2: torch.Tensor, p2: torch.Tensor, z1: torch.Tensor
) -> None:
    check_matrices(p1=p1, z2=z2, p2=p2, z1=z1)


def _refuse_outputs(
    student_out: torch.Tensor, teacher_out: torch.Tensor, temp_s: float, temp_t: float
) -> None:
    check_matrices(student_out=student_out, teacher_out=teacher_out)
    check_positive(temp_s=temp_s, temp_t=temp_t)


@guard_methods(
    simclr_loss=_refuse_views, byol_loss=_refuse_predictions, dino_loss=_refuse_outputs
)
# --8<-- [start:SSLComparison]
class SSLComparison:
    """The losses of SimCLR, BYOL and DINO under one roof; each is the lesson's own."""

    @staticmethod
    def simclr_loss(
        z1: torch.Tensor, z2: torch.Tensor, temperature: float = 0.5
    ) -> torch.Tensor:
        """Contrast two views within the batch: ``simclr_loss``.

        Args:
            z1: embeddings of the first views, shape ``(N, D)`` with N of at least 2.
            z2: embeddings of the second views of the same images, ``(N, D)``.
            temperature: T, above 0.

        Returns:
            The mean over the 2N views, a scalar.

        Raises:
            ValueError: if an argument is not as above.
        """
        return simclr_loss(z1, z2, temperature)

    @staticmethod
    def byol_loss(
        p1: torch.Tensor, z2: torch.Tensor, p2: torch.Tensor, z1: torch.Tensor
    ) -> torch.Tensor:
        """Predict each view's target from the other: ``regression_loss`` both ways.

        Args:
            p1: predictions made from the first views, shape ``(N, D)``.
            z2: the target network's projections of the second views, ``(N, D)``.
            p2: predictions made from the second views, ``(N, D)``.
            z1: the target network's projections of the first views, ``(N, D)``. No
                gradient flows into ``z1`` and ``z2``.

        Returns:
            The mean of the two directions, a scalar from 0 to 4.

        Raises:
            ValueError: if an argument is not as above.
        """
        z1, z2 = z1.detach(), z2.detach()
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2

    @staticmethod
    def dino_loss(
        student_out: torch.Tensor,
        teacher_out: torch.Tensor,
        temp_s: float = 0.1,
        temp_t: float = 0.04,
        center: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Predict the teacher's sharpened output for another crop: ``dino_loss``.

        Args:
            student_out: the student's outputs for one crop, shape ``(N, K)``.
            teacher_out: the teacher's outputs for another crop, ``(N, K)``; no gradient
                flows into them.
            temp_s: the student's temperature, above 0.
            temp_t: the teacher's temperature, above 0.
            center: shape ``(K,)`` or ``(1, K)``; None centers nothing.

        Returns:
            The mean over the batch, a scalar.

        Raises:
            ValueError: if an argument is not as above.
        """
        return dino_loss(student_out, teacher_out, temp_s, temp_t, center)


# --8<-- [end:SSLComparison]
