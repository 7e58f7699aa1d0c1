"""VICReg: one term for spread, one for agreement, one against saying a thing twice."""

import math

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, guard


def _refuse_view(z: torch.Tensor) -> None:
    check_matrices(z=z)
    if len(z) < 2:
        raise ValueError(f"z must have at least 2 rows to vary, got {len(z)}")


@guard(_refuse_view)
# --8<-- [start:variance_term]
def variance_term(z: torch.Tensor) -> torch.Tensor:
    r"""Each dimension should deviate by 1 or more, equations 1 and 2 of VICReg.

    The deviation is over the batch, and 1 is the paper's target:

    .. math:: v(Z) = \frac{1}{D} \sum_{j=1}^{D}
        \max\Bigl(0,\ 1 - \sqrt{\mathrm{Var}(z_{\cdot j}) + 10^{-4}}\Bigr)

    Args:
        z: embeddings of one view, shape ``(N, D)`` with N of at least 2.

    Returns:
        A scalar from 0 to 0.99; NaN if an embedding is not finite. Half precision is
        computed and returned in float32.

    Raises:
        ValueError: if the shape or type is not as above.
    """
    z = z.to(torch.promote_types(z.dtype, torch.float32))
    # Without the small number the root has an infinite slope where nothing varies.
    std = torch.sqrt(z.var(dim=0) + 1e-4)  # (D,)
    return torch.relu(1 - std).mean()


# --8<-- [end:variance_term]


@guard(_refuse_view)
# --8<-- [start:covariance_term]
def covariance_term(z: torch.Tensor) -> torch.Tensor:
    r"""No two dimensions should vary together, equations 3 and 4 of VICReg.

    With the rows centered on their mean over the batch,

    .. math:: c(Z) = \frac{1}{D} \sum_i \sum_{j \ne i} \mathrm{Cov}(Z)_{ij}^2,
        \qquad \mathrm{Cov}(Z) = \frac{Z^\top Z}{N - 1}

    Args:
        z: embeddings of one view, shape ``(N, D)`` with N of at least 2.

    Returns:
        A scalar of at least 0; NaN if an embedding is not finite. Half precision is
        computed and returned in float32.

    Raises:
        ValueError: if the shape or type is not as above.
    """
    z = z.to(torch.promote_types(z.dtype, torch.float32))
    z = z - z.mean(dim=0)
    covariance = z.T @ z / (len(z) - 1)  # (D, D)
    return covariance.fill_diagonal_(0).square().sum() / z.shape[1]


# --8<-- [end:covariance_term]


def _refuse(
    z_1: torch.Tensor,
    z_2: torch.Tensor,
    invariance: float,
    variance: float,
    covariance: float,
) -> None:
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) < 2:
        raise ValueError(f"z_1 must have at least 2 rows to vary, got {len(z_1)}")
    weights = {"invariance": invariance, "variance": variance, "covariance": covariance}
    for name, weight in weights.items():
        if not (math.isfinite(weight) and weight >= 0):
            raise ValueError(f"{name} must be a finite number from 0, got {weight}")


@guard(_refuse)
# --8<-- [start:vicreg_loss]
def vicreg_loss(
    z_1: torch.Tensor,
    z_2: torch.Tensor,
    invariance: float = 25.0,
    variance: float = 25.0,
    covariance: float = 1.0,
) -> torch.Tensor:
    r"""Views that agree, and that vary without redundancy, equation 6 of VICReg.

    For one batch, as the official code computes it:

    .. math:: L = \lambda\, s(Z, Z') + \mu\, \frac{v(Z) + v(Z')}{2}
        + \nu\, [c(Z) + c(Z')]

    where s is the mean squared difference of all N times D entries.

    Args:
        z_1: embeddings of the first views, shape ``(N, D)`` with N of at least 2. They
            are used as they are: scaling them changes the loss.
        z_2: embeddings of the second views, row by row of the same images, ``(N, D)``.
        invariance: the weight of s, 0 or above.
        variance: the weight of ``variance_term``, 0 or above.
        covariance: the weight of ``covariance_term``, 0 or above.

    Returns:
        A scalar; NaN if an embedding is not finite.

    Raises:
        ValueError: if the shapes, types, devices or a weight are not as above.

    Deviations:
        The paper adds the variance terms of both views up and averages the squared
        distance of rows over N alone; the official code and the weights that it made
        known have the forms above. Nothing is gathered from other devices.
    """
    dtype = torch.promote_types(torch.result_type(z_1, z_2), torch.float32)
    apart = F.mse_loss(z_1.to(dtype), z_2.to(dtype))
    flat = (variance_term(z_1) + variance_term(z_2)) / 2
    redundant = covariance_term(z_1) + covariance_term(z_2)
    return invariance * apart + variance * flat + covariance * redundant


# --8<-- [end:vicreg_loss]
