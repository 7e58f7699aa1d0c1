"""Honest wrong attempts at alignment."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "forgets_to_normalize": "rows are not scaled to length one",
    "scales_columns": "scaled over the batch (dim=0), not over each row",
    "one_norm_for_the_matrix": "one norm for the whole matrix, not one a row",
    "first_view_scaled_only": "the second view is not scaled to length one",
    "scales_the_difference": "the difference is scaled to length one, not the views",
    "ignores_alpha": "alpha is not used: always the square",
    "alpha_on_the_square": "the squared distance is raised to alpha: twice the power",
    "alpha_of_each_entry": "entries are raised to alpha, not the distance",
    "alpha_is_the_norm": "alpha is taken for the order of the norm",
    "alpha_after_the_mean": "the mean distance is raised to alpha: wrong order",
    "alpha_as_a_factor": "alpha multiplies, it is no exponent",
    "root_in_the_end": "convention: the root of order alpha of the mean",
    "default_of_one": "the default of alpha is 1, not 2",
    "sums_the_batch": "convention: sum over the batch",
    "distance_of_each_pair": "convention: no reduction, shape (N,)",
    "mean_over_everything": "mean over all entries: D times too small",
    "norm_of_the_batch": "one norm of the whole matrix of differences",
    "distance_of_the_means": "distance of the mean embeddings, not mean distance",
    "all_pairs": "means over all pairs of rows, not over matching rows",
    "neighbors_of_one_view": "compares each row with the next one of the same view",
    "one_minus_cosine": "convention: 1 - cos, half the square, and no alpha",
    "cosine": "the mean cosine: larger is better, and no alpha",
    "root_of_cosines": "unstable: 2 - 2 cos rounds below 0, NaN where views agree",
    "square_root_by_hand": "unstable: NaN gradient where the views agree",
    "small_number_under_the_root": "1e-3 under the root: wrong for close views",
    "log_in_the_end": "logarithm of the mean, as in uniformity",
    "gaussian_potential": "exp(-alpha d^2), the potential of uniformity",
    "forgets_the_minus": "wrong sign",
    "stops_the_second_view": "extra detach: no gradient into z_2",
    "scales_in_place": "mutates its inputs: scales them in place",
    "keepdim_missing": "keepdim is missing: columns are divided, or it raises",
    "scales_the_data": "mutates its input: z_1.data is scaled",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_to_return": "returns None",
    "two_slips": "two: mean over all entries, and no scaling",
}


def forgets_to_normalize(z_1, z_2, alpha=2.0):
    """Believes in the official code as it is printed, for rows of any length."""
    return (z_1 - z_2).norm(p=2, dim=1).pow(alpha).mean()


def scales_columns(z_1, z_2, alpha=2.0):
    """Believes dim=0 is the axis of the embedding."""
    z_1, z_2 = F.normalize(z_1, dim=0), F.normalize(z_2, dim=0)
    return (z_1 - z_2).norm(dim=1).pow(alpha).mean()


def one_norm_for_the_matrix(z_1, z_2, alpha=2.0):
    """Believes norm() works row by row."""
    gap = z_1 / z_1.norm() - z_2 / z_2.norm()
    return gap.norm(dim=1).pow(alpha).mean()


def first_view_scaled_only(z_1, z_2, alpha=2.0):
    """Believes the second view has length one already."""
    return (F.normalize(z_1, dim=1) - z_2).norm(dim=1).pow(alpha).mean()


def scales_the_difference(z_1, z_2, alpha=2.0):
    """Believes normalizing may come after subtracting."""
    return F.normalize(z_1 - z_2, dim=1).norm(dim=1).pow(alpha).mean()


def ignores_alpha(z_1, z_2, alpha=2.0):
    """Believes alignment is a squared distance."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.square().sum(dim=1).mean()


def alpha_on_the_square(z_1, z_2, alpha=2.0):
    """Believes the squared distance is what alpha belongs to."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return (gap**2).sum(dim=1).pow(alpha).mean()


def alpha_of_each_entry(z_1, z_2, alpha=2.0):
    """Believes the power may be taken entry by entry."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.abs().pow(alpha).sum(dim=1).mean()


def alpha_is_the_norm(z_1, z_2, alpha=2.0):
    """Believes alpha is the p of the norm, and squares it."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return torch.norm(gap, p=alpha, dim=1).pow(2).mean()


def alpha_after_the_mean(z_1, z_2, alpha=2.0):
    """Believes mean and power may change places."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).mean() ** alpha


def alpha_as_a_factor(z_1, z_2, alpha=2.0):
    """Believes alpha is a weight."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return alpha * gap.norm(dim=1).mean()


def root_in_the_end(z_1, z_2, alpha=2.0):
    """Believes a mean of powers ends with the root, to be a distance again."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).pow(alpha).mean().pow(1 / alpha)


def default_of_one(z_1, z_2, alpha=1.0):
    """Believes the plain distance is the default."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).pow(alpha).mean()


def sums_the_batch(z_1, z_2, alpha=2.0):
    """Believes the alignment of a batch is a sum."""
    total = 0
    for a, b in zip(z_1, z_2, strict=True):
        total = total + torch.dist(a / a.norm(), b / b.norm()) ** alpha
    return total


def distance_of_each_pair(z_1, z_2, alpha=2.0):
    """Believes the caller takes the mean."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1) ** alpha


def mean_over_everything(z_1, z_2, alpha=2.0):
    """Believes mse_loss is the mean squared distance."""
    mse = F.mse_loss(F.normalize(z_1, dim=1), F.normalize(z_2, dim=1))
    return mse ** (alpha / 2)


def norm_of_the_batch(z_1, z_2, alpha=2.0):
    """Believes norm without an axis gives one number a row."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm().pow(alpha).mean()


def distance_of_the_means(z_1, z_2, alpha=2.0):
    """Believes the mean over the batch may be taken first."""
    gap = (F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)).mean(dim=0)
    return gap.norm().pow(alpha)


def all_pairs(z_1, z_2, alpha=2.0):
    """Believes cdist compares matching rows."""
    z_1, z_2 = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    return torch.cdist(z_1, z_2).pow(alpha).mean()


def neighbors_of_one_view(z_1, z_2, alpha=2.0):
    """Believes both views lie one after the other in the rows."""
    z = F.normalize(torch.cat([z_1, z_2]), dim=1)
    return (z[0::2] - z[1::2]).norm(dim=1).pow(alpha).mean()


def one_minus_cosine(z_1, z_2, alpha=2.0):
    """Believes the cosine distance is the squared distance."""
    return (1 - F.cosine_similarity(z_1, z_2, dim=1)).mean()


def cosine(z_1, z_2, alpha=2.0):
    """Believes alignment is similarity."""
    return F.cosine_similarity(z_1, z_2, dim=-1).mean()


def root_of_cosines(z_1, z_2, alpha=2.0):
    """Believes 2 - 2 cos is never negative."""
    z_1, z_2 = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    squared = 2 - 2 * (z_1 * z_2).sum(dim=1)
    return torch.sqrt(squared).pow(alpha).mean()


def square_root_by_hand(z_1, z_2, alpha=2.0):
    """Believes a root has a slope everywhere."""
    z_1 = z_1 / z_1.norm(dim=1, keepdim=True).clamp_min(1e-12)
    z_2 = z_2 / z_2.norm(dim=1, keepdim=True).clamp_min(1e-12)
    distance = torch.sqrt(((z_1 - z_2) ** 2).sum(dim=1))
    return (distance**alpha).mean()


def small_number_under_the_root(z_1, z_2, alpha=2.0):
    """Believes 1e-3 under the root is too small to matter."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return torch.sqrt(gap.square().sum(dim=1) + 1e-3).pow(alpha).mean()


def log_in_the_end(z_1, z_2, alpha=2.0):
    """Believes alignment is a logarithm, like uniformity."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).pow(alpha).mean().log()


def gaussian_potential(z_1, z_2, alpha=2.0):
    """Believes alpha is the t of the other loss."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return torch.exp(-alpha * gap.square().sum(dim=1)).mean()


def forgets_the_minus(z_1, z_2, alpha=2.0):
    """Believes more alignment must be a larger number."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return -gap.norm(dim=1).pow(alpha).mean()


def stops_the_second_view(z_1, z_2, alpha=2.0):
    """Believes the second view is a target."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1).detach()
    return gap.norm(dim=1).pow(alpha).mean()


def scales_in_place(z_1, z_2, alpha=2.0):
    """Believes the arguments belong to the function."""
    with torch.no_grad():
        z_1 /= z_1.norm(dim=1, keepdim=True)
        z_2 /= z_2.norm(dim=1, keepdim=True)
    return (z_1 - z_2).norm(dim=1).pow(alpha).mean()


def keepdim_missing(z_1, z_2, alpha=2.0):
    """Believes lengths of shape (N,) divide rows."""
    gap = z_1 / z_1.norm(dim=1) - z_2 / z_2.norm(dim=1)
    return gap.norm(dim=1).pow(alpha).mean()


def scales_the_data(z_1, z_2, alpha=2.0):
    """Believes data of an argument is scratch space."""
    unit = F.normalize(z_2, dim=1)
    z_1.data = F.normalize(z_1.data, dim=1)
    return (z_1 - unit).norm(dim=1).pow(alpha).mean()


def numpy_habits(z_1, z_2, alpha=2.0):
    """Believes numpy is as good as torch for a measure."""
    a, b = z_1.detach().numpy(), z_2.detach().numpy()
    a = a / np.linalg.norm(a, axis=1, keepdims=True)
    b = b / np.linalg.norm(b, axis=1, keepdims=True)
    return np.mean(np.linalg.norm(a - b, axis=1) ** alpha)


def returns_a_number(z_1, z_2, alpha=2.0):
    """Believes a measure is only printed."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    return gap.norm(dim=1).pow(alpha).mean().item()


def forgets_to_return(z_1, z_2, alpha=2.0):
    """Believes an assignment is enough."""
    gap = F.normalize(z_1, dim=1) - F.normalize(z_2, dim=1)
    align = gap.norm(dim=1).pow(alpha).mean()  # noqa: F841


def two_slips(z_1, z_2, alpha=2.0):
    """Believes the mean of all differences to the power alpha is all there is."""
    return (z_1 - z_2).abs().pow(alpha).mean()
