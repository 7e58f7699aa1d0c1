"""Correct functions for barlow_twins_loss in many styles.

A dimension that is constant over the batch, up to rounding, correlates with nothing
and gets no gradient: each function has its own way to see to that.
"""

import torch
import torch.nn.functional as F


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


def like_the_official_names(z_a, z_b, lambda_param=0.005):
    """Uses the off_diagonal of the official code, and columns of length one."""

    def off_diagonal(x):
        n, m = x.shape
        assert n == m
        return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()

    def columns(z):
        flat = z.std(0, correction=0) <= 10 * torch.finfo(z.dtype).eps * z.abs().amax(0)
        centered = (z - z.mean(0)).masked_fill(flat, 0.0)
        return F.normalize(centered, dim=0)

    c = columns(z_a).T @ columns(z_b)
    loss = (1 - torch.diagonal(c)).pow(2).sum()
    if len(c) > 1:
        loss = loss + lambda_param * off_diagonal(c).pow(2).sum()
    return loss


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


def pair_of_dimensions(z_1, z_2, lambd=0.005):
    """Loops over all pairs of dimensions."""
    n, d = z_1.shape

    def standard(column):
        gap = column - column.mean()
        std = gap.norm() / n**0.5
        if std <= 10 * torch.finfo(column.dtype).eps * column.abs().max():
            return torch.zeros_like(column)
        return gap / std

    columns_1 = [standard(z_1[:, i]) for i in range(d)]
    columns_2 = [standard(z_2[:, j]) for j in range(d)]
    loss = z_1.sum() * 0  # a batch of constants still has a gradient: zeros
    for i in range(d):
        for j in range(d):
            c = torch.dot(columns_1[i], columns_2[j]) / n
            loss = loss + ((1 - c) ** 2 if i == j else lambd * c**2)
    return loss


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


def double_inside(z_1, z_2, lambd=0.005):
    """Computes in float64 and returns the dtype it was given."""
    eps = 10 * torch.finfo(z_1.dtype).eps
    a, b = z_1.double(), z_2.double()
    units = []
    for z in (a, b):
        centered = z - z.mean(dim=0)
        std = centered.square().mean(dim=0)
        flat = std.sqrt() <= eps * z.abs().amax(dim=0)
        std = torch.where(flat, 1.0, std).sqrt()
        units.append(torch.where(flat, 0.0, centered / std))
    c = units[0].T @ units[1] / len(a)
    mask = torch.eye(len(c), dtype=torch.bool)
    on = (1 - c).square().masked_fill(~mask, 0.0).sum()
    off = c.square().masked_fill(mask, 0.0).sum()
    return (on + lambd * off).to(z_1.dtype)


def positional_only(x, y, w=0.005, /):
    """Takes its arguments by position only."""

    def unit(z):
        s = torch.std(z, 0, correction=0)
        alive = 1.0 - (s <= 10 * torch.finfo(z.dtype).eps * z.abs().amax(0)).to(z.dtype)
        return (z - z.mean(0)) * alive / (s + (1.0 - alive))

    c = torch.matmul(unit(x).mT, unit(y)).div(x.size(0))
    d = torch.diag(c)
    return (d - 1).dot(d - 1) + w * (c * c).sum() - w * d.dot(d)


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


class _BarlowTwins(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def correlation(self, z_1, z_2):
        n = z_1.size(0)
        centering = torch.eye(n, dtype=z_1.dtype) - 1 / n
        c = z_1.T @ centering @ z_2 / n
        return c * self.inverse(z_1)[:, None] * self.inverse(z_2)[None, :]

    def inverse(self, z):
        std = z.std(dim=0, correction=0)
        limit = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=0)
        return torch.where(std <= limit, torch.inf, std).reciprocal()

    def forward(self, z_1, z_2, lambd=0.005):
        c = self.correlation(z_1, z_2)
        on = c.diagonal().sub(1).square().sum()
        off = c.square().sum() - c.diagonal().square().sum()
        return on + lambd * off


callable_object = _BarlowTwins()
