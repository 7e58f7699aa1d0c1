"""SIGReg and LeJEPA: views that agree, and embeddings that look Gaussian from every side."""

# --8<-- [start:imports]
from collections.abc import Sequence

import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_fraction, check_matrices, guard


def _refuse(z: torch.Tensor, directions: torch.Tensor) -> None:
    check_matrices(z=z)
    check_matrices(directions=directions)
    if len(directions) != z.shape[1]:
        raise ValueError(
            f"directions must have a row for each of the {z.shape[1]} columns of z, "
            f"got shape {tuple(directions.shape)}"
        )
    if directions.device != z.device:
        raise ValueError(
            f"directions must be on {z.device} like z, got {directions.device}"
        )


@guard(_refuse)
# --8<-- [start:sigreg_loss]
def sigreg_loss(z: torch.Tensor, directions: torch.Tensor) -> torch.Tensor:
    r"""How far embeddings are from a standard Gaussian, seen along some directions.

    Sketched isotropic Gaussian regularization, LeJEPA, Section 4: the statistic of Epps
    and Pulley on the projections :math:`x_n = a^\top z_n`, averaged over directions a,

    .. math:: 2 N \int_0^3 \Bigl|\frac{1}{N} \sum_{n=1}^{N} e^{i t x_n}
        - e^{-t^2/2}\Bigr|^2 e^{-t^2/2}\, dt

    with the trapezoidal rule on 17 points. A Gaussian projection has the characteristic
    function :math:`e^{-t^2/2}`; the other one is that of the N numbers at hand.

    Args:
        z: embeddings of one view, shape ``(N, D)``. They are used as they are.
        directions: one direction a column, shape ``(D, M)``, drawn anew at each step,
            as by ``torch.randn``; their lengths do not matter.

    Returns:
        A scalar of at least 0: about 1.05 for a Gaussian sample of any size, 0.40 N if
        all rows are zero; NaN if an entry is not finite. Half precision is computed and
        returned in float32.

    Raises:
        ValueError: if the shapes, types or devices are not as above.

    Deviations:
        The official code draws the directions itself and sums over devices. This is its
        range, 0 to 3, and its number of points; the paper's listing goes from -5 to 5.
    """
    dtype = torch.promote_types(z.dtype, torch.float32)
    t = torch.linspace(0, 3, 17, dtype=dtype, device=z.device)
    seen = z.to(dtype) @ F.normalize(directions.to(dtype), dim=0)  # (N, M)
    angles = seen.unsqueeze(-1) * t  # (N, M, 17)
    gaussian = torch.exp(-t.square() / 2)
    real = angles.cos().mean(dim=0) - gaussian
    imaginary = angles.sin().mean(dim=0)
    gap = (real.square() + imaginary.square()) * gaussian  # (M, 17)
    return 2 * len(z) * torch.trapezoid(gap, t, dim=1).mean()


# --8<-- [end:sigreg_loss]


def _refuse_views(
    views: Sequence[torch.Tensor], directions: torch.Tensor, weight: float
) -> None:
    if not isinstance(views, torch.Tensor | list | tuple) or len(views) < 2:
        raise ValueError("views must be a sequence of at least 2 tensors")
    check_matrices(**{f"views[{v}]": view for v, view in enumerate(views)})
    _refuse(views[0], directions)
    check_fraction(weight=weight)


@guard(_refuse_views)
# --8<-- [start:lejepa_loss]
def lejepa_loss(
    views: Sequence[torch.Tensor], directions: torch.Tensor, weight: float = 0.02
) -> torch.Tensor:
    r"""Views that agree on their mean, and that each look Gaussian: the loss of LeJEPA.

    .. math:: (1 - \lambda)\, \frac{1}{V N D} \sum_{v=1}^{V}
        \lVert Z_v - \bar Z \rVert^2
        + \lambda\, \frac{1}{V} \sum_{v=1}^{V} \mathrm{SIGReg}(Z_v)

    Gradient flows into all views, and into their mean.

    Args:
        views: the embeddings of V views, 2 or more, each ``(N, D)``, row by row of the
            same images.
        directions: as for ``sigreg_loss``, the same for all views.
        weight: the share of SIGReg, from 0 to 1; the one hyper-parameter.

    Returns:
        A scalar.

    Raises:
        ValueError: if the shapes, types, devices or ``weight`` are not as above.

    Deviations:
        As in the official minimal example, which uses a weight of 0.02, the mean is
        over all views. The paper's aims at the mean of the large crops.
    """
    z = torch.stack(list(views))  # (V, N, D)
    apart = (z - z.mean(dim=0)).square().mean()
    shapes = torch.stack([sigreg_loss(view, directions) for view in z])
    return (1 - weight) * apart + weight * shapes.mean()


# --8<-- [end:lejepa_loss]
