"""Barlow Twins: every output agrees between views, and no two outputs say the same."""

# --8<-- [start:imports]
import torch

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, check_positive


# --8<-- [start:cross_correlation]
def cross_correlation(z_1: torch.Tensor, z_2: torch.Tensor) -> torch.Tensor:
    r"""Correlate every dimension of one view with every dimension of the other.

    This is equation 2 of Barlow Twins. With b a row of the batch, and both views
    centered on their mean over the batch,

    .. math:: C_{ij} = \frac{\sum_b z^A_{b,i}\, z^B_{b,j}}
        {\sqrt{\sum_b (z^A_{b,i})^2} \sqrt{\sum_b (z^B_{b,j})^2}}

    Args:
        z_1: embeddings of the first views, shape ``(N, D)`` with N of at least 2. They
            need not be standardized.
        z_2: embeddings of the second views, row by row of the same images, ``(N, D)``.

    Returns:
        C, shape ``(D, D)``, with entries from -1 to 1; NaN where an embedding is not
        finite. A dimension that is constant over the batch, up to rounding, correlates
        with nothing: its entries are 0 and it gets no gradient. Half precision is
        computed and returned in float32.

    Raises:
        ValueError: if the shapes, types or devices are not as above.

    Deviations:
        The official code standardizes by batch normalization, which adds 1e-5 to each
        variance. Nothing is summed over other devices.
    """
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) < 2:
        raise ValueError(f"z_1 must have at least 2 rows to correlate, got {len(z_1)}")
    z = torch.stack([z_1, z_2])  # (2, N, D)
    z = z.to(torch.promote_types(z.dtype, torch.float32))
    # The unbiased standard deviation would make a perfect correlation (N - 1) / N.
    std = z.std(dim=1, correction=0, keepdim=True)  # (2, 1, D)
    rounding = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=1, keepdim=True)
    std = std.masked_fill(std <= rounding, torch.inf)
    z = (z - z.mean(dim=1, keepdim=True)) / std  # (2, N, D)
    return z[0].T @ z[1] / len(z_1)


# --8<-- [end:cross_correlation]


# --8<-- [start:barlow_twins_loss]
def barlow_twins_loss(
    z_1: torch.Tensor, z_2: torch.Tensor, lambd: float = 0.005
) -> torch.Tensor:
    r"""Ask that the cross-correlation of the two views be the identity matrix.

    This is equation 1 of Barlow Twins, with C from ``cross_correlation``:

    .. math:: L = \sum_i (1 - C_{ii})^2 + \lambda \sum_i \sum_{j \ne i} C_{ij}^2

    Args:
        z_1: embeddings of the first views, shape ``(N, D)`` with N of at least 2.
        z_2: embeddings of the second views, row by row of the same images, ``(N, D)``.
        lambd: the weight of redundancy, above 0 (``lambda`` is a word of Python).

    Returns:
        A scalar: sums, so it grows with D. NaN if an embedding is not finite.

    Raises:
        ValueError: if the shapes, types, devices or the weight are not as above.

    Deviations:
        The official code has 0.0051 as its default weight.
    """
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)  # (D, D)
    agreement = (1 - c.diagonal()).square().sum()
    redundancy = c.square().fill_diagonal_(0).sum()
    return agreement + lambd * redundancy


# --8<-- [end:barlow_twins_loss]
