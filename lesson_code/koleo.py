"""KoLeo: keep each embedding of a batch away from its nearest neighbor."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_matrices, check_positive, guard


def _refuse(z: torch.Tensor, eps: float) -> None:
    check_matrices(z=z)
    if len(z) < 2:
        raise ValueError(f"z must have at least 2 rows, got shape {tuple(z.shape)}")
    check_positive(eps=eps)


@guard(_refuse)
# --8<-- [start:koleo_loss]
def koleo_loss(z: torch.Tensor, eps: float = 1e-8) -> torch.Tensor:
    r"""The mean of minus the logarithm of the distance to the nearest neighbor.

    Sablayrolles et al. 2018, after the entropy estimator of Kozachenko and Leonenko, as
    DINOv2 uses it, on rows of length one:

    .. math:: L = -\frac{1}{N} \sum_{i=1}^{N}
        \ln \bigl( \min_{j \ne i} \lVert z_i - z_j \rVert + \varepsilon \bigr)

    Args:
        z: embeddings of *one* view of a batch, shape ``(N, D)``, N at least 2; they are
            scaled to length one here.
        eps: the small number in the logarithm, above 0.

    Returns:
        A scalar, -ln 2 or more, lower if more spread out; float32 for half precision.

    Raises:
        ValueError: if an argument has the wrong shape, type or range.

    Deviations:
        The official code also adds ``eps`` to each coordinate of the difference, so
        that equal rows cost a little less than -ln eps.
    """
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))
    with torch.no_grad():
        cosines = (z @ z.T).fill_diagonal_(-torch.inf)  # a row is not its own neighbor
        nearest = cosines.argmax(dim=1)  # (N,)
    distances = (z - z[nearest]).norm(dim=1)
    return -(distances + eps).log().mean()


# --8<-- [end:koleo_loss]
