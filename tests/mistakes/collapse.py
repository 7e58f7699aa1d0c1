"""Wrong variants of ``embedding_std`` and ``effective_rank``."""

import torch
import torch.nn.functional as F

from lesson_code import check_finite, check_matrices, effective_rank, embedding_std
from mistakes.harness import mistake


def wrong_std(variant):
    """Register a variant of ``embedding_std``."""
    return mistake(replaces="embedding_std", rejected_by="test_collapse")(variant)


def wrong_rank(variant):
    """Register a variant of ``effective_rank``."""
    return mistake(replaces="effective_rank", rejected_by="test_collapse")(variant)


def checked(z, finite=False):
    """Do what the real functions do before they compute."""
    check_matrices(z=z)
    if finite:
        check_finite(z=z)
    if len(z) < 2:
        raise ValueError("z must have at least 2 rows")
    return z.to(torch.promote_types(z.dtype, torch.float32))


def of_spectrum(spectrum):
    """Return the exponential of the entropy of the shares; 0 if there are none."""
    total = spectrum.sum()
    return torch.special.entr(spectrum / total).sum().exp() if total > 0 else total


def floored(z, centered):
    """Return the singular values above the rounding of z."""
    spectrum = torch.linalg.svdvals(centered)
    return spectrum.where(spectrum > 4 * torch.finfo(z.dtype).eps * z.norm(), 0)


# --- embedding_std ----------------------------------------------------------------------------


@wrong_std
def without_the_root_of_the_dimension(z):
    """As in the figure of SimSiam: 0.088 for D = 128 is healthy, and looks like a collapse."""
    return embedding_std(z) / z.shape[1] ** 0.5


@wrong_std
def divides_by_one_less(z):
    """Rows that cancel out exactly give more than 1."""
    z = F.normalize(checked(z))
    return z.std(dim=0).mean() * z.shape[1] ** 0.5


@wrong_std
def largest_dimension_only(z):
    """One lively dimension hides that the others are dead."""
    z = F.normalize(checked(z))
    return z.std(dim=0, correction=0).max() * z.shape[1] ** 0.5


@wrong_std
def half_precision_std(z):
    """Computed in the precision of the input."""
    checked(z)
    z = F.normalize(z)
    return z.std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


@wrong_std
def nan_is_collapse(z):
    """NaN becomes 0, which is a verdict on a run that has none."""
    return embedding_std(z).nan_to_num(0.0)


@wrong_std
def a_single_row_accepted(z):
    """A single row has no spread, and reads as collapse."""
    check_matrices(z=z)
    return embedding_std(z) if len(z) > 1 else z.sum() * 0


# --- effective_rank ---------------------------------------------------------------------------


@wrong_rank
def squares_of_the_singular_values(z):
    """Eigenvalues of the covariance instead: another, smaller rank."""
    z = checked(z, finite=True)
    return of_spectrum(floored(z, z - z.mean(0)).square())


@wrong_rank
def rank_of_the_noise(z):
    """Nothing is too small: equal rows up to rounding have the full rank of the rounding."""
    z = checked(z, finite=True)
    return of_spectrum(torch.linalg.svdvals(z - z.mean(0)))


@wrong_rank
def coarse_floor(z):
    """The customary bound of a matrix rank, in single precision a thousandth of the rows' size."""
    z = checked(z, finite=True)
    spectrum = torch.linalg.svdvals(z - z.mean(0))
    return of_spectrum(spectrum.where(spectrum > 1e-3 * z.norm(), 0))


@wrong_rank
def half_precision_rank(z):
    """Returned in the precision of the input."""
    return effective_rank(z).to(z.dtype)


@wrong_rank
def single_precision_always(z):
    """Float64 input is thrown down to float32."""
    checked(z)
    return effective_rank(z.float())


@wrong_rank
def infinity_hidden(z):
    """What is not finite counts as zero."""
    check_matrices(z=z)
    return effective_rank(z.nan_to_num(0, 0, 0))


@wrong_rank
def one_row_has_rank_zero(z):
    """A single row is accepted."""
    check_matrices(z=z)
    return effective_rank(z) if len(z) > 1 else z.sum() * 0


@wrong_rank
def divided_by_the_dimension(z):
    """The share of the dimensions in use, under the name of their number."""
    return effective_rank(z) / z.shape[1]
