"""Barlow Twins: every output agrees between views, and no two outputs say the same."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, check_positive, guard


# --8<-- [start:standardize]
def standardize(z: torch.Tensor) -> torch.Tensor:
    """Every dimension at mean 0 and deviation 1 over the batch, a constant one at 0.

    As in the official code this is batch normalization, which divides by N, not by
    N - 1, and keeps no copy of what it is given.

    Args:
        z: embeddings of one view, floating point, shape ``(N, D)`` with N at least 2.

    Returns:
        The standardized embeddings, shape ``(N, D)``; NaN in a dimension that holds
        anything not finite.
    """
    low, high = z.detach().amin(dim=0), z.detach().amax(dim=0)  # (D,)
    number = torch.finfo(z.dtype)
    varies = (high - low > 10 * number.eps * high.abs()).to(z.dtype)
    return F.batch_norm(z, None, None, weight=varies, training=True, eps=number.tiny)


# --8<-- [end:standardize]


def _refuse_views(z_1: torch.Tensor, z_2: torch.Tensor) -> None:
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) < 2:
        raise ValueError(f"z_1 must have at least 2 rows to correlate, got {len(z_1)}")


@guard(_refuse_views)
# --8<-- [start:cross_correlation]
def cross_correlation(z_1: torch.Tensor, z_2: torch.Tensor) -> torch.Tensor:
    r"""Each dimension of a view against each of the other, Barlow Twins, equation 2.

    With b a row of the batch, and both views centered on their mean over the batch,

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
        The official code adds 1e-5 to each variance. Nothing is summed over other
        devices.
    """
    dtype = torch.promote_types(torch.result_type(z_1, z_2), torch.float32)
    product = standardize(z_1.to(dtype)).T @ standardize(z_2.to(dtype))  # (D, D)
    return product.div_(len(z_1))


# --8<-- [end:cross_correlation]


def _refuse_weight(lambd: float) -> None:
    check_positive(lambd=lambd)


@guard(_refuse_weight)
# --8<-- [start:barlow_twins_loss]
def barlow_twins_loss(
    z_1: torch.Tensor, z_2: torch.Tensor, lambd: float = 0.005
) -> torch.Tensor:
    r"""Barlow Twins, equation 1: the correlations should be the identity matrix.

    With C from ``cross_correlation``,

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
    c = cross_correlation(z_1, z_2)  # (D, D)
    agreement = (1 - c.diagonal()).square().sum()
    redundancy = c.fill_diagonal_(0).square().sum()
    return agreement + lambd * redundancy


# --8<-- [end:barlow_twins_loss]
