"""Honest wrong attempts at barlow_twins_loss."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "unbiased_deviation": "std divides by N - 1, the matrix by N",
    "forgets_to_center": "columns are not centered",
    "forgets_the_deviation": "covariance: not divided by the deviations",
    "divides_by_the_variance": "divides by the variance, not by its root",
    "standardizes_the_rows": "standardizes each row (dim=1), not each column",
    "rows_of_length_one": "rows are scaled to length one, as in SimCLR",
    "both_views_together": "mean and deviation are taken over both views together",
    "forgets_n": "the matrix is not divided by N",
    "divides_by_d": "the matrix is divided by D, not by N",
    "correlates_the_images": "z_1 z_2^T: images, not dimensions",
    "each_view_with_itself": "correlates each view with itself",
    "wrong_block_of_corrcoef": "corrcoef of both views: the block of one view is taken",
    "keeps_the_diagonal": "redundancy includes the diagonal",
    "flattens_a_shifted_view": "off-diagonal by view: the wrong column is dropped",
    "upper_triangle": "only the upper triangle: half of the redundancy",
    "weight_on_the_diagonal": "lambd multiplies the agreement, not the redundancy",
    "weights_both": "lambd multiplies both terms",
    "forgets_lambda": "lambd is not used",
    "default_of_the_official_code": "convention: default 0.0051",
    "scaled_like_the_official_code": "convention: the whole loss times 1 / 32",
    "batch_norm_of_the_official_code": "convention: 1e-5 is added to each variance",
    "small_number_beside_the_deviation": "convention: 1e-5 is added to each deviation",
    "constants_are_nan": "NaN where a dimension is constant",
    "diagonal_not_squared": "the differences on the diagonal are not squared",
    "diagonal_rewarded": "the diagonal is squared without its distance from 1",
    "absolute_redundancy": "absolute values where squares are asked",
    "redundancy_not_squared": "correlations are added without a square",
    "means_not_sums": "means over the entries, not sums",
    "divides_by_dimension": "convention: divided by D",
    "aims_at_minus_one": "convention: off the diagonal the aim is -1 (HSIC form)",
    "root_of_the_sum": "Frobenius norm of C - I, not its square",
    "stops_the_second_view": "extra detach: no gradient into z_2",
    "stops_the_statistics": "mean and deviation are detached",
    "running_statistics": "batch norm in evaluation mode: nothing is standardized",
    "centers_in_place": "mutates its inputs: centers in place",
    "returns_both_terms": "returns a pair, not one number",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_to_return": "returns None",
    "forgets_the_transpose": "raises: matrices do not fit without a transpose",
    "two_slips": "two: not centered, and the diagonal is kept",
    "subtracts_the_redundancy": "wrong sign of the redundancy",
}


def _standard(z):
    """Standardize columns and leave a constant one at zero."""
    std = z.std(dim=0, correction=0)
    tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
    return (z - z.mean(dim=0)) / std.masked_fill(std <= tiny, torch.inf)


def _off_diagonal(c):
    d = len(c)
    return c.flatten()[:-1].view(d - 1, d + 1)[:, 1:].flatten()


def unbiased_deviation(z_1, z_2, lambd=0.005):
    """Believes std() fits a matrix that is divided by N, as the pseudocode has it."""
    n = z_1.shape[0]
    a = (z_1 - z_1.mean(0)) / z_1.std(0)
    b = (z_2 - z_2.mean(0)) / z_2.std(0)
    c = a.T @ b / n
    on_diag = (torch.diagonal(c) - 1).pow(2).sum()
    return on_diag + lambd * _off_diagonal(c).pow(2).sum()


def forgets_to_center(z_1, z_2, lambd=0.005):
    """Believes equation 2 needs no means."""
    a, b = F.normalize(z_1, dim=0), F.normalize(z_2, dim=0)
    c = a.T @ b
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def forgets_the_deviation(z_1, z_2, lambd=0.005):
    """Believes a covariance is a correlation."""
    a, b = z_1 - z_1.mean(dim=0), z_2 - z_2.mean(dim=0)
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def divides_by_the_variance(z_1, z_2, lambd=0.005):
    """Believes var() is the deviation."""
    a = (z_1 - z_1.mean(dim=0)) / z_1.var(dim=0, correction=0).clamp_min(1e-12)
    b = (z_2 - z_2.mean(dim=0)) / z_2.var(dim=0, correction=0).clamp_min(1e-12)
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def standardizes_the_rows(z_1, z_2, lambd=0.005):
    """Believes each embedding is standardized, as layer normalization does."""
    a, b = _standard(z_1.T).T, _standard(z_2.T).T
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def rows_of_length_one(z_1, z_2, lambd=0.005):
    """Believes embeddings are always scaled to length one."""
    a, b = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    c = a.T @ b / len(a)
    loss = 0
    for i in range(len(c)):
        for j in range(len(c)):
            loss = loss + ((1 - c[i, j]) ** 2 if i == j else lambd * c[i, j] ** 2)
    return loss


def both_views_together(z_1, z_2, lambd=0.005):
    """Believes more rows give better statistics."""
    a, b = _standard(torch.cat([z_1, z_2])).chunk(2)
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def forgets_n(z_1, z_2, lambd=0.005):
    """Believes the product of the matrices is the correlation."""
    c = _standard(z_1).T @ _standard(z_2)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def divides_by_d(z_1, z_2, lambd=0.005):
    """Believes shape[1] is the batch size."""
    c = _standard(z_1).T @ _standard(z_2) / z_1.shape[1]
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def correlates_the_images(z_1, z_2, lambd=0.005):
    """Believes the matrix is that of SimCLR."""
    c = _standard(z_1) @ _standard(z_2).T / z_1.shape[1]
    eye = torch.eye(len(c), dtype=c.dtype)
    return ((c - eye) ** 2 * (eye + lambd * (1 - eye))).sum()


def each_view_with_itself(z_1, z_2, lambd=0.005):
    """Believes redundancy is looked for within each view."""
    loss = 0
    for z in (z_1, z_2):
        z = _standard(z)
        c = z.T @ z / len(z)
        loss = loss + lambd * _off_diagonal(c).pow(2).sum()
    agreement = (_standard(z_1) * _standard(z_2)).mean(dim=0)
    return (1 - agreement).pow(2).sum() + loss / 2


def wrong_block_of_corrcoef(z_1, z_2, lambd=0.005):
    """Believes the first block of corrcoef compares the two views."""
    d = z_1.shape[1]
    c = torch.corrcoef(torch.cat([z_1, z_2], dim=1).T)[:d, :d]
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def keeps_the_diagonal(z_1, z_2, lambd=0.005):
    """Believes the sum of all squares is the redundancy."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    on_diag = torch.diagonal(c).add(-1).pow(2).sum()
    return on_diag + lambd * c.pow(2).sum()


def flattens_a_shifted_view(z_1, z_2, lambd=0.005):
    """Believes the last column of the reshaped matrix is the diagonal."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    d = len(c)
    off = c.flatten()[:-1].view(d - 1, d + 1)[:, :-1]
    return (c.diagonal() - 1).pow(2).sum() + lambd * off.pow(2).sum()


def upper_triangle(z_1, z_2, lambd=0.005):
    """Believes the cross-correlation is symmetric, so half of it will do."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * c.triu(diagonal=1).pow(2).sum()


def weight_on_the_diagonal(z_1, z_2, lambd=0.005):
    """Believes lambda weighs the first term."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return lambd * (1 - c.diagonal()).pow(2).sum() + _off_diagonal(c).pow(2).sum()


def weights_both(z_1, z_2, lambd=0.005):
    """Believes lambda stands before the bracket."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return lambd * (c - torch.eye(len(c), dtype=c.dtype)).square().sum()


def forgets_lambda(z_1, z_2, lambd=0.005):
    """Believes the distance from the identity is the loss."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return F.mse_loss(c, torch.eye(len(c), dtype=c.dtype), reduction="sum")


def default_of_the_official_code(z_1, z_2, lambd=0.0051):
    """Believes in the default of the official code."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def scaled_like_the_official_code(z_1, z_2, lambd=0.005):
    """Believes the loss has a scale, as some versions of the code do."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    loss = (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()
    return loss / 32


def batch_norm_of_the_official_code(z_1, z_2, lambd=0.005):
    """Believes batch normalization standardizes exactly."""
    bn = torch.nn.BatchNorm1d(z_1.shape[1], affine=False, dtype=z_1.dtype)
    c = bn(z_1).T @ bn(z_2) / z_1.shape[0]
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def small_number_beside_the_deviation(z_1, z_2, lambd=0.005):
    """Believes 1e-5 beside the deviation changes nothing, whatever the scale."""

    def standard(z):
        return (z - z.mean(dim=0)) / (z.std(dim=0, unbiased=False) + 1e-5)

    c = standard(z_1).T @ standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def constants_are_nan(z_1, z_2, lambd=0.005):
    """Believes no dimension is ever constant."""
    a = z_1 - z_1.mean(dim=0)
    b = z_2 - z_2.mean(dim=0)
    c = (a.T @ b) / torch.outer(a.norm(dim=0), b.norm(dim=0))
    on = (1 - torch.diag(c)).square().sum()
    off = (c - torch.diag(torch.diag(c))).square().sum()
    return on + lambd * off


def diagonal_not_squared(z_1, z_2, lambd=0.005):
    """Believes 1 - C is positive, so needs no square."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).sum() + lambd * _off_diagonal(c).pow(2).sum()


def diagonal_rewarded(z_1, z_2, lambd=0.005):
    """Believes the diagonal is added like the rest."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return c.diagonal().pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def absolute_redundancy(z_1, z_2, lambd=0.005):
    """Believes an absolute value is as good as a square."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).abs().sum()


def redundancy_not_squared(z_1, z_2, lambd=0.005):
    """Believes correlations below zero are good."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).sum()


def means_not_sums(z_1, z_2, lambd=0.005):
    """Believes a loss is a mean."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).mean() + lambd * _off_diagonal(c).pow(2).mean()


def divides_by_dimension(z_1, z_2, lambd=0.005):
    """Believes the loss should not grow with D."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    loss = (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()
    return loss / z_1.shape[1]


def aims_at_minus_one(z_1, z_2, lambd=0.005):
    """Believes in the variant that pushes the other entries to -1."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    off = _off_diagonal(c).add(1).pow(2).sum()
    return (c.diagonal() - 1).pow(2).sum() + lambd * off


def root_of_the_sum(z_1, z_2, lambd=0.005):
    """Believes the norm of the difference is the loss."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    on = torch.linalg.norm(1 - c.diagonal())
    return on + lambd * torch.linalg.norm(_off_diagonal(c))


def stops_the_second_view(z_1, z_2, lambd=0.005):
    """Believes the second view is a target, as in BYOL."""
    c = _standard(z_1).T @ _standard(z_2.detach()) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def stops_the_statistics(z_1, z_2, lambd=0.005):
    """Believes statistics are constants."""

    def standard(z):
        mean, std = z.detach().mean(0), z.detach().std(0, correction=0)
        tiny = 10 * torch.finfo(z.dtype).eps * z.detach().abs().amax(dim=0)
        return (z - mean) / std.masked_fill(std <= tiny, torch.inf)

    c = standard(z_1).T @ standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def running_statistics(z_1, z_2, lambd=0.005):
    """Believes evaluation mode makes batch normalization exact."""
    bn = torch.nn.BatchNorm1d(z_1.shape[1], affine=False, dtype=z_1.dtype).eval()
    c = bn(z_1).T @ bn(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def centers_in_place(z_1, z_2, lambd=0.005):
    """Believes the arguments belong to the function."""
    with torch.no_grad():
        z_1 -= z_1.mean(dim=0)
        z_2 -= z_2.mean(dim=0)
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def returns_both_terms(z_1, z_2, lambd=0.005):
    """Believes the caller adds the terms."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum(), lambd * _off_diagonal(c).pow(2).sum()


def numpy_habits(z_1, z_2, lambd=0.005):
    """Believes numpy is as good as torch for a loss."""
    d = z_1.shape[1]
    both = np.concatenate([z_1.detach().numpy(), z_2.detach().numpy()], axis=1)
    c = np.corrcoef(both, rowvar=False)[:d, d:]
    on = ((1 - np.diag(c)) ** 2).sum()
    off = (c**2).sum() - (np.diag(c) ** 2).sum()
    return torch.tensor(on + lambd * off, dtype=z_1.dtype)


def returns_a_number(z_1, z_2, lambd=0.005):
    """Believes a loss is a number, so calls item()."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    on = (1 - c.diagonal()).pow(2).sum()
    return on.item() + lambd * _off_diagonal(c).pow(2).sum().item()


def forgets_to_return(z_1, z_2, lambd=0.005):
    """Believes the last line is returned."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    on = (1 - c.diagonal()).pow(2).sum()
    on + lambd * _off_diagonal(c).pow(2).sum()


def forgets_the_transpose(z_1, z_2, lambd=0.005):
    """Believes @ multiplies rows with rows."""
    c = _standard(z_1) @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


def two_slips(z_1, z_2, lambd=0.005):
    """Believes columns of length one are all it takes, and adds all squares."""
    c = F.normalize(z_1, dim=0).T @ F.normalize(z_2, dim=0)
    return (1 - c.diagonal()).pow(2).sum() + lambd * c.pow(2).sum()


def subtracts_the_redundancy(z_1, z_2, lambd=0.005):
    """Believes redundancy is subtracted."""
    c = _standard(z_1).T @ _standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() - lambd * _off_diagonal(c).pow(2).sum()
