"""Wrong variants of ``cross_correlation`` and ``barlow_twins_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import barlow_twins_loss, check_matrices, check_positive, cross_correlation
from mistakes.harness import mistake


def wrong_matrix(variant):
    """Register a variant of ``cross_correlation``."""
    return mistake(replaces="cross_correlation", rejected_by="test_barlow_twins")(variant)


def wrong_loss(variant):
    """Register a variant of ``barlow_twins_loss``."""
    return mistake(replaces="barlow_twins_loss", rejected_by="test_barlow_twins")(variant)


def checked(z_1, z_2):
    """Do what the real function does before it computes; return the stacked views."""
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) < 2:
        raise ValueError(f"z_1 must have at least 2 rows to correlate, got {len(z_1)}")
    z = torch.stack([z_1, z_2])
    return z.to(torch.promote_types(z.dtype, torch.float32))


def standardized(z):
    """Return the right standardization of stacked views."""
    std = z.std(dim=1, correction=0, keepdim=True)
    rounding = 10 * torch.finfo(z.dtype).eps * z.abs().amax(dim=1, keepdim=True)
    return (z - z.mean(dim=1, keepdim=True)) / std.masked_fill(std <= rounding, torch.inf)


def from_matrix(c, lambd):
    """Return the right loss of a matrix."""
    return (1 - c.diagonal()).square().sum() + lambd * c.square().fill_diagonal_(0).sum()


@wrong_matrix
def unbiased_standard_deviation(z_1, z_2):
    """The default of ``std``, as in the paper's pseudocode: a perfect diagonal is (N - 1) / N."""
    return cross_correlation(z_1, z_2) * (len(z_1) - 1) / len(z_1)


@wrong_matrix
def divided_by_one_less(z_1, z_2):
    """Biased standard deviation, but a sum over N - 1: a perfect diagonal is N / (N - 1)."""
    return cross_correlation(z_1, z_2) * len(z_1) / max(len(z_1) - 1, 1)


@wrong_matrix
def no_guard_for_a_constant(z_1, z_2):
    """A dimension without variance is 0 / 0."""
    z = checked(z_1, z_2)
    z = (z - z.mean(1, keepdim=True)) / z.std(1, correction=0, keepdim=True)
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def guard_by_a_tiny_number(z_1, z_2):
    """A constant of 0.1 has a rounding error for its deviation; divided by itself it is 1."""
    z = checked(z_1, z_2)
    z = F.normalize(z - z.mean(1, keepdim=True), dim=1)
    return z[0].T @ z[1]


@wrong_matrix
def guard_by_a_fixed_number(z_1, z_2):
    """A small number added to the deviation hides dimensions of small scale."""
    z = checked(z_1, z_2)
    z = (z - z.mean(1, keepdim=True)) / (z.std(1, correction=0, keepdim=True) + 1e-5)
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def guard_by_zeroing_afterward(z_1, z_2):
    """NaN replaced in the result is right in the value and NaN in the gradient; it hides NaN."""
    z = checked(z_1, z_2)
    z = (z - z.mean(1, keepdim=True)) / z.std(1, correction=0, keepdim=True)
    return (z[0].T @ z[1] / len(z_1)).nan_to_num(0.0)


@wrong_matrix
def not_centered(z_1, z_2):
    """The mean stays in, so an offset of a dimension changes its correlations."""
    z = F.normalize(checked(z_1, z_2), dim=1)
    return z[0].T @ z[1]


@wrong_matrix
def not_scaled(z_1, z_2):
    """A covariance: a longer dimension counts more."""
    z = checked(z_1, z_2)
    z = z - z.mean(1, keepdim=True)
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def standardized_over_the_row(z_1, z_2):
    """Each image is standardized over its dimensions, as in layer normalization."""
    z = checked(z_1, z_2)
    z = F.layer_norm(z, z.shape[2:])
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def standardized_together(z_1, z_2):
    """Both views share one mean and one deviation."""
    z = checked(z_1, z_2)
    z = standardized(z.reshape(1, -1, z.shape[2])).reshape(z.shape)
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def images_instead_of_dimensions(z_1, z_2):
    """The product is N by N: which images are alike, not which dimensions."""
    z = standardized(checked(z_1, z_2))
    return z[0] @ z[1].T / z.shape[2]


@wrong_matrix
def transposed(z_1, z_2):
    """Rows belong to the second view; the loss is the same, the matrix is not."""
    return cross_correlation(z_1, z_2).T


@wrong_matrix
def autocorrelation(z_1, z_2):
    """The first view with itself: the diagonal is always 1, whatever the second view is."""
    check_matrices(z_1=z_1, z_2=z_2)
    return cross_correlation(z_1, z_1) + 0 * cross_correlation(z_1, z_2)


@wrong_matrix
def half_precision_throughout(z_1, z_2):
    """Computed in the precision of the input, where sums and squares leave the range."""
    checked(z_1, z_2)
    z = standardized(torch.stack([z_1, z_2]))
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def always_single_precision(z_1, z_2):
    """Float64 input is thrown down to float32."""
    check_matrices(z_1=z_1, z_2=z_2)
    return cross_correlation(z_1.float(), z_2.float())


@wrong_matrix
def statistics_detached(z_1, z_2):
    """The value is right; mean and deviation are taken for constants, so the gradient is not."""
    z = checked(z_1, z_2)
    fixed = z.detach()
    std = fixed.std(1, correction=0, keepdim=True)
    rounding = 10 * torch.finfo(z.dtype).eps * fixed.abs().amax(1, keepdim=True)
    z = (z - fixed.mean(1, keepdim=True)) / std.masked_fill(std <= rounding, torch.inf)
    return z[0].T @ z[1] / len(z_1)


@wrong_matrix
def one_row_accepted(z_1, z_2):
    """A single image has no variance; every entry is 0 without a word."""
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) == 1:
        return z_1.T @ z_2 * 0
    return cross_correlation(z_1, z_2)


@wrong_matrix
def input_standardized_in_place(z_1, z_2):
    """The caller's tensor is changed."""
    c = cross_correlation(z_1, z_2)
    if not (z_1.is_meta or z_1.requires_grad):
        z_1 -= z_1.mean(0)
    return c


@wrong_loss
def weight_of_the_code(z_1, z_2, lambd=0.0051):
    """The default is that of the official code, not the documented one."""
    return barlow_twins_loss(z_1, z_2, lambd)


@wrong_loss
def scaled_like_a_peer(z_1, z_2, lambd=0.005):
    """The whole loss times 0.025, a scale that one library mixes up with the weight: 40 to 1."""
    return 0.025 * barlow_twins_loss(z_1, z_2, lambd)


@wrong_loss
def mean_instead_of_sums(z_1, z_2, lambd=0.005):
    """Divided by D, so the weight means something else."""
    return barlow_twins_loss(z_1, z_2, lambd) / z_1.shape[1]


@wrong_loss
def diagonal_in_both_terms(z_1, z_2, lambd=0.005):
    """The second sum has the diagonal in it: a perfect matrix is punished."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return (1 - c.diagonal()).square().sum() + lambd * c.square().sum()


@wrong_loss
def weight_on_the_diagonal(z_1, z_2, lambd=0.005):
    """The small weight is on the agreement."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return from_matrix(c, 1 / lambd) * lambd


@wrong_loss
def diagonal_not_squared(z_1, z_2, lambd=0.005):
    """The distance of the diagonal from 1 enters linearly."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return (1 - c.diagonal()).sum() + lambd * c.square().fill_diagonal_(0).sum()


@wrong_loss
def signed_redundancy(z_1, z_2, lambd=0.005):
    """Entries beside the diagonal are not squared, so negative correlations pay."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return (1 - c.diagonal()).square().sum() + lambd * c.clone().fill_diagonal_(0).sum()


@wrong_loss
def redundancy_of_one_triangle(z_1, z_2, lambd=0.005):
    """The upper triangle twice: right for a symmetric matrix, which this one is not."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return (1 - c.diagonal()).square().sum() + 2 * lambd * c.triu(1).square().sum()


@wrong_loss
def no_redundancy(z_1, z_2, lambd=0.005):
    """Agreement alone: all dimensions may say the same."""
    check_positive(lambd=lambd)
    return (1 - cross_correlation(z_1, z_2).diagonal()).square().sum()


@wrong_loss
def second_view_detached(z_1, z_2, lambd=0.005):
    """The value is right; a stop-gradient that this method does not have."""
    return barlow_twins_loss(z_1, z_2.detach() if isinstance(z_2, torch.Tensor) else z_2, lambd)


@wrong_loss
def gradient_of_one_of_two_devices(z_1, z_2, lambd=0.005):
    """A sum over devices that autograd does not see: the value is right, the gradient halved."""
    loss = barlow_twins_loss(z_1, z_2, lambd)
    return 0.5 * loss + 0.5 * loss.detach()


@wrong_loss
def rows_of_length_one(z_1, z_2, lambd=0.005):
    """Rows are normalized first, as for a contrastive loss."""
    check_positive(lambd=lambd)
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) < 2:
        raise ValueError("z_1 must have at least 2 rows")
    return barlow_twins_loss(F.normalize(z_1.float()), F.normalize(z_2.float()), lambd)


@wrong_loss
def eye_on_the_cpu(z_1, z_2, lambd=0.005):
    """The identity is made on the CPU, wherever the embeddings are."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    eye = torch.eye(len(c), dtype=c.dtype)
    difference = (c - eye).square()
    return torch.where(eye > 0, difference, lambd * difference).sum()


@wrong_loss
def one_product_for_every_image(z_1, z_2, lambd=0.005):
    """Broadcast products take N x D x D numbers: 512 GiB for 2,048 images and D = 8,192."""
    check_positive(lambd=lambd)
    z = standardized(checked(z_1, z_2))
    return from_matrix((z[0][:, :, None] * z[1][:, None]).mean(0), lambd)


@wrong_loss
def nan_hidden(z_1, z_2, lambd=0.005):
    """NaN is replaced by zero, so a broken network looks perfect."""
    return barlow_twins_loss(z_1, z_2, lambd).nan_to_num(0.0)


@wrong_loss
def weight_unchecked(z_1, z_2, lambd=0.005):
    """A negative weight rewards redundancy."""
    return from_matrix(cross_correlation(z_1, z_2), lambd)
