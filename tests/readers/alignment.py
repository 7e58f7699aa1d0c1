"""Functions that readers write for ``alignment``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
def like_the_official_code(x, y, alpha=2):
    """Follows the official code, with rows scaled to length one first."""
    x, y = F.normalize(x, dim=1), F.normalize(y, dim=1)
    return (x - y).norm(p=2, dim=1).pow(alpha).mean()


@right
def row_by_row(z_1, z_2, alpha=2.0):
    """Loops over the pairs."""
    powers = []
    for a, b in zip(z_1, z_2, strict=True):
        a_unit = a / a.norm().clamp_min(1e-12)
        b_unit = b / b.norm().clamp_min(1e-12)
        powers.append((a_unit - b_unit).norm() ** alpha)
    return torch.stack(powers).mean()


@right
def by_torch_dist(z_1, z_2, alpha=2.0):
    """Asks torch for the distance of each pair and sums."""
    u_1, u_2 = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    n = u_1.shape[0]
    total = u_1.new_zeros(())
    for i in range(n):
        total = total + torch.dist(u_1[i], u_2[i]).pow(alpha)
    return total / n


@right
def pairwise_distance(z_1, z_2, alpha=2.0):
    """Takes torch's pairwise distance, with no small number added."""
    u, v = F.normalize(z_1, p=2.0, dim=-1), F.normalize(z_2, p=2.0, dim=-1)
    return F.pairwise_distance(u, v, p=2, eps=0.0).pow(alpha).mean(dim=0)


in_double(__name__)
by_position(__name__, "a b p")


@right
def both_views_stacked(z_1, z_2, alpha=2.0):
    """Stacks the views and lets diff subtract."""
    z = F.normalize(torch.stack([z_1, z_2]), dim=2)
    gap = torch.diff(z, dim=0).squeeze(0)
    return gap.norm(dim=-1).pow(alpha).sum() / len(gap)


@right
def keyword_only(z_1, z_2, *, alpha=2.0, eps=1e-12):
    """Takes the exponent by name only."""
    gap = F.normalize(z_1, dim=1, eps=eps) - F.normalize(z_2, dim=1, eps=eps)
    distances = torch.norm(gap, dim=1)
    if alpha == 1:
        return distances.mean()
    return (distances**alpha).mean()


with_options(__name__, normalize=True, reduction="mean")


@right
def transposed(z_1, z_2, alpha=2.0):
    """Works on columns: one embedding a column."""
    gap = F.normalize(z_1.T, dim=0) - F.normalize(z_2.T, dim=0)
    return gap.norm(dim=0).pow(alpha).mean()


@wrong("scaled over the batch (dim=0), not over each row")
def scales_columns(z_1, z_2, alpha=2.0):
    z_1, z_2 = F.normalize(z_1, dim=0), F.normalize(z_2, dim=0)
    return (z_1 - z_2).norm(dim=1).pow(alpha).mean()


@wrong("one norm for the whole matrix, not one a row")
def one_norm_for_the_matrix(z_1, z_2, alpha=2.0):
    gap = z_1 / z_1.norm() - z_2 / z_2.norm()
    return gap.norm(dim=1).pow(alpha).mean()


@wrong("the second view is not scaled to length one")
def first_view_scaled_only(z_1, z_2, alpha=2.0):
    return (F.normalize(z_1, dim=1) - z_2).norm(dim=1).pow(alpha).mean()


@wrong("the difference is scaled to length one, not the views")
def scales_the_difference(z_1, z_2, alpha=2.0):
    return F.normalize(z_1 - z_2, dim=1).norm(dim=1).pow(alpha).mean()


@wrong("alpha is not used: always the square")
def ignores_alpha(z_1, z_2, alpha=2.0):
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.square().sum(dim=1).mean()


@wrong("the squared distance is raised to alpha: twice the power")
def alpha_on_the_square(z_1, z_2, alpha=2.0):
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return (gap**2).sum(dim=1).pow(alpha).mean()


@wrong("entries are raised to alpha, not the distance")
def alpha_of_each_entry(z_1, z_2, alpha=2.0):
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.abs().pow(alpha).sum(dim=1).mean()


@wrong("alpha is taken for the order of the norm")
def alpha_is_the_norm(z_1, z_2, alpha=2.0):
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return torch.norm(gap, p=alpha, dim=1).pow(2).mean()


@wrong("the mean distance is raised to alpha: wrong order")
def alpha_after_the_mean(z_1, z_2, alpha=2.0):
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).mean() ** alpha


@wrong("compares each row with the next one of the same view")
def neighbors_of_one_view(z_1, z_2, alpha=2.0):
    z = F.normalize(torch.cat([z_1, z_2]), dim=1)
    return (z[0::2] - z[1::2]).norm(dim=1).pow(alpha).mean()


@wrong("convention: 1 - cos, half the square, and no alpha")
def one_minus_cosine(z_1, z_2, alpha=2.0):
    return (1 - F.cosine_similarity(z_1, z_2, dim=1)).mean()


@wrong("the mean cosine: larger is better, and no alpha")
def cosine(z_1, z_2, alpha=2.0):
    return F.cosine_similarity(z_1, z_2, dim=-1).mean()


@wrong("two: mean over all entries, and no scaling")
def two_slips(z_1, z_2, alpha=2.0):
    return (z_1 - z_2).abs().pow(alpha).mean()


def _distances(z_1, z_2):
    return (F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)).norm(dim=1)


@rare
def median_pair(z_1, z_2, alpha=2.0):
    """Takes the median over the pairs, not the mean."""
    return _distances(z_1, z_2).pow(alpha).median()


@rare
def odd_exponent(z_1, z_2, alpha=2.0):
    """Adds a half to the exponent."""
    return _distances(z_1, z_2).pow(alpha + 0.5).mean()


@rare
def farthest_entry(z_1, z_2, alpha=2.0):
    """Takes the largest difference of two entries as the distance."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.abs().amax(dim=1).pow(alpha).mean()


@rare
def manhattan_length(z_1, z_2, alpha=2.0):
    """Scales rows so that the sum of absolute values is one."""
    gap = F.normalize(z_1, p=1, dim=1) - F.normalize(z_2, p=1, dim=1)
    return gap.norm(dim=1).pow(alpha).mean()
