"""Wrong variants of ``alignment`` and ``uniformity``."""

import math

import torch
import torch.nn.functional as F

from lesson_code import alignment, check_matrices, check_positive, uniformity
from mistakes.harness import mistake


def wrong_alignment(variant):
    """Register a variant of ``alignment``."""
    return mistake(replaces="alignment", rejected_by="test_uniformity")(variant)


def wrong_uniformity(variant):
    """Register a variant of ``uniformity``."""
    return mistake(replaces="uniformity", rejected_by="test_uniformity")(variant)


def unit_pair(z_1, z_2, alpha):
    """Check as the real function does; return unit rows."""
    check_matrices(z_1=z_1, z_2=z_2)
    check_positive(alpha=alpha)
    dtype = torch.promote_types(z_1.dtype, torch.float32)
    return F.normalize(z_1.to(dtype)), F.normalize(z_2.to(dtype))


def unit(z, t):
    """Check as the real function does; return unit rows."""
    check_matrices(z=z)
    check_positive(t=t)
    if len(z) < 2:
        raise ValueError("z must have at least 2 rows")
    return F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))


def potential(squares, t):
    """Return the logarithm of the mean potential of squared distances."""
    return (-t * squares).logsumexp(dim=0) - math.log(len(squares))


# --- alignment --------------------------------------------------------------------------------


@wrong_alignment
def rows_keep_their_length(z_1, z_2, alpha=2.0):
    """As in the official code, which leaves normalizing to the caller."""
    unit_pair(z_1, z_2, alpha)
    dtype = torch.promote_types(z_1.dtype, torch.float32)
    return (z_1.to(dtype) - z_2.to(dtype)).norm(dim=1).pow(alpha).mean()


@wrong_alignment
def mean_over_coordinates(z_1, z_2, alpha=2.0):
    """F.mse_loss divides by D as well."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (a - b).abs().pow(alpha).mean()


@wrong_alignment
def power_of_each_coordinate(z_1, z_2, alpha=2.0):
    """The same as the norm to the power for alpha = 2, and for no other."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (a - b).abs().pow(alpha).sum(1).mean()


@wrong_alignment
def exponent_ignored(z_1, z_2, alpha=2.0):
    """Alpha is checked and not used."""
    check_positive(alpha=alpha)
    return alignment(z_1, z_2)


@wrong_alignment
def plain_distance_by_default(z_1, z_2, alpha=1.0):
    """The default is another one than documented."""
    return alignment(z_1, z_2, alpha)


@wrong_alignment
def power_of_the_mean(z_1, z_2, alpha=2.0):
    """The mean is taken before the power."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (a - b).norm(dim=1).mean().pow(alpha)


@wrong_alignment
def sum_over_the_batch(z_1, z_2, alpha=2.0):
    """The pairs are summed, so the value grows with the batch."""
    return alignment(z_1, z_2, alpha) * len(z_1)


@wrong_alignment
def by_the_cosine(z_1, z_2, alpha=2.0):
    """Right on paper; 2 - 2 cos of close rows is the rounding of float32."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (2 - 2 * (a * b).sum(1)).clamp_min(0).pow(alpha / 2).mean()


@wrong_alignment
def negative_cosine(z_1, z_2, alpha=2.0):
    """From -1 to 1, not from 0 to 4."""
    a, b = unit_pair(z_1, z_2, alpha)
    return -(a * b).sum(1).mean()


@wrong_alignment
def all_pairs(z_1, z_2, alpha=2.0):
    """Every first view with every second view, partner or not."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (a[:, None] - b[None]).norm(dim=2).pow(alpha).mean()


@wrong_alignment
def root_without_a_guard(z_1, z_2, alpha=2.0):
    """The root of a sum of squares, whose gradient at equal rows is 0/0."""
    a, b = unit_pair(z_1, z_2, alpha)
    return (a - b).square().sum(1).sqrt().pow(alpha).mean()


@wrong_alignment
def second_view_detached(z_1, z_2, alpha=2.0):
    """The value is right; the second view is not moved."""
    return alignment(z_1, z_2.detach() if isinstance(z_2, torch.Tensor) else z_2, alpha)


@wrong_alignment
def alignment_in_half_precision(z_1, z_2, alpha=2.0):
    """Computed in the precision of the input."""
    unit_pair(z_1, z_2, alpha)
    return (F.normalize(z_1) - F.normalize(z_2)).norm(dim=1).pow(alpha).mean()


@wrong_alignment
def negative_exponent_accepted(z_1, z_2, alpha=2.0):
    """An exponent of zero or below is made positive in silence."""
    return alignment(z_1, z_2, abs(alpha) if math.isfinite(alpha) and alpha else 2.0)


# --- uniformity -------------------------------------------------------------------------------


@wrong_uniformity
def not_normalized(z, t=2.0):
    """Longer embeddings are farther apart, and look more uniform."""
    unit(z, t)
    return potential(torch.pdist(z.to(torch.promote_types(z.dtype, torch.float32))).pow(2), t)


@wrong_uniformity
def with_itself(z, t=2.0):
    """The N pairs of a row with itself count 1 each: the value can never fall far."""
    z = unit(z, t)
    return potential(torch.cdist(z, z).flatten().pow(2), t)


@wrong_uniformity
def distance_not_squared(z, t=2.0):
    """A Laplace potential instead of a Gaussian one."""
    return potential(torch.pdist(unit(z, t)), t)


@wrong_uniformity
def mean_of_the_logarithm(z, t=2.0):
    """The logarithm is taken inside: the plain mean squared distance, which clusters maximize."""
    return (-t * torch.pdist(unit(z, t)).pow(2)).mean()


@wrong_uniformity
def sum_instead_of_mean(z, t=2.0):
    """Not divided by the number of pairs: it grows with the batch."""
    return (-t * torch.pdist(unit(z, t)).pow(2)).logsumexp(0)


@wrong_uniformity
def logarithm_last(z, t=2.0):
    """As in the official code: a sharp potential underflows to minus infinity."""
    return (-t * torch.pdist(unit(z, t)).pow(2)).exp().mean().log()


@wrong_uniformity
def without_the_logarithm(z, t=2.0):
    """From 0 to 1."""
    return (-t * torch.pdist(unit(z, t)).pow(2)).exp().mean()


@wrong_uniformity
def higher_is_more_even(z, t=2.0):
    """The sign is turned around."""
    return -uniformity(z, t)


@wrong_uniformity
def sharpness_ignored(z, t=2.0):
    """The sharpness t is checked and not used."""
    check_positive(t=t)
    return uniformity(z)


@wrong_uniformity
def half_the_sharpness(z, t=2.0):
    """By 1 - cos in place of the squared distance, which is twice as much."""
    z = unit(z, t)
    return potential(torch.pdist(z).pow(2) / 2, t)


@wrong_uniformity
def another_sharpness_by_default(z, t=1.0):
    """The default is another one than documented."""
    return uniformity(z, t)


@wrong_uniformity
def squared_distance_by_the_cosine(z, t=2.0):
    """Right on paper; 2 - 2 cos of close rows is the rounding of float32."""
    z = unit(z, t)
    a, b = torch.triu_indices(len(z), len(z), 1, device=z.device)
    return potential(2 - 2 * (z[a] * z[b]).sum(1), t)


@wrong_uniformity
def neighboring_rows_only(z, t=2.0):
    """Each row with the next one, not with all."""
    z = unit(z, t)
    return potential((z - z.roll(1, 0)).square().sum(1), t)


@wrong_uniformity
def uniformity_in_half_precision(z, t=2.0):
    """Returned in the precision of the input."""
    return uniformity(z, t).to(z.dtype)


@wrong_uniformity
def uniformity_without_gradient(z, t=2.0):
    """The value is right, and nothing learns from it."""
    return uniformity(z.detach() if isinstance(z, torch.Tensor) else z, t) + 0 * z.sum()


@wrong_uniformity
def one_image_is_uniform(z, t=2.0):
    """A single row has no other to keep away from; the value is made up."""
    check_matrices(z=z)
    return uniformity(z, t) if len(z) > 1 else z.sum() * 0


@wrong_uniformity
def nan_is_zero(z, t=2.0):
    """NaN becomes the value of a collapse."""
    return uniformity(z, t).nan_to_num(0.0)
