"""Honest wrong attempts at effective_rank."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "forgets_to_center": "the mean row is not subtracted",
    "centers_each_row": "centered over the wrong axis",
    "shares_of_the_variance": "convention: shares of squared singular values",
    "eigenvalues_of_the_covariance": "convention: eigenvalues, which are squares",
    "forgets_the_exponential": "missing exp: returns the entropy",
    "exponential_of_the_minus": "wrong sign: exp of the negative entropy",
    "bits_and_exp": "entropy in bits, but exp",
    "exact_rank": "counts nonzero singular values: the exact rank",
    "participation_ratio": "participation ratio, not the entropy",
    "divides_by_the_largest": "divides by the largest value, not by the sum",
    "divides_by_the_norm": "shares divided by the norm: they do not sum to 1",
    "softmax_of_the_spectrum": "softmax of the singular values, not their shares",
    "forgets_the_shares": "singular values are not divided by their sum",
    "zero_times_log_zero": "NaN for equal rows: 0 divided by 0",
    "small_number_in_the_shares": "convention: small number as in RankMe, 1e-4 here",
    "unit_rows_first": "rows are scaled to length one first",
    "standardizes_the_columns": "columns are divided by their deviation too",
    "mean_of_the_entropies": "mean over the values where the sum is asked",
    "columns_by_their_spread": "spread of the coordinates, not of directions",
    "singular_vectors": "takes singular vectors for values",
    "largest_share_only": "one over the largest share",
    "no_gradient": "no gradient: singular values of detached embeddings",
    "centers_in_place": "mutates its input: centers in place",
    "raw_squares": "two: not centered, and squares",
    "python_number": "no gradient: returns a Python number",
}


def _entropy(p):
    return torch.special.entr(p).sum()


def forgets_to_center(z):
    """Believes the rank of the embeddings is that of the matrix as it is."""
    s = torch.linalg.svdvals(z)
    p = s / s.sum()
    return torch.exp(_entropy(p))


def centers_each_row(z):
    """Believes dim=1 is the mean to be subtracted."""
    z = z - z.mean(dim=1, keepdim=True)
    s = torch.linalg.svdvals(z)
    return torch.exp(_entropy(s / s.sum()))


def shares_of_the_variance(z):
    """Believes a direction's share is its share of the variance."""
    z = z - z.mean(dim=0)
    s = torch.linalg.svdvals(z) ** 2
    return torch.exp(_entropy(s / s.sum()))


def eigenvalues_of_the_covariance(z):
    """Believes eigenvalues of the covariance are the singular values."""
    e = torch.linalg.eigvalsh(torch.cov(z.T)).clamp(min=0)
    p = e / e.sum()
    p = p[p > 1e-12]
    return torch.exp(-(p * p.log()).sum())


def forgets_the_exponential(z):
    """Believes the entropy is the rank."""
    s = torch.linalg.svdvals(z - z.mean(0))
    p = s / s.sum()
    return -(p * torch.log(p + 1e-12)).sum()


def exponential_of_the_minus(z):
    """Believes the sign cancels in the exponential."""
    s = torch.linalg.svdvals(z - z.mean(0))
    p = s / s.sum()
    return torch.exp((p * torch.log(p + 1e-12)).sum())


def bits_and_exp(z):
    """Believes the base of the logarithm does not matter."""
    s = torch.linalg.svdvals(z - z.mean(dim=0, keepdim=True))
    p = s / s.sum()
    return torch.exp(-(p * torch.log2(p + 1e-12)).sum())


def exact_rank(z):
    """Believes the effective rank counts values that are not zero."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return (s > 1e-6 * s.max()).sum().to(z.dtype)


def participation_ratio(z):
    """Believes in the physicists' count of modes."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return s.sum() ** 2 / (s**2).sum()


def divides_by_the_largest(z):
    """Believes shares are relative to the largest."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s / s.max()).exp()


def divides_by_the_norm(z):
    """Believes F.normalize makes shares."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(F.normalize(s, dim=0)).exp()


def softmax_of_the_spectrum(z):
    """Believes a distribution comes from a softmax."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(torch.softmax(s, dim=0)).exp()


def forgets_the_shares(z):
    """Believes the entropy can be taken of the values themselves."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return torch.exp(-torch.xlogy(s, s).sum())


def zero_times_log_zero(z):
    """Believes no singular value is zero."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    p = s / s.sum()
    return torch.exp(-(p * p.log()).sum())


def small_number_in_the_shares(z):
    """Believes in RankMe, which adds a small number to the shares."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    p = s / s.sum() + 1e-4
    return torch.exp(-(p * p.log()).sum())


def unit_rows_first(z):
    """Believes only directions count."""
    z = F.normalize(z, dim=1)
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s / s.sum()).exp()


def standardizes_the_columns(z):
    """Believes features are standardized before any analysis."""
    z = (z - z.mean(dim=0)) / (z.std(dim=0) + 1e-8)
    s = torch.linalg.svdvals(z)
    return _entropy(s / s.sum()).exp()


def mean_of_the_entropies(z):
    """Believes a mean is the safe way to a scalar."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return torch.special.entr(s / s.sum()).mean().exp()


def columns_by_their_spread(z):
    """Believes the dimensions are the directions."""
    s = z.std(dim=0)
    return _entropy(s / s.sum()).exp()


def singular_vectors(z):
    """Believes the first result of svd holds the values."""
    u, _, _ = torch.linalg.svd(z - z.mean(dim=0), full_matrices=False)
    p = u.abs() / u.abs().sum()
    return _entropy(p).exp()


def largest_share_only(z):
    """Believes the rank is the inverse of the largest share."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return s.sum() / s.max()


def no_gradient(z):
    """Believes a measure has no gradient."""
    z = z.detach()
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return _entropy(s / s.sum()).exp()


def centers_in_place(z):
    """Believes detach makes a copy to work on."""
    x = z.detach()
    x -= x.mean(dim=0)
    s = torch.linalg.svdvals(z)
    return _entropy(s / s.sum()).exp()


def raw_squares(z):
    """Believes the Gram matrix of the raw rows tells the rank."""
    e = torch.linalg.eigvalsh(z.T @ z).clamp(min=0)
    return _entropy(e / e.sum()).exp()


def python_number(z):
    """Believes a measure is returned as a number."""
    s = torch.linalg.svdvals(z - z.mean(dim=0))
    return float(_entropy(s / s.sum()).exp())
