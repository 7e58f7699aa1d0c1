"""Functions that readers write for ``barlow_twins_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def standardized_columns(z_1, z_2, lambd=0.005):
    """Standardizes columns; a constant one is divided by infinity."""

    def standard(z):
        std = z.std(dim=0, correction=0)
        tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
        std = torch.where(std <= tiny, torch.inf, std)
        return (z - z.mean(dim=0)) / std

    c = standard(z_1).T @ standard(z_2) / z_1.shape[0]
    on_diag = torch.diagonal(c).add(-1).pow(2).sum()
    off_diag = (c - torch.diag(torch.diagonal(c))).pow(2).sum()
    return on_diag + lambd * off_diag


@right
def weights_in_a_matrix(z_1, z_2, lambd=0.005):
    """Weighs the squared distance from the identity with a matrix."""
    z = torch.stack([z_1, z_2])
    centered = z - z.mean(dim=1, keepdim=True)
    length = centered.norm(dim=1)
    n = z.shape[1]
    tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=1) * n**0.5
    varies = length > tiny
    length = torch.where(varies | length.isnan(), length, 1.0)
    u = torch.where(varies[:, None] | centered.isnan(), centered / length[:, None], centered * 0)
    c = torch.einsum("ni,nj->ij", u[0], u[1])
    eye = torch.eye(c.shape[0], dtype=c.dtype)
    return ((c - eye).square() * (lambd + (1 - lambd) * eye)).sum()


@right
def by_torch_cov(z_1, z_2, lambd=0.005):
    """Divides a block of torch.cov by the deviations."""
    d = z_1.shape[1]
    both = torch.cat([z_1, z_2], dim=1)
    cov = torch.cov(both.T, correction=0)
    std = both.std(dim=0, correction=0)
    tiny = 10 * torch.finfo(both.dtype).eps * both.abs().amax(dim=0)
    inverse = 1 / std.masked_fill(std <= tiny, torch.inf)
    c = cov[:d, d:] * torch.outer(inverse[:d], inverse[d:])
    on = torch.eye(d, dtype=torch.bool)
    return (c[on] - 1).square().sum() + lambd * c[~on].square().sum()


@right
def only_dimensions_that_vary(z_1, z_2, lambd=0.005):
    """Leaves constant dimensions out and puts zeros into their places."""

    def varying(z):
        spread = z.detach().std(dim=0, correction=0)
        tiny = 10 * torch.finfo(z.dtype).eps * z.detach().abs().amax(dim=0)
        return torch.nonzero(~(spread <= tiny)).flatten()

    rows, columns = varying(z_1), varying(z_2)
    a, b = z_1[:, rows], z_2[:, columns]
    a, b = a - a.mean(dim=0), b - b.mean(dim=0)
    small = (a / a.norm(dim=0)).T @ (b / b.norm(dim=0))
    d = z_1.shape[1]
    c = torch.zeros(d, d, dtype=z_1.dtype)
    c = c.index_put((rows[:, None], columns[None, :]), small)
    on = torch.trace((c - 1).square())
    return on + lambd * (c.square().sum() - torch.trace(c.square()))


@right
def both_triangles(z_1, z_2, lambd=0.005):
    """Adds the triangles above and below the diagonal."""
    n = len(z_1)
    parts = []
    for z in (z_1, z_2):
        var, mean = torch.var_mean(z, dim=0, correction=0)
        tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
        flat = var.detach().sqrt() <= tiny
        safe = torch.where(flat, 1.0, var)
        parts.append((z - mean) * torch.where(flat, 0.0, safe.rsqrt()))
    c = parts[0].t().mm(parts[1]).div(n)
    redundancy = c.triu(1).pow(2).sum() + c.tril(-1).pow(2).sum()
    return (torch.diagonal(c) - 1).pow(2).sum() + lambd * redundancy


in_double(__name__)
by_position(__name__, "x y w")


@right
def keyword_only(z_1, z_2, *, lambd=0.005, tolerance=10.0):
    """Takes the weight by name only, and rolls the columns to meet every pair."""
    n, d = z_1.shape

    def standard(z):
        limit = tolerance * torch.finfo(z.dtype).eps * z.abs().max(dim=0).values
        deviation = z.std(dim=0, unbiased=False)
        deviation = deviation.masked_fill(deviation <= limit, float("inf"))
        return (z - z.mean(dim=0, keepdim=True)) / deviation

    a, b = standard(z_1), standard(z_2)
    loss = (1 - (a * b).sum(dim=0) / n).square().sum()
    for shift in range(1, d):
        c = (a * b.roll(shift, dims=1)).sum(dim=0) / n
        loss = loss + lambd * c.square().sum()
    return loss


@right
def batch_norm_without_a_small_number(z_1, z_2, lambd=0.005):
    """Lets batch_norm standardize columns that vary, brought to one scale before."""

    def standard(z):
        std = z.std(dim=0, correction=0)
        flat = std <= 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
        # An exact scale of the columns does not change correlations.
        scaled = (z - z.mean(dim=0).detach()) / torch.where(flat, 1.0, std).detach()
        out = F.batch_norm(scaled, None, None, training=True, eps=1e-30)
        return out.masked_fill(flat, 0.0)

    c = standard(z_1).T @ standard(z_2) / len(z_1)
    target = torch.eye(len(c), dtype=c.dtype)
    weight = torch.full_like(c, lambd).fill_diagonal_(1.0)
    return torch.sum(weight * (c - target) ** 2)


@right
def gram_matrices(z_1, z_2, lambd=0.005):
    """Gets the sum of all squares from the products of rows."""

    def unit_columns(z):
        std = z.std(dim=0, correction=0)
        rounding = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
        root_n = len(z) ** 0.5
        std = std.masked_fill(std <= rounding, torch.inf)
        return (z - z.mean(dim=0)) / std / root_n

    u, v = unit_columns(z_1), unit_columns(z_2)
    everything = ((u @ u.T) * (v @ v.T)).sum()
    diagonal = (u * v).sum(dim=0)
    return (1 - diagonal).square().sum() + lambd * (everything - diagonal.square().sum())


def _off_diagonal(c):
    d = len(c)
    return c.flatten()[:-1].view(d - 1, d + 1)[:, 1:].flatten()


@wrong("std divides by N - 1, the matrix by N")
def unbiased_deviation(z_1, z_2, lambd=0.005):
    n = z_1.shape[0]
    a = (z_1 - z_1.mean(0)) / z_1.std(0)
    b = (z_2 - z_2.mean(0)) / z_2.std(0)
    c = a.T @ b / n
    on_diag = (torch.diagonal(c) - 1).pow(2).sum()
    return on_diag + lambd * _off_diagonal(c).pow(2).sum()


@wrong("columns are not centered")
def forgets_to_center(z_1, z_2, lambd=0.005):
    a, b = F.normalize(z_1, dim=0), F.normalize(z_2, dim=0)
    c = a.T @ b
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("covariance: not divided by the deviations")
def forgets_the_deviation(z_1, z_2, lambd=0.005):
    a, b = z_1 - z_1.mean(dim=0), z_2 - z_2.mean(dim=0)
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("divides by the variance, not by its root")
def divides_by_the_variance(z_1, z_2, lambd=0.005):
    a = (z_1 - z_1.mean(dim=0)) / z_1.var(dim=0, correction=0).clamp_min(1e-12)
    b = (z_2 - z_2.mean(dim=0)) / z_2.var(dim=0, correction=0).clamp_min(1e-12)
    c = a.T @ b / len(a)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("rows are scaled to length one, as in SimCLR")
def rows_of_length_one(z_1, z_2, lambd=0.005):
    a, b = F.normalize(z_1, dim=1), F.normalize(z_2, dim=1)
    c = a.T @ b / len(a)
    loss = 0
    for i in range(len(c)):
        for j in range(len(c)):
            loss = loss + ((1 - c[i, j]) ** 2 if i == j else lambd * c[i, j] ** 2)
    return loss


@wrong("corrcoef of both views: the block of one view is taken")
def wrong_block_of_corrcoef(z_1, z_2, lambd=0.005):
    d = z_1.shape[1]
    c = torch.corrcoef(torch.cat([z_1, z_2], dim=1).T)[:d, :d]
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("convention: 1e-5 is added to each variance")
def batch_norm_of_the_official_code(z_1, z_2, lambd=0.005):
    bn = torch.nn.BatchNorm1d(z_1.shape[1], affine=False, dtype=z_1.dtype)
    c = bn(z_1).T @ bn(z_2) / z_1.shape[0]
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("convention: 1e-5 is added to each deviation")
def small_number_beside_the_deviation(z_1, z_2, lambd=0.005):
    def standard(z):
        return (z - z.mean(dim=0)) / (z.std(dim=0, unbiased=False) + 1e-5)

    c = standard(z_1).T @ standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("mean and deviation are detached")
def stops_the_statistics(z_1, z_2, lambd=0.005):
    def standard(z):
        mean, std = z.detach().mean(0), z.detach().std(0, correction=0)
        tiny = 10 * torch.finfo(z.dtype).eps * z.detach().abs().amax(dim=0)
        return (z - mean) / std.masked_fill(std <= tiny, torch.inf)

    c = standard(z_1).T @ standard(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("batch norm in evaluation mode: nothing is standardized")
def running_statistics(z_1, z_2, lambd=0.005):
    bn = torch.nn.BatchNorm1d(z_1.shape[1], affine=False, dtype=z_1.dtype).eval()
    c = bn(z_1).T @ bn(z_2) / len(z_1)
    return (1 - c.diagonal()).pow(2).sum() + lambd * _off_diagonal(c).pow(2).sum()


@wrong("two: not centered, and the diagonal is kept")
def two_slips(z_1, z_2, lambd=0.005):
    c = F.normalize(z_1, dim=0).T @ F.normalize(z_2, dim=0)
    return (1 - c.diagonal()).pow(2).sum() + lambd * c.pow(2).sum()


def _standard(z):
    std = z.std(dim=0, correction=0)
    tiny = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
    return (z - z.mean(dim=0)) / std.masked_fill(std <= tiny, torch.inf)


def _correlation(z_1, z_2):
    return _standard(z_1).T @ _standard(z_2) / len(z_1)


def _loss(c, lambd):
    on = (1 - c.diagonal()).square().sum()
    return on + lambd * (c - torch.diag(c.diagonal())).square().sum()


@rare
def fourth_powers(z_1, z_2, lambd=0.005):
    """Raises the differences on the diagonal to the fourth power."""
    c = _correlation(z_1, z_2)
    off = (c - torch.diag(c.diagonal())).square().sum()
    return (1 - c.diagonal()).pow(4).sum() + lambd * off


@rare
def last_dimension_left_out(z_1, z_2, lambd=0.005):
    """Leaves the last dimension out of both terms."""
    return _loss(_correlation(z_1, z_2)[:-1, :-1], lambd)


@rare
def largest_redundancy_of_each_row(z_1, z_2, lambd=0.005):
    """Adds only the largest square of each row."""
    c = _correlation(z_1, z_2)
    off = (c - torch.diag(c.diagonal())).square().amax(dim=1).sum()
    return (1 - c.diagonal()).square().sum() + lambd * off


@rare
def root_of_lambda(z_1, z_2, lambd=0.005):
    """Takes the root of the weight."""
    return _loss(_correlation(z_1, z_2), lambd**0.5)
