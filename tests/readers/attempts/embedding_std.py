"""Honest wrong attempts at embedding_std."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "without_the_root_of_d": "convention: without the factor root of D, as SimSiam",
    "divides_by_the_root_of_d": "divides by the root of D, not multiplies",
    "multiplies_by_d": "multiplies by D, not its root",
    "divides_by_n_minus_one": "convention: divides by N - 1",
    "forgets_to_normalize": "rows are not scaled to length one",
    "normalizes_the_columns": "normalized over the wrong axis",
    "std_along_the_row": "standard deviation over the wrong axis",
    "std_of_everything": "one standard deviation of all entries",
    "variance_not_std": "variance, not its root",
    "root_of_the_mean_variance": "root of the mean variance, not mean of the roots",
    "centers_first": "centers the rows before they are scaled",
    "standardizes_the_rows": "standardizes rows where length one is asked",
    "manhattan_length": "scales rows by their absolute sum",
    "scales_the_whole_matrix": "divides by the norm of the whole matrix",
    "sums_the_dimensions": "sum over the dimensions, not their mean",
    "std_of_the_lengths": "spread of the lengths, not of the directions",
    "smallest_dimension": "minimum over dimensions where the mean is asked",
    "root_of_n": "root of N, not root of D",
    "normalizes_in_place": "mutates its input: normalizes in place",
    "no_gradient": "no gradient: works on detached numbers",
    "std_of_each_dimension": "wrong shape: one value for each dimension",
    "sample_std_and_no_root": "two: N - 1, and no root of D",
    "small_number_under_the_root": "small number under the root: not 0 for equal rows",
    "numpy_habits": "no gradient: computed in numpy",
}


def without_the_root_of_d(z):
    """Believes in the figure of the paper, which ends at one over root D."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean()


def divides_by_the_root_of_d(z):
    """Believes the ideal value is divided out with a division."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean() / z.shape[1] ** 0.5


def multiplies_by_d(z):
    """Believes the factor is D."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean() * z.shape[1]


def divides_by_n_minus_one(z):
    """Believes torch.std is the standard deviation."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0).mean()


def forgets_to_normalize(z):
    """Believes the embeddings have length one."""
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def normalizes_the_columns(z):
    """Believes dim=0 is the axis of the embedding."""
    z = F.normalize(z, dim=0)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def std_along_the_row(z):
    """Believes the spread is within each embedding."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=1, unbiased=False).mean()


def std_of_everything(z):
    """Believes std() is the mean of the columns' deviations."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(unbiased=False)


def variance_not_std(z):
    """Believes spread is variance."""
    z = F.normalize(z, dim=1)
    return z.var(dim=0, unbiased=False).mean() * z.shape[1]


def root_of_the_mean_variance(z):
    """Believes root and mean can be exchanged."""
    z = F.normalize(z, dim=1)
    return (z.var(dim=0, unbiased=False).mean() * z.shape[1]).sqrt()


def centers_first(z):
    """Believes embeddings are centered before they are scaled."""
    z = F.normalize(z - z.mean(dim=0), dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def standardizes_the_rows(z):
    """Believes to normalize is to standardize."""
    z = (z - z.mean(dim=1, keepdim=True)) / z.std(dim=1, keepdim=True)
    return z.std(dim=0, unbiased=False).mean()


def manhattan_length(z):
    """Believes rows are divided by their sum."""
    z = z / z.abs().sum(dim=1, keepdim=True)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def scales_the_whole_matrix(z):
    """Believes norm() is the norm of each row."""
    z = z / z.norm()
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def sums_the_dimensions(z):
    """Believes the sum is what the paper plots."""
    z = F.normalize(z, dim=1)
    total = 0
    for d in range(z.shape[1]):
        total = total + z[:, d].std(unbiased=False)
    return total * z.shape[1] ** 0.5


def std_of_the_lengths(z):
    """Believes collapse shows in the lengths."""
    lengths = torch.linalg.norm(z, dim=1)
    return lengths.std(unbiased=False) * z.shape[1] ** 0.5


def smallest_dimension(z):
    """Believes the worst dimension tells of a collapse."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).min() * z.shape[1] ** 0.5


def root_of_n(z):
    """Believes len(z) is the number of dimensions."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False).mean() * len(z) ** 0.5


def normalizes_in_place(z):
    """Believes the embeddings are no longer needed."""
    with torch.no_grad():
        z /= z.norm(dim=1, keepdim=True)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


@torch.no_grad()
def no_gradient(z):
    """Believes a diagnostic never needs a gradient."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0, unbiased=False).mean()


def std_of_each_dimension(z):
    """Believes one looks at each dimension by itself."""
    z = F.normalize(z, dim=1)
    return z.std(dim=0, unbiased=False) * z.shape[1] ** 0.5


def sample_std_and_no_root(z):
    """Believes in the snippet z.std(0).mean()."""
    return F.normalize(z, dim=1).std(dim=0).mean()


def small_number_under_the_root(z):
    """Believes the root wants a small number, as in VICReg."""
    z = F.normalize(z, dim=1)
    std = torch.sqrt(z.var(dim=0, unbiased=False) + 1e-4)
    return std.mean() * z.shape[1] ** 0.5


def numpy_habits(z):
    """Believes numpy is made for statistics."""
    import numpy as np

    x = z.detach().numpy()
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    return torch.tensor(np.sqrt(x.shape[1]) * x.std(axis=0).mean(), dtype=z.dtype)
