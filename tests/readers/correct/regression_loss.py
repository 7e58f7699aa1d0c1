"""Correct functions for regression_loss in many styles."""

import torch
import torch.nn.functional as F


def squared_distance(x, y):
    """Takes the squared distance of unit rows."""
    x = F.normalize(x, dim=1)
    y = F.normalize(y, dim=1)
    return ((x - y) ** 2).sum(dim=1).mean()


def two_minus_two_cosines(x, y):
    """Uses the right side of the equation."""
    x = F.normalize(x, dim=-1, p=2)
    y = F.normalize(y, dim=-1, p=2)
    return (2 - 2 * (x * y).sum(dim=-1)).mean()


def with_cosine_similarity(prediction, target):
    """Asks torch for the cosine."""
    return 2 - 2 * F.cosine_similarity(prediction, target, dim=-1).mean()


def row_by_row(x, y):
    """Loops over the rows and scales each by its own length."""
    losses = []
    for p, z in zip(x, y, strict=True):
        p = p / torch.clamp(torch.sqrt(torch.sum(p * p)), min=1e-12)
        z = z / torch.clamp(torch.sqrt(torch.sum(z * z)), min=1e-12)
        losses.append(torch.sum((p - z) ** 2))
    return sum(losses) / len(losses)


def mse_times_dimension(online, target):
    """Multiplies mse_loss, which divides by N D, with D."""
    a, b = F.normalize(online, dim=1), F.normalize(target, dim=1)
    return F.mse_loss(a, b) * online.shape[1]


def mse_sum_over_n(q, z):
    """Takes the sum of mse_loss over the number of rows."""
    q = q / q.norm(dim=1, keepdim=True).clamp_min(1e-12)
    z = z / z.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return F.mse_loss(q, z, reduction="sum") / q.size(0)


def einsum_cosine(x, y):
    """Takes the dot products by einsum and divides by both lengths."""
    dots = torch.einsum("nd,nd->n", x, y)
    lengths = torch.linalg.vector_norm(x, dim=1) * torch.linalg.vector_norm(y, dim=1)
    return (2 - 2 * dots / lengths.clamp_min(1e-12)).mean()


def double_inside(x, y):
    """Computes in float64 and returns the dtype it was given."""
    a = F.normalize(x.double(), dim=1)
    b = F.normalize(y.double(), dim=1)
    return (a - b).square().sum().div(len(a)).to(x.dtype)


def diagonal_of_the_product(x, y):
    """Reads the matching pairs off the diagonal of all pairs."""
    cos = F.normalize(x, dim=1) @ F.normalize(y, dim=1).T
    return 2 - 2 * torch.trace(cos) / cos.shape[0]


def pairwise_distance_squared(p, z):
    """Squares torch's pairwise distance, with no small number added."""
    p, z = F.normalize(p, dim=1), F.normalize(z, dim=1)
    return F.pairwise_distance(p, z, eps=0.0).pow(2).mean()


def cosine_embedding(x, y):
    """Uses cosine_embedding_loss with target 1, which is 1 - cos, twice."""
    ones = torch.ones(len(x), dtype=x.dtype, device=x.device)
    return 2 * F.cosine_embedding_loss(x, y, ones)


def keyword_only(*, x, y, eps=1e-12):
    """Takes its arguments by keyword only, and one option more."""
    unit_x = x / x.norm(p=2, dim=1, keepdim=True).clamp(min=eps)
    unit_y = y / y.norm(p=2, dim=1, keepdim=True).clamp(min=eps)
    return (unit_x - unit_y).pow(2).sum(1).mean(0)


def positional_only(p, z, /):
    """Takes its arguments by position only."""
    return 2 * (1 - F.cosine_similarity(p, z)).mean()


def transposed(x, y):
    """Works on columns: one embedding a column."""
    xt, yt = F.normalize(x.T, dim=0), F.normalize(y.T, dim=0)
    return (xt - yt).square().sum(0).mean()


class _Distance:
    """Keeps the axis of the embedding."""

    def __init__(self, dim=1):
        self.dim = dim

    def __call__(self, x, y):
        gap = F.normalize(x, dim=self.dim) - F.normalize(y, dim=self.dim)
        return torch.mean(torch.sum(gap.mul(gap), self.dim))


callable_object = _Distance()
