"""Correct functions for alignment in many styles."""

import torch
import torch.nn.functional as F


def like_the_official_code(x, y, alpha=2):
    """Follows the official code, with rows scaled to length one first."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return (x - y).norm(p=2, dim=1).pow(alpha).mean()


def row_by_row(z_1, z_2, alpha=2.0):
    """Loops over the pairs."""
    powers = []
    for a, b in zip(z_1, z_2, strict=True):
        a_unit = a / a.norm().clamp_min(1e-12)
        b_unit = b / b.norm().clamp_min(1e-12)
        powers.append((a_unit - b_unit).norm() ** alpha)
    return torch.stack(powers).mean()


def by_torch_dist(z_1, z_2, alpha=2.0):
    """Asks torch for the distance of each pair and sums."""
    u_1, u_2 = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    n = u_1.shape[0]
    total = u_1.new_zeros(())
    for i in range(n):
        total = total + torch.dist(u_1[i], u_2[i]).pow(alpha)
    return total / n


def pairwise_distance(z_1, z_2, alpha=2.0):
    """Takes torch's pairwise distance, with no small number added."""
    u, v = F.normalize(z_1, p=2.0, dim=-1), F.normalize(z_2, p=2.0, dim=-1)
    return F.pairwise_distance(u, v, p=2, eps=0.0).pow(alpha).mean(dim=0)


def diagonal_of_all_pairs(z_1, z_2, alpha=2.0):
    """Reads the matching pairs off the diagonal of all distances."""
    far = torch.cdist(
        F.normalize(z_1, dim=1),
        F.normalize(z_2, dim=1),
        compute_mode="donot_use_mm_for_euclid_dist",
    )
    return (far.diagonal() ** alpha).mean()


def vector_norm(z_1, z_2, alpha=2.0):
    """Uses torch.linalg from the lengths to the distances."""

    def unit(z):
        return z / torch.linalg.vector_norm(z, dim=1, keepdim=True).clamp(min=1e-12)

    d = torch.linalg.vector_norm(unit(z_1) - unit(z_2), dim=1)
    return torch.mean(torch.pow(d, alpha))


def root_of_what_is_not_zero(z_1, z_2, alpha=2.0):
    """Takes the power of the squared distance where that is not 0."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    squared = gap.square().sum(dim=1)
    apart = squared > 0
    safe = torch.where(apart, squared, 1.0)
    # Squares of tiny gaps vanish, so NaN must be asked for by name.
    powers = torch.where(apart | squared.isnan(), safe ** (alpha / 2), 0.0)
    return torch.where(squared.isnan(), squared, powers).mean()


def double_inside(z_1, z_2, alpha=2.0):
    """Computes in float64 and returns the dtype it was given."""
    a = F.normalize(z_1.double(), dim=1)
    b = F.normalize(z_2.double(), dim=1)
    return (a - b).norm(dim=1).pow(alpha).mean().to(z_1.dtype)


def both_views_stacked(z_1, z_2, alpha=2.0):
    """Stacks the views and lets diff subtract."""
    z = F.normalize(torch.stack([z_1, z_2]), dim=2)
    gap = torch.diff(z, dim=0).squeeze(0)
    return gap.norm(dim=-1).pow(alpha).sum() / len(gap)


def positional_only(a, b, p=2.0, /):
    """Takes its arguments by position only."""
    a = a.div(a.norm(dim=1, keepdim=True).clamp_min(1e-12))
    b = b.div(b.norm(dim=1, keepdim=True).clamp_min(1e-12))
    return a.sub(b).norm(dim=1).pow(p).mean()


def keyword_only(z_1, z_2, *, alpha=2.0, eps=1e-12):
    """Takes the exponent by name only."""
    gap = F.normalize(z_1, dim=1, eps=eps) - F.normalize(z_2, dim=1, eps=eps)
    distances = torch.norm(gap, dim=1)
    if alpha == 1:
        return distances.mean()
    return (distances**alpha).mean()


def more_options(z_1, z_2, alpha=2.0, normalize=True, reduction="mean"):
    """Has more optional arguments, whose defaults change nothing."""
    if normalize:
        z_1, z_2 = (F.normalize(z, dim=1) for z in (z_1, z_2))
    each = (z_2 - z_1).norm(dim=1).pow(alpha)
    return each.mean() if reduction == "mean" else each


def transposed(z_1, z_2, alpha=2.0):
    """Works on columns: one embedding a column."""
    gap = F.normalize(z_1.T, dim=0) - F.normalize(z_2.T, dim=0)
    return gap.norm(dim=0).pow(alpha).mean()


class _Alignment(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def __init__(self):
        super().__init__()
        self.distance = torch.nn.PairwiseDistance(p=2, eps=0.0)

    def forward(self, z_1, z_2, alpha=2.0):
        unit = torch.nn.functional.normalize
        d = self.distance(unit(z_1, dim=1), unit(z_2, dim=1))
        return torch.pow(d, alpha).mean()


callable_object = _Alignment()
