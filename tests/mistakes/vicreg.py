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
def root_of_zero(z):
    """Nothing is added under the root: at collapse the gradient is infinity times zero, NaN."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0))).mean()


@wrong_variance
def number_added_outside_the_root(z):
    """The small number is added to the root: still NaN at collapse, though the value is finite."""
    return torch.relu(1 - (torch.sqrt(checked(z).var(dim=0)) + 1e-4)).mean()


@wrong_variance
def std_instead_of_the_root(z):
    """``std`` has a gradient of 0 at collapse, but the value of a collapse is 25, not 24.75."""
    return torch.relu(1 - checked(z).std(dim=0)).mean()


@wrong_variance
def tiny_number_under_the_root(z):
    """1e-12 under the root: no NaN, and a push near collapse that is a hundred times too hard."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0) + 1e-12)).mean()


@wrong_variance
def variance_without_a_root(z):
    """A hinge on the variance, whose slope vanishes where it is needed: near collapse."""
    return torch.relu(1 - (checked(z).var(dim=0) + 1e-4)).mean()


@wrong_variance
def biased(z):
    """Divided by N instead of N - 1."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=0, correction=0) + 1e-4)).mean()


@wrong_variance
def deviation_within_a_row(z):
    """The deviation of each image over its dimensions, which a constant vector can have."""
    return torch.relu(1 - torch.sqrt(checked(z).var(dim=1) + 1e-4)).mean()


@wrong_variance
def no_hinge(z):
    """Wide dimensions earn what narrow ones pay, so one may grow while others die."""
    return (1 - torch.sqrt(checked(z).var(dim=0) + 1e-4)).mean()


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
def covariance_not_centered(z):
    """The mean stays in, so an offset counts as covariance."""
    z = checked(z)
    matrix = z.T @ z / (len(z) - 1)
    return matrix.square().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def covariance_biased(z):
    """Divided by N instead of N - 1."""
    return covariance_term(z) * ((len(z) - 1) / len(z)) ** 2


@wrong_covariance
def covariance_with_the_diagonal(z):
    """Variances are punished too, against what the variance term wants."""
    z = checked(z)
    z = z - z.mean(0)
    return (z.T @ z / (len(z) - 1)).square().sum() / z.shape[1]


@wrong_covariance
def covariance_not_squared(z):
    """Covariances of opposite sign cancel."""
    z = checked(z)
    z = z - z.mean(0)
    return (z.T @ z / (len(z) - 1)).fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def covariance_absolute(z):
    """Absolute values instead of squares."""
    z = checked(z)
    z = z - z.mean(0)
    return (z.T @ z / (len(z) - 1)).abs().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def covariance_mean_of_all(z):
    """The mean over D x D entries, not the sum divided by D."""
    return covariance_term(z) / z.shape[1]


@wrong_covariance
def covariance_sum(z):
    """Not divided by D."""
    return covariance_term(z) * z.shape[1]


@wrong_covariance
def covariance_of_images(z):
    """The matrix is N by N: images, not dimensions, are driven apart."""
    z = checked(z)
    z = z - z.mean(0)
    return (z @ z.T / (len(z) - 1)).square().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def correlation_instead_of_covariance(z):
    """Dimensions are scaled first, as in Barlow Twins."""
    z = checked(z)
    z = (z - z.mean(0)) / (z.std(dim=0) + 1e-4)
    return (z.T @ z / (len(z) - 1)).square().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def covariance_half_precision_throughout(z):
    """Computed in the precision of the input."""
    checked(z)
    z = z - z.mean(0)
    return (z.T @ z / (len(z) - 1)).square().fill_diagonal_(0).sum() / z.shape[1]


@wrong_covariance
def centered_in_place(z):
    """The caller's tensor is changed."""
    value = covariance_term(z)
    if not (z.is_meta or z.requires_grad):
        z -= z.mean(0)
    return value


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
def covariance_of_both_views_averaged(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """A half where the official code has none."""
    return vicreg_loss(z_1, z_2, invariance, variance, covariance / 2)


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
def weights_exchanged(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Variance gets the weight of invariance; with the defaults nobody sees it."""
    return vicreg_loss(z_1, z_2, variance, invariance, covariance)


@wrong_loss
def defaults_of_one(z_1, z_2, invariance=1.0, variance=1.0, covariance=1.0):
    """All weights 1, which collapses on ImageNet."""
    return vicreg_loss(z_1, z_2, invariance, variance, covariance)


@wrong_loss
def one_view_regularized(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Variance and covariance of the first view, twice."""
    rest = vicreg_loss(z_1, z_2, invariance, 0.0, 0.0)
    return rest + vicreg_loss(z_1, z_1, 0.0, variance, covariance) + 0 * vicreg_loss(z_1, z_2)


@wrong_loss
def regularized_together(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Both views as one batch of 2N: two views that differ by an offset seem to vary."""
    z = torch.cat([*both(z_1, z_2)])
    rest = vicreg_loss(z_1, z_2, invariance, 0.0, 0.0)
    return rest + vicreg_loss(z, z, 0.0, variance, covariance)


@wrong_loss
def averaged_over_devices(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """Embeddings averaged over devices instead of gathered: half the rows, half the variance."""
    z = both(z_1, z_2)
    rest = vicreg_loss(z_1, z_2, invariance, 0.0, 0.0)
    half = len(z_1) // 2
    if half < 2:
        return rest + vicreg_loss(z_1, z_2, 0.0, variance, covariance)
    mean = (z[:, :half] + z[:, half : 2 * half]) / 2
    return rest + vicreg_loss(mean[0], mean[1], 0.0, variance, covariance)


@wrong_loss
def second_view_detached(z_1, z_2, invariance=25.0, variance=25.0, covariance=1.0):
    """The value is right; a stop-gradient that this method does not have."""
    fixed = z_2.detach() if isinstance(z_2, torch.Tensor) else z_2
    return vicreg_loss(z_1, fixed, invariance, variance, covariance)


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
