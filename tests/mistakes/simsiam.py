"""Wrong variants of ``simsiam_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import check_matrices, simsiam_loss
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``simsiam_loss``."""
    return mistake(replaces="simsiam_loss", rejected_by="test_simsiam")(variant)


def unit(x, dim=1):
    """Scale to length one, at least in float32."""
    return F.normalize(x.to(torch.promote_types(x.dtype, torch.float32)), dim=dim)


def negative_cosine(p, z):
    """Return the mean of minus the cosine; nothing is detached."""
    return -(unit(p) * unit(z)).sum(dim=1).mean()


def checked(p_1, p_2, z_1, z_2):
    """Do what the real function does before it computes."""
    check_matrices(p_1=p_1, p_2=p_2, z_1=z_1, z_2=z_2)


@wrong
def sum_of_both_directions(p_1, p_2, z_1, z_2):
    """The factors of one half are missing: from -2 to 2, and twice the gradient."""
    return 2 * simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def sum_over_the_batch(p_1, p_2, z_1, z_2):
    """The loss grows with the batch."""
    return len(p_1) * simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def with_the_constant_of_byol(p_1, p_2, z_1, z_2):
    """2 - 2 cos: the gradient is right but for a factor, the value is BYOL's."""
    return 2 + 2 * simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def squared_error_of_the_entries(p_1, p_2, z_1, z_2):
    """The mean over all entries of unit vectors is D times too small."""
    checked(p_1, p_2, z_1, z_2)
    terms = [
        F.mse_loss(unit(p), unit(z.detach()).to(unit(p).dtype)) for p, z in ((p_1, z_2), (p_2, z_1))
    ]
    return (terms[0] + terms[1]) / 2 - 1


@wrong
def always_single_precision(p_1, p_2, z_1, z_2):
    """Float64 input is thrown down to float32."""
    checked(p_1, p_2, z_1, z_2)
    return simsiam_loss(*(x.float() for x in (p_1, p_2, z_1, z_2)))


@wrong
def nan_hidden(p_1, p_2, z_1, z_2):
    """NaN is replaced by zero, so a broken network looks well."""
    return simsiam_loss(p_1, p_2, z_1, z_2).nan_to_num(0.0)


@wrong
def unchecked(p_1, p_2, z_1, z_2):
    """A single row of targets is compared with every prediction."""
    p_1, p_2, z_1, z_2 = (torch.as_tensor(x) for x in (p_1, p_2, z_1, z_2))
    return (negative_cosine(p_1, z_2.detach()) + negative_cosine(p_2, z_1.detach())) / 2
