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
def targets_not_detached(p_1, p_2, z_1, z_2):
    """Gradient flows into both sides, which meet in one point: collapse."""
    checked(p_1, p_2, z_1, z_2)
    return (negative_cosine(p_1, z_2) + negative_cosine(p_2, z_1)) / 2


@wrong
def one_target_not_detached(p_1, p_2, z_1, z_2):
    """The stop-gradient is forgotten in one of the two lines."""
    checked(p_1, p_2, z_1, z_2)
    return (negative_cosine(p_1, z_2.detach()) + negative_cosine(p_2, z_1)) / 2


@wrong
def predictions_detached(p_1, p_2, z_1, z_2):
    """The wrong side stands still: the target learns, the predictor never does."""
    checked(p_1, p_2, z_1, z_2)
    return (negative_cosine(p_1.detach(), z_2) + negative_cosine(p_2.detach(), z_1)) / 2


@wrong
def everything_detached(p_1, p_2, z_1, z_2):
    """The value is right and there is nothing to learn from."""
    return simsiam_loss(p_1, p_2, z_1, z_2).detach()


@wrong
def detached_by_its_data(p_1, p_2, z_1, z_2):
    """Normalizes in place what it took for a copy: the caller's projections change."""
    checked(p_1, p_2, z_1, z_2)
    for z in (z_1.detach(), z_2.detach()):
        if z.dtype in (torch.float32, torch.float64):
            z.div_(z.norm(dim=1, keepdim=True).clamp_min(1e-12))
    return simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def own_view_as_target(p_1, p_2, z_1, z_2):
    """Each view predicts itself; the predictor has only to become the identity."""
    checked(p_1, p_2, z_1, z_2)
    return (negative_cosine(p_1, z_1.detach()) + negative_cosine(p_2, z_2.detach())) / 2


@wrong
def predictions_with_each_other(p_1, p_2, z_1, z_2):
    """The predictor stands on both branches; the projections are not used."""
    checked(p_1, p_2, z_1, z_2)
    return (negative_cosine(p_1, p_2.detach()) + negative_cosine(p_2, p_1.detach())) / 2


@wrong
def projections_with_each_other(p_1, p_2, z_1, z_2):
    """The predictor is left out."""
    checked(p_1, p_2, z_1, z_2)
    return negative_cosine(z_1, z_2.detach())


@wrong
def one_direction(p_1, p_2, z_1, z_2):
    """Only the first view predicts."""
    checked(p_1, p_2, z_1, z_2)
    return negative_cosine(p_1, z_2.detach())


@wrong
def sum_of_both_directions(p_1, p_2, z_1, z_2):
    """The factors of one half are missing: from -2 to 2, and twice the gradient."""
    return 2 * simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def half_of_a_half(p_1, p_2, z_1, z_2):
    """The mean of both directions is halved once more."""
    return simsiam_loss(p_1, p_2, z_1, z_2) / 2


@wrong
def sum_over_the_batch(p_1, p_2, z_1, z_2):
    """The loss grows with the batch."""
    return len(p_1) * simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def sign_forgotten(p_1, p_2, z_1, z_2):
    """The cosine itself is minimized: predictions flee their targets."""
    return -simsiam_loss(p_1, p_2, z_1, z_2)


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
def not_normalized(p_1, p_2, z_1, z_2):
    """A dot product, which falls without end as the vectors grow."""
    checked(p_1, p_2, z_1, z_2)
    dots = (p_1 * z_2.detach()).sum(1) + (p_2 * z_1.detach()).sum(1)
    return -dots.mean() / 2


@wrong
def targets_not_normalized(p_1, p_2, z_1, z_2):
    """Images with long projections weigh more."""
    checked(p_1, p_2, z_1, z_2)
    dots = (unit(p_1) * z_2.detach()).sum(1) + (unit(p_2) * z_1.detach()).sum(1)
    return -dots.mean() / 2


@wrong
def normalized_over_the_batch(p_1, p_2, z_1, z_2):
    """Columns, not rows, have length one."""
    checked(p_1, p_2, z_1, z_2)
    z_1, z_2 = unit(z_1.detach(), 0), unit(z_2.detach(), 0)
    return -((unit(p_1, 0) * z_2).sum(1) + (unit(p_2, 0) * z_1).sum(1)).mean() / 2


@wrong
def cosine_along_the_batch(p_1, p_2, z_1, z_2):
    """F.cosine_similarity over dimension 0 compares features, not images."""
    checked(p_1, p_2, z_1, z_2)
    terms = [
        F.cosine_similarity(p.double(), z.detach().double(), dim=0).mean()
        for p, z in ((p_1, z_2), (p_2, z_1))
    ]
    return -(terms[0] + terms[1]).to(torch.promote_types(p_1.dtype, torch.float32)) / 2


@wrong
def cosine_of_the_whole_batch(p_1, p_2, z_1, z_2):
    """All rows are taken for one long vector."""
    checked(p_1, p_2, z_1, z_2)
    terms = [
        (unit(p.flatten()[None]) * unit(z.detach().flatten()[None])).sum()
        for p, z in ((p_1, z_2), (p_2, z_1))
    ]
    return -(terms[0] + terms[1]) / 2


@wrong
def cosine_of_the_means(p_1, p_2, z_1, z_2):
    """The batch is averaged before it is compared."""
    checked(p_1, p_2, z_1, z_2)
    p_1, p_2, z_1, z_2 = (unit(x).mean(0, keepdim=True) for x in (p_1, p_2, z_1, z_2))
    return simsiam_loss(p_1, p_2, z_1, z_2)


@wrong
def magnitude_of_the_cosine(p_1, p_2, z_1, z_2):
    """Opposite directions count as agreement."""
    checked(p_1, p_2, z_1, z_2)
    cosines = [(unit(p) * unit(z.detach())).sum(1) for p, z in ((p_1, z_2), (p_2, z_1))]
    return -torch.cat(cosines).abs().mean()


@wrong
def half_precision_throughout(p_1, p_2, z_1, z_2):
    """Computed in the precision of the input: short rows become 0/0."""
    checked(p_1, p_2, z_1, z_2)
    p, z = torch.cat([p_1, p_2]), torch.cat([z_2, z_1]).detach()
    return -(F.normalize(p) * F.normalize(z)).sum(1).mean()


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
