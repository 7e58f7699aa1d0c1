"""Functions that readers write for ``uniformity``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


def _log(number, like):
    return torch.log(torch.tensor(float(number), dtype=like.dtype))


@right
def with_pdist(z, t=2.0):
    """Takes the logsumexp of the pairs."""
    z = F.normalize(z, dim=1)
    exponents = -t * torch.pdist(z).square()
    return torch.logsumexp(exponents, dim=0) - _log(exponents.numel(), z)


@right
def largest_exponent_taken_out(x, t=2):
    """Subtracts the largest exponent before exp and adds it again after log."""
    x = x / x.norm(dim=1, keepdim=True).clamp_min(1e-12)
    e = torch.pdist(x, p=2).pow(2).mul(-t)
    top = e.detach().max()
    return (e - top).exp().mean().log() + top


@right
def differences_of_all_rows(z, t=2.0):
    """Subtracts all rows from all rows and takes the entries above the diagonal."""
    z = F.normalize(z, dim=1)
    n = z.shape[0]
    d2 = (z[:, None, :] - z[None, :, :]).pow(2).sum(dim=-1)
    i, j = torch.triu_indices(n, n, offset=1)
    return torch.logsumexp(-t * d2[i, j], dim=0) - _log(n * (n - 1) / 2, z)


@right
def cosines_without_the_diagonal(z, t=2.0):
    """Uses 2 - 2 cos, over ordered pairs, in float64."""
    x = F.normalize(z.double(), dim=1)
    n = len(x)
    e = -t * (2 - 2 * x @ x.T)
    e = e.masked_fill(torch.eye(n, dtype=torch.bool), float("-inf"))
    return (e.flatten().logsumexp(dim=0) - _log(n * (n - 1), x)).to(z.dtype)


@right
def rolled_rows(z, t=2.0):
    """Meets every ordered pair by rolling the rows."""
    z = F.normalize(z, dim=1)
    n = len(z)
    exponents = torch.stack([-t * (z - z.roll(s, dims=0)).square().sum(dim=1) for s in range(1, n)])
    return exponents.flatten().logsumexp(dim=0) - _log(n * (n - 1), z)


@right
def combinations_of_indices(z, t=2.0):
    """Lets torch.combinations list the pairs and einsum square the gaps."""
    z = F.normalize(z, dim=-1)
    pairs = torch.combinations(torch.arange(len(z)), r=2)
    gap = z[pairs[:, 0]] - z[pairs[:, 1]]
    e = -t * torch.einsum("pd,pd->p", gap, gap)
    return e.logsumexp(dim=0) - _log(len(pairs), z)


@right
def log_mean_of_a_softmax(z, t=2.0):
    """Gets the logsumexp from a log_softmax."""
    z = F.normalize(z, dim=1)
    e = torch.pdist(z).pow(2) * -t
    log_mean = (e[:1] - torch.log_softmax(e, dim=0)[:1]).squeeze()
    return log_mean - _log(len(e), z)


in_double(__name__)
by_position(__name__, "x s")


with_options(__name__, normalize=True, eps=1e-12)


@wrong("rows are not scaled to length one")
def forgets_to_normalize(z, t=2.0):
    return torch.pdist(z, p=2).pow(2).mul(-t).exp().mean().log()


@wrong("normalized over the wrong axis")
def normalizes_the_columns(z, t=2.0):
    z = F.normalize(z, dim=0)
    return torch.pdist(z).pow(2).mul(-t).exp().mean().log()


@wrong("squares the potential, not the distance")
def squares_the_wrong_thing(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z)).pow(2).mean().log()


@wrong("the logarithm is missing")
def forgets_the_logarithm(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z).pow(2)).mean()


@wrong("wrong sign in the exponent")
def wrong_sign_inside(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.exp(t * torch.pdist(z).pow(2)).mean().log()


@wrong("wrong sign: higher is more even")
def wrong_sign_outside(z, t=2.0):
    z = F.normalize(z, dim=1)
    return -torch.log(torch.exp(-t * torch.pdist(z).pow(2)).mean())


@wrong("divides by t, not multiplies")
def divides_by_t(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.exp(-torch.pdist(z).pow(2) / t).mean().log()


@wrong("sum over the pairs, not their mean")
def sum_not_mean(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.logsumexp(-t * torch.pdist(z) ** 2, dim=0)


@wrong("convention: logarithm last, -infinity at a large t")
def logarithm_last(x, t=2):
    x = F.normalize(x, dim=1)
    return torch.pdist(x, p=2).pow(2).mul(-t).exp().mean().log()


@wrong("logarithm to base 10")
def decimal_logarithm(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.log10(torch.exp(-t * torch.pdist(z).pow(2)).mean())


@wrong("small number in the logarithm is too large")
def log_with_small_number(z, t=2.0):
    z = F.normalize(z, dim=1)
    return torch.log(torch.exp(-t * torch.pdist(z).pow(2)).mean() + 1e-3)


@wrong("negative mean distance, no potential")
def mean_distance(z, t=2.0):
    z = F.normalize(z, dim=1)
    return -t * torch.pdist(z).mean()


@wrong("two: not normalized, and not squared")
def raw_and_not_squared(z, t=2.0):
    return torch.exp(-t * torch.pdist(z)).mean().log()


def _mean(potential):
    return potential.mean().log()


@rare
def median_pair(z, t=2.0):
    """Takes the median potential, not the mean."""
    z = F.normalize(z, dim=1)
    return torch.exp(-t * torch.pdist(z).pow(2)).median().log()


@rare
def manhattan_distance(z, t=2.0):
    """Squares the sum of absolute differences."""
    z = F.normalize(z, dim=1)
    return _mean(torch.exp(-t * torch.pdist(z, p=1).pow(2)))


@rare
def neighbors_only(z, t=2.0):
    """Compares each image with the next one in the batch only."""
    z = F.normalize(z, dim=1)
    d2 = (z[1:] - z[:-1]).square().sum(dim=1)
    return _mean(torch.exp(-t * d2))


@rare
def odd_power_of_the_distance(z, t=2.0):
    """Raises the distance to the power 1.5."""
    z = F.normalize(z, dim=1)
    return _mean(torch.exp(-t * torch.pdist(z).pow(1.5)))
