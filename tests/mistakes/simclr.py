"""Wrong variants of ``simclr_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import check_matrices, check_positive, simclr_loss
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``simclr_loss``."""
    return mistake(replaces="simclr_loss", rejected_by="test_simclr")(variant)


def checked(z_i, z_j, temperature):
    """Do what the real function does before it computes; return N and the unit rows."""
    check_matrices(z_i=z_i, z_j=z_j)
    check_positive(temperature=temperature)
    if len(z_i) < 2:
        raise ValueError("z_i must have at least 2 rows")
    z = torch.cat([z_i, z_j])
    return len(z_i), F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))


def masked(z, temperature):
    """Return the right logits of unit rows."""
    return (z @ z.T / temperature).fill_diagonal_(-torch.inf)


def partners(n, device):
    """Return the right target of each row."""
    return (torch.arange(2 * n, device=device) + n) % (2 * n)


@wrong
def as_it_is_often_written(z_i, z_j, temperature=0.5):
    """Itself as target, nothing normalized, targets on the CPU: three mistakes in one."""
    n, _ = checked(z_i, z_j, temperature)
    z = torch.cat([z_i, z_j])
    return F.cross_entropy(masked(z, temperature), torch.arange(n).repeat(2))


@wrong
def half_precision_throughout(z_i, z_j, temperature=0.5):
    """Computed in the precision of the input: short rows become 0/0, cold logits lose digits."""
    n, _ = checked(z_i, z_j, temperature)
    z = F.normalize(torch.cat([z_i, z_j]))
    return F.cross_entropy(masked(z, temperature), partners(n, z.device))


@wrong
def large_number_as_a_mask_in_half_precision(z_i, z_j, temperature=0.5):
    """The number -1e9 does not exist in float16."""
    n, _ = checked(z_i, z_j, temperature)
    z = F.normalize(torch.cat([z_i, z_j]))
    diagonal = torch.eye(2 * n, dtype=torch.bool, device=z.device)
    logits = (z @ z.T / temperature).masked_fill(diagonal, -1e9)
    return F.cross_entropy(logits, partners(n, z.device))


@wrong
def always_single_precision(z_i, z_j, temperature=0.5):
    """Float64 input is thrown down to float32."""
    return simclr_loss(z_i.float(), z_j.float(), temperature)


@wrong
def sum_of_both_halves(z_i, z_j, temperature=0.5):
    """The means of both halves are added, as in the official code: twice the paper's value."""
    return 2 * simclr_loss(z_i, z_j, temperature)


@wrong
def sum_over_the_views(z_i, z_j, temperature=0.5):
    """The 2N terms are summed, so the loss grows with the batch."""
    return 2 * len(z_i) * simclr_loss(z_i, z_j, temperature)


@wrong
def logarithm_of_the_mean(z_i, z_j, temperature=0.5):
    """The mean is taken inside the logarithm."""
    n, z = checked(z_i, z_j, temperature)
    shares = masked(z, temperature).softmax(1)
    return -shares.gather(1, partners(n, z.device)[:, None]).mean().log()


@wrong
def temperature_ignored(z_i, z_j, temperature=0.5):
    """The temperature is checked and not used."""
    check_positive(temperature=temperature)
    return simclr_loss(z_i, z_j, 0.5)


@wrong
def temperature_of_imagenet_by_default(z_i, z_j, temperature=0.1):
    """The default is another one than documented."""
    return simclr_loss(z_i, z_j, temperature)


@wrong
def one_vector_for_every_pair(z_i, z_j, temperature=0.5):
    """Broadcast cosines take 2N x 2N x D numbers: 32 GiB for 4,096 images and D = 128."""
    n, z = checked(z_i, z_j, temperature)
    logits = (z[:, None] * z[None]).sum(-1) / temperature
    return F.cross_entropy(logits.fill_diagonal_(-torch.inf), partners(n, z.device))


@wrong
def nan_hidden(z_i, z_j, temperature=0.5):
    """NaN is replaced by zero, so a broken network looks well."""
    return simclr_loss(z_i, z_j, temperature).nan_to_num(0.0)


@wrong
def unchecked(z_i, z_j, temperature=0.5):
    """Nothing is checked: a single pair gives 0, a negative temperature something."""
    z = torch.cat([torch.as_tensor(z_i), torch.as_tensor(z_j)])
    z = F.normalize(z.to(torch.promote_types(z.dtype, torch.float32)))
    return F.cross_entropy(masked(z, temperature), partners(len(z_i), z.device))


@wrong
def one_pair_accepted(z_i, z_j, temperature=0.5):
    """A single pair has nothing to be contrasted with; its loss is 0 and so is its gradient."""
    check_matrices(z_i=z_i, z_j=z_j)
    return simclr_loss(z_i, z_j, temperature) if len(z_i) > 1 else z_i.sum() * 0


@wrong
def temperature_of_zero_accepted(z_i, z_j, temperature=0.5):
    """A temperature of zero or below silently becomes a tiny one."""
    return simclr_loss(z_i, z_j, 1e-8 if temperature <= 0 else temperature)


@wrong
def whole_numbers_accepted(z_i, z_j, temperature=0.5):
    """Integers are converted without a word."""
    return simclr_loss(
        *(z if z.is_floating_point() else z.float() for z in (z_i, z_j)), temperature
    )
