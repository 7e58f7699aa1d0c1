"""Correct functions for uniformity in many styles."""

import torch
import torch.nn.functional as F


def _log(number, like):
    return torch.log(torch.tensor(float(number), dtype=like.dtype))


def with_pdist(z, t=2.0):
    """Takes the logsumexp of the pairs."""
    z = F.normalize(z, dim=1)
    exponents = -t * torch.pdist(z).square()
    return torch.logsumexp(exponents, dim=0) - _log(exponents.numel(), z)


def largest_exponent_taken_out(x, t=2):
    """Subtracts the largest exponent before exp and adds it again after log."""
    x = x / x.norm(dim=1, keepdim=True).clamp_min(1e-12)
    e = torch.pdist(x, p=2).pow(2).mul(-t)
    top = e.detach().max()
    return (e - top).exp().mean().log() + top


def differences_of_all_rows(z, t=2.0):
    """Subtracts all rows from all rows and takes the entries above the diagonal."""
    z = F.normalize(z, dim=1)
    n = z.shape[0]
    d2 = (z[:, None, :] - z[None, :, :]).pow(2).sum(dim=-1)
    i, j = torch.triu_indices(n, n, offset=1)
    return torch.logsumexp(-t * d2[i, j], dim=0) - _log(n * (n - 1) / 2, z)


def cosines_without_the_diagonal(z, t=2.0):
    """Uses 2 - 2 cos, over ordered pairs, in float64."""
    x = F.normalize(z.double(), dim=1)
    n = len(x)
    e = -t * (2 - 2 * x @ x.T)
    e = e.masked_fill(torch.eye(n, dtype=torch.bool), float("-inf"))
    return (e.flatten().logsumexp(dim=0) - _log(n * (n - 1), x)).to(z.dtype)


def pair_by_pair(z, t=2.0):
    """Loops over the pairs."""
    unit = [row / row.norm().clamp_min(1e-12) for row in z]
    exponents = []
    for a in range(len(unit)):
        for b in range(a):
            gap = unit[a] - unit[b]
            exponents.append(-t * gap.dot(gap))
    return torch.stack(exponents).logsumexp(0) - _log(len(exponents), z)


def rolled_rows(z, t=2.0):
    """Meets every ordered pair by rolling the rows."""
    z = F.normalize(z, dim=1)
    n = len(z)
    exponents = torch.stack([-t * (z - z.roll(s, dims=0)).square().sum(dim=1) for s in range(1, n)])
    return exponents.flatten().logsumexp(dim=0) - _log(n * (n - 1), z)


def combinations_of_indices(z, t=2.0):
    """Lets torch.combinations list the pairs and einsum square the gaps."""
    z = F.normalize(z, dim=-1)
    pairs = torch.combinations(torch.arange(len(z)), r=2)
    gap = z[pairs[:, 0]] - z[pairs[:, 1]]
    e = -t * torch.einsum("pd,pd->p", gap, gap)
    return e.logsumexp(dim=0) - _log(len(pairs), z)


def log_mean_of_a_softmax(z, t=2.0):
    """Gets the logsumexp from a log_softmax."""
    z = F.normalize(z, dim=1)
    e = torch.pdist(z).pow(2) * -t
    log_mean = (e[:1] - torch.log_softmax(e, dim=0)[:1]).squeeze()
    return log_mean - _log(len(e), z)


def double_inside(z, t=2.0):
    """Computes in float64 and returns the dtype that came in."""
    x = F.normalize(z.double(), dim=1)
    e = -t * torch.pdist(x).pow(2)
    return (e.logsumexp(0) - _log(len(e), x)).to(z.dtype)


def positional_only(x, s=2.0, /):
    """Has positional-only arguments with other names."""
    x = F.normalize(x)
    n = x.size(0)
    d2 = (x.unsqueeze(0) - x.unsqueeze(1)).norm(dim=2) ** 2
    below = torch.ones(n, n, dtype=torch.bool).tril(-1)
    e = (-s * d2).masked_select(below)
    return torch.logsumexp(e, -1) - _log(e.numel(), x)


def keyword_only(z, *, t=2.0):
    """Takes t by name only and adds the logarithms up pair by pair."""

    def potentials():
        unit = F.normalize(z, dim=1)
        for a in range(len(unit) - 1):
            yield -t * (unit[a + 1 :] - unit[a]).square().sum(dim=1)

    total, count = None, 0
    for e in potentials():
        row = e.logsumexp(dim=0)
        total = row if total is None else torch.logaddexp(total, row)
        count += len(e)
    return total - _log(count, z)


def more_options(z, t=2.0, normalize=True, eps=1e-12):
    """Has more optional arguments, whose defaults change nothing."""
    if normalize:
        z = F.normalize(z, dim=1, eps=eps)
    e = -t * F.pdist(z).pow(2)
    return torch.logsumexp(e - _log(e.shape[0], z), dim=0)


class _Uniformity(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def forward(self, z, t=2.0):
        e = self.exponents(torch.nn.functional.normalize(z, dim=1), t)
        top = e.max().detach()
        return top + torch.log(torch.exp(e - top).sum() / len(e))

    def exponents(self, unit, t):
        i, j = torch.tril_indices(len(unit), len(unit), offset=-1)
        return -t * F.pairwise_distance(unit[i], unit[j], eps=0.0).pow(2)


callable_object = _Uniformity()
