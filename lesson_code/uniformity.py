"""Alignment and uniformity: the two wishes of a contrastive loss, measured apart."""

# --8<-- [start:imports]
import math

import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, check_positive, guard


def _refuse_views(z_1: torch.Tensor, z_2: torch.Tensor, alpha: float) -> None:
    check_matrices(z_1=z_1, z_2=z_2)
    check_positive(alpha=alpha)


@guard(_refuse_views)
# --8<-- [start:alignment]
def alignment(z_1: torch.Tensor, z_2: torch.Tensor, alpha: float = 2.0) -> torch.Tensor:
    r"""How far apart two views of an image are, Wang and Isola, section 4.1.1.

    This is their alignment loss. With all rows scaled to length one,

    .. math:: \frac{1}{N} \sum_{n=1}^{N} \lVert z_{1,n} - z_{2,n} \rVert^\alpha

    Args:
        z_1: embeddings of the first views, shape ``(N, D)``.
        z_2: embeddings of the second views, row by row of the same images, ``(N, D)``.
        alpha: the exponent, above 0.

    Returns:
        A scalar from 0, all pairs equal, to :math:`2^\alpha`, all opposite; NaN if an
        embedding is not finite. Half precision is computed and returned in float32.

    Raises:
        ValueError: if the shapes, types, devices or ``alpha`` are not as above.

    Deviations:
        The official code expects rows of length one.
    """
    dtype = torch.promote_types(z_1.dtype, torch.float32)
    gap = F.normalize(z_1.to(dtype)) - F.normalize(z_2.to(dtype))
    return gap.norm(dim=1).pow(alpha).mean()


# --8<-- [end:alignment]


def _refuse_view(z: torch.Tensor, t: float) -> None:
    check_matrices(z=z)
    check_positive(t=t)
    if len(z) < 2:
        raise ValueError(f"z must have at least 2 rows to compare, got {len(z)}")


@guard(_refuse_view)
# --8<-- [start:uniformity]
def uniformity(z: torch.Tensor, t: float = 2.0) -> torch.Tensor:
    r"""How unevenly embeddings cover the unit sphere, Wang and Isola, section 4.1.2.

    This is their uniformity loss, the logarithm of the mean Gaussian potential of two
    images; lower is more even. With all rows scaled to length one,

    .. math:: \ln \frac{2}{N(N-1)} \sum_{a < b} \exp(-t \lVert z_a - z_b \rVert^2)

    Args:
        z: embeddings of N images, one view of each, shape ``(N, D)`` with N at least 2.
        t: the sharpness of the potential, above 0.

    Returns:
        A scalar of at most 0, the value when all rows point one way; about :math:`-2t`
        for independent directions in many dimensions; NaN if an embedding is not
        finite. Half precision is computed and returned in float32.

    Raises:
        ValueError: if the shape, type or ``t`` is not as above.

    Deviations:
        The official code expects rows of length one, and takes the logarithm last,
        which a large ``t`` makes minus infinity.
    """
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))
    distances = torch.pdist(z)  # (N (N - 1) / 2,)
    return (-t * distances.pow(2)).logsumexp(dim=0) - math.log(len(distances))


# --8<-- [end:uniformity]
