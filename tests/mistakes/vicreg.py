"""Wrong variants of ``variance_term``, ``covariance_term`` and ``vicreg_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import check_matrices, covariance_term, variance_term, vicreg_loss
from mistakes.harness import mistake


def wrong_variance(variant):
    """Register a variant of ``variance_term``."""
    return mistake(replaces="variance_term", rejected_by="test_vicreg")(variant)


def wrong_covariance(variant):
    """Register a variant of ``covariance_term``."""
    return mistake(replaces="covariance_term", rejected_by="test_vicreg")(variant)


def wrong_loss(variant):
    """Register a variant of ``vicreg_loss``."""
    return mistake(replaces="vicreg_loss", rejected_by="test_vicreg")(variant)


def checked(z):
    """Do what the real terms do before they compute."""
    check_matrices(z=z)
    if len(z) < 2:
        raise ValueError(f"z must have at least 2 rows to vary, got {len(z)}")
    return z.to(torch.promote_types(z.dtype, torch.float32))


def both(z_1, z_2):
    """Do what the real loss does before it computes."""
    vicreg_loss(z_1, z_2)
    z = torch.stack([z_1, z_2])
    return z.to(torch.promote_types(z.dtype, torch.float32))


# --- the variance term ----------------------------------------------------------------------


@wrong_variance
def tiny_number_under_the_root(z):
    """1e-12 under the root: no NaN, and a push near collapse that is a hundred times too hard."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0) + 1e-12)).mean()


@wrong_variance
def hinge_of_the_mean(z):
    """The mean deviation is held against 1, not each deviation."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0) + 1e-4).mean())


@wrong_variance
def sum_over_dimensions(z):
    """Summed, so the term grows with D."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0) + 1e-4)).sum()


@wrong_variance
def distance_from_one(z):
    """Squared distance from 1: a dimension may not be wider either."""
    return (1 - torch.sqrt(checked(z).var(dim=0) + 1e-4)).square().mean()


@wrong_variance
def target_on_the_sphere(z):
    """The target is 1 / sqrt(D), right only for rows of length one."""
    return torch.relu(z.shape[1] ** -0.5 - torch.sqrt(checked(z).var(dim=0) + 1e-4)).mean()


@wrong_variance
def variance_half_precision_throughout(z):
    """Computed in the precision of the input."""
    checked(z)
    return torch.relu(1 - torch.sqrt(z.var(dim=0) + 1e-4)).mean()


@wrong_variance
def variance_nan_hidden(z):
    """NaN is replaced by zero, the value of a healthy batch."""
    return variance_term(z).nan_to_num(0.0)


@wrong_variance
def variance_of_one_row_accepted(z):
    """A single image has no variance; it is taken for collapsed without a word."""
    check_matrices(z=z)
    return variance_term(z) if len(z) > 1 else variance_term(torch.cat([z, z]))


# --- the covariance term --------------------------------------------------------------------


@wrong_covariance
def covariance_sum(z):
    """Not divided by D."""
    return covariance_term(z) * z.shape[1]


@wrong_covariance
def covariance_half_precision_throughout(z):
    """Computed in the precision of the input."""
    checked(z)
    z = z - z.mean(0)
    return (z.T @ z / (len(z) - 1)).square().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def mask_on_the_cpu(z):
    """The mask of the diagonal is made on the CPU, wherever the embeddings are."""
    z = checked(z)
    z = z - z.mean(0)
    matrix = z.T @ z / (len(z) - 1)
    others = 1 - torch.eye(len(matrix), dtype=matrix.dtype)
    return (others * matrix).square().sum() / z.shape[1]


# --- the loss -------------------------------------------------------------------------------


@wrong_loss
def variance_of_both_views_summed(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Without the half of the official code, as the paper writes it: a weight of 50."""
    return vicreg_loss(z_1, z_2, invariance, 2 * variance, covariance)


@wrong_loss
def distance_of_rows(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """The squared distance is summed over D, as the paper writes it: a weight D times as large."""
    check_matrices(z_1=z_1, z_2=z_2)
    return vicreg_loss(z_1, z_2, invariance * z_1.shape[1], variance, covariance)


@wrong_loss
def invariance_of_directions(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """The distance is taken between rows of length one."""
    z = F.normalize(both(z_1, z_2), dim=-1)
    rest = vicreg_loss(z_1, z_2, 0.0, variance, covariance)
    return rest + vicreg_loss(z[0], z[1], invariance, 0.0, 0.0)


@wrong_loss
def defaults_of_one(z_1, z_2, invariance=1.0, variance=1.0, covariance=1.0):
    """All weights 1, which collapses on ImageNet."""
    return vicreg_loss(z_1, z_2, invariance, variance, covariance)


@wrong_loss
def loss_in_half_precision(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """The distance is taken in the precision of the input."""
    rest = vicreg_loss(z_1, z_2, 0.0, variance, covariance)
    if invariance < 0:
        raise ValueError("invariance must be a finite number from 0")
    return vicreg_loss(z_1, z_2, invariance, 0.0, 0.0) * 0 + (
        rest + invariance * (z_1 - z_2).square().mean()
    )


@wrong_loss
def loss_nan_hidden(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """NaN is replaced by zero, so a broken network looks perfect."""
    return vicreg_loss(z_1, z_2, invariance, variance, covariance).nan_to_num(0.0)


@wrong_loss
def negative_weights_accepted(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """A negative weight silently becomes zero."""
    return vicreg_loss(z_1, z_2, *(max(0.0, w) for w in (invariance, variance, covariance)))


@wrong_loss
def shapes_broadcast(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """One row of the second view is compared with all of the first."""
    if isinstance(z_2, torch.Tensor) and z_2.ndim == 2 and len(z_2) == 1:
        z_2 = z_2.expand_as(z_1)
    return vicreg_loss(z_1, z_2, invariance, variance, covariance)
