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
def transposed(z_1, z_2):
    """Rows belong to the second view; the loss is the same, the matrix is not."""
    return cross_correlation(z_1, z_2).T


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
def one_row_accepted(z_1, z_2):
    """A single image has no variance; every entry is 0 without a word."""
    check_matrices(z_1=z_1, z_2=z_2)
    if len(z_1) == 1:
        return z_1.T @ z_2 * 0
    return cross_correlation(z_1, z_2)


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
def redundancy_of_one_triangle(z_1, z_2, lambd=0.005):
    """The upper triangle twice: right for a symmetric matrix, which this one is not."""
    check_positive(lambd=lambd)
    c = cross_correlation(z_1, z_2)
    return (1 - c.diagonal()).square().sum() + 2 * lambd * c.triu(1).square().sum()


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
