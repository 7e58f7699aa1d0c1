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
def one_image_is_uniform(z, t=2.0):
    """A single row has no other to keep away from; the value is made up."""
    check_matrices(z=z)
    return uniformity(z, t) if len(z) > 1 else z.sum() * 0


@wrong_uniformity
def nan_is_zero(z, t=2.0):
    """NaN becomes the value of a collapse."""
    return uniformity(z, t).nan_to_num(0.0)
