"""Collapse: how far embeddings spread, and in how many directions."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_finite, check_matrices, guard


def _refuse(z: torch.Tensor) -> None:
    check_matrices(z=z)
    if len(z) < 2:
        raise ValueError(f"z must have at least 2 rows to compare, got {len(z)}")


@guard(_refuse)
# --8<-- [start:embedding_std]
def embedding_std(z: torch.Tensor) -> torch.Tensor:
    r"""How far directions spread, from 0 to 1, the diagnostic of SimSiam, section 4.1.

    Figure 2 of the paper draws it. With all rows scaled to length one and the standard
    deviation taken over the rows,

    .. math:: \sqrt{D} \cdot \frac{1}{D} \sum_{d=1}^{D} \mathrm{std}(z_{\cdot d})

    Args:
        z: embeddings, shape ``(N, D)`` with N of at least 2.

    Returns:
        A scalar: 0 if all rows point one way, 1 if they cancel out in every dimension
        alike; NaN if an embedding is not finite. It says nothing of how many directions
        are used. Half precision is computed and returned in float32.

    Raises:
        ValueError: if ``z`` is not a floating-point matrix of at least 2 rows.

    Deviations:
        SimSiam plots it without the factor :math:`\sqrt{D}`. The deviation divides by
        N, not N - 1, which keeps it from exceeding 1.
    """
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))
    return z.std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


# --8<-- [end:embedding_std]


def _refuse_infinite(z: torch.Tensor) -> None:
    _refuse(z)
    check_finite(z=z)


@guard(_refuse_infinite)
# --8<-- [start:effective_rank]
def effective_rank(z: torch.Tensor) -> torch.Tensor:
    r"""In how many directions embeddings vary, Roy and Vetterli, definition 1.

    This is their effective rank, of the centered matrix. With :math:`\sigma_k` its
    singular values and their shares :math:`p_k = \sigma_k / \sum_l \sigma_l`,

    .. math:: \exp\Bigl(-\sum_k p_k \ln p_k\Bigr)

    Args:
        z: embeddings, shape ``(N, D)`` with N of at least 2. Their lengths count: give
            ``F.normalize(z)`` for the rank of the directions.

    Returns:
        A scalar: from 1, all on one line, to min(N - 1, D), as much in every direction;
        0 if all rows are equal. Scale, shift and rotation leave it. Half precision is
        computed and returned in float32.

    Raises:
        ValueError: if ``z`` is not a finite floating-point matrix of at least 2 rows.

    Deviations:
        The mean row is subtracted: what all rows share tells no image from another and
        would count as a direction. Singular values that rounding alone can explain are
        zero, or else the rank of equal rows would be that of the noise.
    """
    z = z.to(torch.promote_types(z.dtype, torch.float32))
    z = z / z.abs().max().clamp_min(torch.finfo(z.dtype).tiny)  # no square overflows
    spectrum = torch.linalg.svdvals(z - z.mean(dim=0))
    noise = 4 * torch.finfo(z.dtype).eps * z.norm()
    spectrum = spectrum.where(spectrum > noise, 0)
    if not spectrum.any():
        return spectrum.sum()
    return torch.special.entr(spectrum / spectrum.sum()).sum().exp()


# --8<-- [end:effective_rank]
