"""SimCLR: pull two views of an image together, push all other images away."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import Tensor

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, check_positive, guard


def _refuse(z_i: Tensor, z_j: Tensor, temperature: float) -> None:
    check_matrices(z_i=z_i, z_j=z_j)
    check_positive(temperature=temperature)
    if len(z_i) < 2:
        raise ValueError(f"z_i must have at least 2 rows to contrast, got {len(z_i)}")


@guard(_refuse)
# --8<-- [start:simclr_loss]
def simclr_loss(z_i: Tensor, z_j: Tensor, temperature: float = 0.5) -> Tensor:
    r"""NT-Xent, equation 1 of SimCLR: each view picks the other view of its image.

    With the 2N rows scaled to length one, ``p(a)`` the other view of the same image and
    T the temperature, algorithm 1 computes

    .. math:: L = -\frac{1}{2N} \sum_{a=1}^{2N} \log
        \frac{\exp(z_a^\top z_{p(a)} / T)}{\sum_{b \ne a} \exp(z_a^\top z_b / T)}

    Args:
        z_i: embeddings of the first views, shape ``(N, D)`` with N of at least 2. They
            need not have length one; a row of zeros counts as orthogonal to all others.
        z_j: embeddings of the second views, row by row of the same images, ``(N, D)``.
        temperature: T, above 0. The official code uses 0.1 on ImageNet.

    Returns:
        The mean over the 2N views, a scalar; NaN if an embedding is not finite. Half
        precision is computed and returned in float32.

    Raises:
        ValueError: if the shapes, types, devices or the temperature are not as above.

    Deviations:
        The official code adds the means of the two halves up, twice this value. Nothing
        is gathered from other devices.
    """
    n = len(z_i)
    z = torch.cat([z_i, z_j])
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))  # (2N, D)
    logits = (z / temperature) @ z.T  # (2N, 2N)
    logits.fill_diagonal_(-torch.inf)  # a view is not its own negative
    positives = torch.arange(2 * n, device=z.device).roll(n)  # (a + N) mod 2N
    return F.cross_entropy(logits, positives)


# --8<-- [end:simclr_loss]
