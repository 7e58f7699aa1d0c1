"""Correct functions for effective_rank in many styles.

Each treats singular values that rounding alone explains as zero, in its own way.
"""

import torch


def _noise(z):
    return 8 * torch.finfo(z.dtype).eps * torch.linalg.matrix_norm(z.detach())


def shares_above_the_noise(z):
    """Selects the singular values above the noise with a mask."""
    s = torch.linalg.svdvals(z - z.mean(dim=0, keepdim=True))
    s = s[s > _noise(z)]
    if len(s) == 0:
        return z.sum() * 0
    p = s / s.sum()
    return torch.exp(-(p * p.log()).sum())


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


def logarithm_of_the_sum(z):
    """Uses that the entropy is ln S less the mean logarithm."""
    s = torch.linalg.svd(z - z.mean(dim=0), full_matrices=False).S
    s = s.masked_select(s > _noise(z))
    if s.numel() == 0:
        return torch.zeros((), dtype=z.dtype)
    total = s.sum()
    return total * torch.exp(-(s * s.log()).sum() / total)


def product_of_powers(z):
    """Multiplies the shares, each to the power of minus itself."""
    s = torch.linalg.svdvals(z - torch.mean(z, 0))
    s = s[s > _noise(z)]
    if s.shape[0] < 1:
        return torch.zeros_like(z[0, 0])
    p = s / s.sum()
    return torch.prod(p**-p)


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


def double_inside(z):
    """Computes in float64; what float32 cannot tell from zero is zero."""
    x = z.double()
    s = torch.linalg.svdvals(x - x.mean(dim=0))
    s = s[s > 4 * torch.finfo(z.dtype).eps * x.detach().norm()]
    if s.sum() == 0:
        return s.sum().to(z.dtype)
    p = s / s.sum()
    return p.mul(p.log()).sum().neg().exp().to(z.dtype)


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


def positional_only(z, /):
    """Has a positional-only argument and a categorical distribution."""
    s = torch.linalg.svdvals(z - z.mean(0))
    s = s[s > _noise(z)]
    if s.numel() == 0:
        return torch.zeros((), dtype=z.dtype)
    return torch.distributions.Categorical(probs=s, validate_args=False).entropy().exp()


def keyword_only(*, z):
    """Takes the embeddings by name only."""

    def spectrum():
        return torch.linalg.svdvals((z - z.mean(dim=0)).T)

    s = spectrum()
    alive = s > _noise(z)
    if not alive.any():
        return s.new_zeros(())
    logits = torch.where(alive, s, 1.0).log().masked_fill(~alive, float("-inf"))
    log_p = torch.log_softmax(logits, dim=0)
    return (-(log_p.exp() * log_p.masked_fill(~alive, 0.0)).sum()).exp()


def more_options(z, center=True, tolerance=None, power=1.0):
    """Has more optional arguments, whose defaults change nothing."""
    x = z - z.mean(dim=0) if center else z
    s = torch.linalg.svdvals(x)
    tolerance = _noise(z) if tolerance is None else tolerance
    s = s[s > tolerance] ** power
    if s.numel() == 0:
        return x.new_zeros(())
    p = s / s.sum()
    return torch.exp(torch.dot(p, -torch.log(p)))


class _Rank:
    """Is an object that is called like a function."""

    factor = 10

    def __call__(self, z):
        scale = z.detach().abs().max()
        if scale == 0:
            return torch.zeros((), dtype=z.dtype)
        x = z / scale
        s = torch.linalg.svdvals(x - x.mean(dim=0))
        s = s[s > self.factor * torch.finfo(z.dtype).eps * x.detach().norm()]
        return self.count(s / s.sum()) if len(s) else s.sum()

    def count(self, p):
        return torch.special.entr(p).sum().exp()


callable_object = _Rank()
