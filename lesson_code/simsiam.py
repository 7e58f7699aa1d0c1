"""SimSiam: two views predict each other, and only the predicting side learns."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import Tensor

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, guard


def _refuse(p_1: Tensor, p_2: Tensor, z_1: Tensor, z_2: Tensor) -> None:
    check_matrices(p_1=p_1, p_2=p_2, z_1=z_1, z_2=z_2)


@guard(_refuse)
# --8<-- [start:simsiam_loss]
def simsiam_loss(p_1: Tensor, p_2: Tensor, z_1: Tensor, z_2: Tensor) -> Tensor:
    """Equation 4 of SimSiam: each view predicts the other one, which stands still.

    With sg the stop-gradient and the cosine of equation 1,

        L = -cos(p_1, sg(z_2)) / 2 - cos(p_2, sg(z_1)) / 2

    Args:
        p_1: predictions of the first views, shape ``(N, D)``; need not have length one.
        p_2: predictions of the second views, row by row of the same images.
        z_1: projections of the first views, ``(N, D)``: what the predictor received.
            They are detached here; no gradient flows into them as targets.
        z_2: projections of the second views, ``(N, D)``.

    Returns:
        The mean over the batch, a scalar from -1 (same direction) to 1 (opposite); NaN
        if an entry is not finite. Half precision is computed and returned in float32.

    Raises:
        ValueError: if the shapes, types or devices differ or are not as above.
    """
    p = torch.cat([p_1, p_2])  # (2N, D)
    z = torch.cat([z_2, z_1]).detach()  # (2N, D): without this line it collapses
    p = F.normalize(p.to(torch.promote_types(p.dtype, torch.float32)))
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))
    return -(p * z).sum(dim=1).mean()


# --8<-- [end:simsiam_loss]
