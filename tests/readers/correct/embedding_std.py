"""Correct functions for embedding_std in many styles."""

import torch
import torch.nn.functional as F


def with_normalize(z):
    """Scales the rows with F.normalize."""
    z = F.normalize(z, dim=1)
    return z.shape[1] ** 0.5 * z.std(dim=0, correction=0).mean()


def with_unbiased_false(embeddings):
    """Uses the older keyword, and has another name."""
    unit = F.normalize(embeddings, p=2, dim=-1)
    d = unit.size(-1)
    return torch.std(unit, dim=0, unbiased=False).mul(d**0.5).mean()


def norms_by_hand(z):
    """Divides by the norms and takes the mean of squares less the squared mean."""
    x = z.double()
    x = x / x.square().sum(dim=1, keepdim=True).sqrt().clamp_min(1e-12)
    var = x.square().mean(dim=0) - x.mean(dim=0).square()
    return (var.clamp_min(0).sqrt().sum() / x.shape[1] ** 0.5).to(z.dtype)


def column_by_column(z):
    """Loops over the dimensions."""
    rows = [row / row.norm().clamp_min(1e-12) for row in z]
    unit = torch.stack(rows)
    n, d = unit.shape
    total = 0
    for j in range(d):
        gap = unit[:, j] - unit[:, j].mean()
        total = total + (gap.norm() / n**0.5)
    return total / d * d**0.5


def norm_of_the_residuals(z):
    """Takes the norm of each centered column over the root of N."""
    unit = F.normalize(z)
    residual = unit - unit.mean(dim=0, keepdim=True)
    n, d = z.shape
    return torch.linalg.vector_norm(residual, dim=0).sum() / (n * d) ** 0.5


def sample_deviation_corrected(z):
    """Corrects the deviation that divides by N - 1."""
    n, d = z.shape
    unit = z / torch.linalg.norm(z, dim=1, keepdim=True).clamp_min(1e-12)
    return unit.std(dim=0).mean() * ((n - 1) / n * d) ** 0.5


def double_inside(z):
    """Computes in float64 and returns the dtype that came in."""
    x = F.normalize(z.double(), dim=1)
    return (x.std(dim=0, correction=0).mean() * x.shape[1] ** 0.5).to(z.dtype)


def scaled_before_the_deviation(z):
    """Moves the factor inside, onto the unit rows."""
    d = z.shape[1]
    scaled = F.normalize(z, dim=1) * torch.tensor(float(d), dtype=z.dtype).sqrt()
    _, n = scaled.T.shape
    return (torch.var(scaled.T, dim=1) * (n - 1) / n).sqrt().mean()


def positional_only(x, /):
    """Has a positional-only argument."""
    x = x / x.pow(2).sum(-1, keepdim=True).clamp_min(1e-24).sqrt()
    std, _ = torch.std_mean(x, 0, correction=0)
    return std.sum() * x.size(-1) ** -0.5


def keyword_only(*, z):
    """Takes the embeddings by name only."""

    def root_mean_square(columns):
        return columns.square().mean(dim=0).sqrt()

    unit = torch.einsum("nd,n->nd", z, 1 / z.norm(dim=1).clamp_min(1e-12))
    spread = root_mean_square(unit - unit.mean(dim=0))
    return spread.mean() * len(spread) ** 0.5


def more_options(z, normalize=True, eps=1e-12, scale=None):
    """Has more optional arguments, whose defaults change nothing."""
    if normalize:
        z = F.normalize(z, dim=1, eps=eps)
    if scale is None:
        scale = z.shape[1] ** 0.5
    return scale * torch.std(z, dim=0, correction=0).mean()


class _Spread:
    """Is an object that is called like a function."""

    def __call__(self, z):
        unit = torch.nn.functional.normalize(z, dim=1)
        return self.deviation(unit).mean() * z.shape[1] ** 0.5

    def deviation(self, unit):
        n = len(unit)
        covariance = torch.cov(unit.T, correction=0).reshape(unit.shape[1], -1)
        assert n > 1
        return covariance.diagonal().clamp_min(0).sqrt()


callable_object = _Spread()
