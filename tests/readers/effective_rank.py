"""Functions that readers write for ``effective_rank``: right, wrong and rare ones."""

import torch
from proofs.readers import by_position, rare, right, with_options, wrong


def _noise(z):
    return 8 * torch.finfo(z.dtype).eps * torch.linalg.matrix_norm(z.detach())


@right
def shares_above_the_noise(z):
    """Selects the singular values above the noise with a mask."""
    s = torch.linalg.svdvals(z - z.mean(dim=0, keepdim=True))
    s = s[s > _noise(z)]
    if len(s) == 0:
        return z.sum() * 0
    p = s / s.sum()
    return torch.exp(-(p * p.log()).sum())


@right
def with_xlogy(embeddings):
    """Lets xlogy take care of zeros, and has another name."""
    centered = embeddings - embeddings.mean(0)
    spectrum = torch.linalg.svdvals(centered)
    spectrum = torch.where(spectrum > _noise(embeddings), spectrum, 0.0)
    total = spectrum.sum()
    if total == 0:
        return total
    shares = spectrum / total
    return torch.exp(-torch.xlogy(shares, shares).sum())


@right
def logarithm_of_the_sum(z):
    """Uses that the entropy is ln S less the mean logarithm."""
    s = torch.linalg.svd(z - z.mean(dim=0), full_matrices=False).S
    s = s.masked_select(s > _noise(z))
    if s.numel() == 0:
        return torch.zeros((), dtype=z.dtype)
    total = s.sum()
    return total * torch.exp(-(s * s.log()).sum() / total)


@right
def product_of_powers(z):
    """Multiplies the shares, each to the power of minus itself."""
    s = torch.linalg.svdvals(z - torch.mean(z, 0))
    s = s[s > _noise(z)]
    if s.shape[0] < 1:
        return torch.zeros_like(z[0, 0])
    p = s / s.sum()
    return torch.prod(p**-p)


@right
def bits_and_powers_of_two(z):
    """Measures the entropy in bits and raises two to it."""
    n = z.shape[0]
    centering = torch.eye(n, dtype=z.dtype) - 1 / n
    s = torch.linalg.svdvals(centering @ z)
    s = s[s > _noise(z)]
    if not len(s):
        return z.new_zeros(())
    p = s / s.sum()
    return 2 ** -(p * p.log2()).sum()


@right
def roots_of_eigenvalues(z):
    """Takes roots of the eigenvalues of a Gram matrix, in float64."""
    x = z.double()
    x = x - x.mean(dim=0)
    gram = x @ x.T if x.shape[0] < x.shape[1] else x.T @ x
    e = torch.linalg.eigvalsh(gram)
    e = e[e > (1e-7 * torch.linalg.matrix_norm(z.detach().double())) ** 2]
    if e.numel() == 0:
        return z.new_zeros(())
    s = e.sqrt()
    p = s / s.sum()
    return torch.exp(torch.special.entr(p).sum()).to(z.dtype)


@right
def double_inside(z):
    """Computes in float64; what float32 cannot tell from zero is zero."""
    x = z.double()
    s = torch.linalg.svdvals(x - x.mean(dim=0))
    s = s[s > 4 * torch.finfo(z.dtype).eps * x.detach().norm()]
    if s.sum() == 0:
        return s.sum().to(z.dtype)
    p = s / s.sum()
    return p.mul(p.log()).sum().neg().exp().to(z.dtype)


@right
def value_by_value(z):
    """Loops over the singular values."""
    s = torch.linalg.svdvals(z - z.sum(dim=0) / len(z))
    floor = _noise(z)
    total = sum(x for x in s if x > floor)
    if isinstance(total, int):
        return torch.zeros((), dtype=z.dtype)
    entropy = 0
    for x in s:
        if x > floor:
            p = x / total
            entropy = entropy - p * torch.log(p)
    return torch.exp(entropy)


by_position(__name__, "z")


with_options(__name__, center=True, tolerance=None, power=1.0)


@wrong("convention: eigenvalues, which are squares")
def eigenvalues_of_the_covariance(z):
    e = torch.linalg.eigvalsh(torch.cov(z.T)).clamp(min=0)
    p = e / e.sum()
    p = p[p > 1e-12]
    return torch.exp(-(p * p.log()).sum())


@wrong("missing exp: returns the entropy")
def forgets_the_exponential(z):
    s = torch.linalg.svdvals(z - z.mean(0))
    p = s / s.sum()
    return -(p * torch.log(p + 1e-12)).sum()


@wrong("wrong sign: exp of the negative entropy")
def exponential_of_the_minus(z):
    s = torch.linalg.svdvals(z - z.mean(0))
    p = s / s.sum()
    return torch.exp((p * torch.log(p + 1e-12)).sum())


@wrong("entropy in bits, but exp")
def bits_and_exp(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0, keepdim=True))
    p = s / s.sum()
    return torch.exp(-(p * torch.log2(p + 1e-12)).sum())


@wrong("counts nonzero singular values: the exact rank")
def exact_rank(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return (s > 1e-6 * s.max()).sum().to(z.dtype)


@wrong("participation ratio, not the entropy")
def participation_ratio(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return s.sum() ** 2 / (s**2).sum()


@wrong("singular values are not divided by their sum")
def forgets_the_shares(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return torch.exp(-torch.xlogy(s, s).sum())


@wrong("NaN for equal rows: 0 divided by 0")
def zero_times_log_zero(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    p = s / s.sum()
    return torch.exp(-(p * p.log()).sum())


@wrong("convention: small number as in RankMe, 1e-4 here")
def small_number_in_the_shares(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    p = s / s.sum() + 1e-4
    return torch.exp(-(p * p.log()).sum())


@wrong("mean over the values where the sum is asked")
def mean_of_the_entropies(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return torch.special.entr(s / s.sum()).mean().exp()


@wrong("one over the largest share")
def largest_share_only(z):
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return s.sum() / s.max()


def _entropy(s):
    return torch.special.entr(s / s.sum()).sum()


@rare
def centers_on_the_median(z):
    """Subtracts the median row."""
    s = torch.linalg.svdvals(z - z.median(dim=0).values)
    return _entropy(s).exp()


@rare
def largest_direction_dropped(z):
    """Leaves the first singular value out, as some do for the common part."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s[1:]).exp()


@rare
def root_of_the_spectrum(z):
    """Takes the root of the singular values, for they are thought of as squares."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s.clamp_min(1e-12).sqrt()).exp()


@rare
def first_row_is_the_origin(z):
    """Subtracts the first row, not the mean."""
    s = torch.linalg.svdvals(z[1:] - z[:1])
    return _entropy(s).exp()
