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
def not_normalized(z):
    """Long embeddings look spread, short ones collapsed."""
    z = checked(z)
    return z.std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


@wrong_std
def normalized_over_the_batch(z):
    """Columns have length one: the deviation is of the wrong thing."""
    z = F.normalize(checked(z), dim=0)
    return z.std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


@wrong_std
def without_the_root_of_the_dimension(z):
    """As in the figure of SimSiam: 0.088 for D = 128 is healthy, and looks like a collapse."""
    return embedding_std(z) / z.shape[1] ** 0.5


@wrong_std
def deviation_within_a_row(z):
    """The deviation over the coordinates of each row says nothing about other images."""
    z = F.normalize(checked(z))
    return z.std(dim=1, correction=0).mean() * z.shape[1] ** 0.5


@wrong_std
def divides_by_one_less(z):
    """Rows that cancel out exactly give more than 1."""
    z = F.normalize(checked(z))
    return z.std(dim=0).mean() * z.shape[1] ** 0.5


@wrong_std
def deviation_over_everything(z):
    """One deviation of all numbers: a constant row with unequal coordinates looks healthy."""
    z = F.normalize(checked(z))
    return z.std(correction=0) * z.shape[1] ** 0.5


@wrong_std
def root_of_the_mean_variance(z):
    """The root is taken after the mean, which is the bound and not the value."""
    z = F.normalize(checked(z))
    return (z.var(dim=0, correction=0).mean() * z.shape[1]).sqrt()


@wrong_std
def variance_instead(z):
    """The root is forgotten: a spread of a tenth is reported as a hundredth."""
    z = F.normalize(checked(z))
    return z.var(dim=0, correction=0).mean() * z.shape[1]


@wrong_std
def centered_before_normalizing(z):
    """Subtracting the mean first blows a collapsed batch up to full spread."""
    z = checked(z)
    z = F.normalize(z - z.mean(0))
    return z.std(dim=0, correction=0).mean() * z.shape[1] ** 0.5


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


@wrong_std
def std_changes_its_input(z):
    """The caller's embeddings are normalized in place."""
    value = embedding_std(z)
    if not z.requires_grad and z.is_contiguous():
        z.copy_(F.normalize(z))
    return value


# --- effective_rank ---------------------------------------------------------------------------


@wrong_rank
def not_centered(z):
    """The mean counts as a direction, and takes the spectrum over when it is large."""
    z = checked(z, finite=True)
    return of_spectrum(floored(z, z))


@wrong_rank
def centered_over_the_dimensions(z):
    """The mean of each row is subtracted from it."""
    z = checked(z, finite=True)
    return of_spectrum(floored(z, z - z.mean(1, keepdim=True)))


@wrong_rank
def squares_of_the_singular_values(z):
    """Eigenvalues of the covariance instead: another, smaller rank."""
    z = checked(z, finite=True)
    return of_spectrum(floored(z, z - z.mean(0)).square())


@wrong_rank
def participation_ratio(z):
    """The inverse of the sum of squared shares: a cousin that is smaller."""
    z = checked(z, finite=True)
    spectrum = floored(z, z - z.mean(0))
    total = spectrum.sum()
    return 1 / (spectrum / total).square().sum() if total > 0 else total


@wrong_rank
def entropy_in_bits(z):
    """Logarithm to the base of 2, exponential to the base of e."""
    rank = effective_rank(z)
    return rank.log2().exp() if rank > 0 else rank


@wrong_rank
def entropy_itself(z):
    """The exponential is forgotten: rank 1 reads 0."""
    rank = effective_rank(z)
    return rank.log() if rank > 0 else rank


@wrong_rank
def count_of_nonzero_directions(z):
    """The ordinary rank, to which a direction of a thousandth is as good as any."""
    z = checked(z, finite=True)
    return (floored(z, z - z.mean(0)) > 0).sum().to(z.dtype)


@wrong_rank
def shares_not_normalized(z):
    """The singular values go into the entropy as they are."""
    z = checked(z, finite=True)
    return torch.special.entr(floored(z, z - z.mean(0))).sum().exp()


@wrong_rank
def logarithm_of_zero(z):
    """Where a direction is missing, 0 times minus infinity is NaN."""
    z = checked(z, finite=True)
    spectrum = floored(z, z - z.mean(0))
    if not spectrum.any():
        return spectrum.sum()
    shares = spectrum / spectrum.sum()
    return (-(shares * shares.log()).sum()).exp()


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
def rows_normalized_first(z):
    """The rank of the directions, though lengths should count."""
    check_matrices(z=z)
    return effective_rank(F.normalize(z.to(torch.promote_types(z.dtype, torch.float32))))


@wrong_rank
def columns_standardized_first(z):
    """Every dimension gets variance one: a dead one counts like a lively one."""
    z = checked(z, finite=True)
    z = z - z.mean(0)
    return effective_rank(z / z.std(0).clamp_min(1e-12))


@wrong_rank
def collapse_is_rank_one(z):
    """The exponential of no entropy: a point reads as a line."""
    return effective_rank(z).clamp_min(1.0)


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
