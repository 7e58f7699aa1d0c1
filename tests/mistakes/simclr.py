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
def target_is_itself(z_i, z_j, temperature=0.5):
    """The first N rows have themselves as target, an entry that the mask took out: infinity."""
    n, z = checked(z_i, z_j, temperature)
    targets = torch.arange(n, device=z.device).repeat(2)
    return F.cross_entropy(masked(z, temperature), targets)


@wrong
def target_is_itself_behind_a_large_number(z_i, z_j, temperature=0.5):
    """The same with a mask of -1e9, which makes the loss 5e8 rather than infinite."""
    n, z = checked(z_i, z_j, temperature)
    logits = (z @ z.T / temperature).fill_diagonal_(-1e9)
    return F.cross_entropy(logits, torch.arange(n, device=z.device).repeat(2))


@wrong
def as_it_is_often_written(z_i, z_j, temperature=0.5):
    """Itself as target, nothing normalized, targets on the CPU: three mistakes in one."""
    n, _ = checked(z_i, z_j, temperature)
    z = torch.cat([z_i, z_j])
    return F.cross_entropy(masked(z, temperature), torch.arange(n).repeat(2))


@wrong
def same_view_as_positive(z_i, z_j, temperature=0.5):
    """Another image of the same view is the positive, and the true partner a negative."""
    n, z = checked(z_i, z_j, temperature)
    row = torch.arange(n, device=z.device)
    first = (row == 0).long()
    return F.cross_entropy(masked(z, temperature), torch.cat([first, n + first]))


@wrong
def views_interleaved(z_i, z_j, temperature=0.5):
    """Rows go a1, b1, a2, b2, while targets are half a batch away."""
    n, z = checked(z_i, z_j, temperature)
    z = torch.stack([z[:n], z[n:]], dim=1).flatten(0, 1)
    return F.cross_entropy(masked(z, temperature), partners(n, z.device))


@wrong
def itself_among_the_candidates(z_i, z_j, temperature=0.5):
    """The diagonal is not masked, so perfect pairs cannot go below ln 2."""
    n, z = checked(z_i, z_j, temperature)
    return F.cross_entropy(z @ z.T / temperature, partners(n, z.device))


@wrong
def subtracts_e_for_itself(z_i, z_j, temperature=0.5):
    """The candidate to leave out counts exp(1/T), not e."""
    n, z = checked(z_i, z_j, temperature)
    weights = (z @ z.T / temperature).exp()
    positive = (z * z.roll(n, 0)).sum(1) / temperature
    return (torch.log(weights.sum(1) - torch.e) - positive).mean()


@wrong
def subtracts_itself_after_exp(z_i, z_j, temperature=0.5):
    """Right on paper, but exp(1/T) leaves the range of float32 when it is cold."""
    n, z = checked(z_i, z_j, temperature)
    weights = (z @ z.T / temperature).exp()
    positive = (z * z.roll(n, 0)).sum(1) / temperature
    return (torch.log(weights.sum(1) - weights.diagonal()) - positive).mean()


@wrong
def not_normalized(z_i, z_j, temperature=0.5):
    """Rows keep their length, so a longer embedding is a lower loss."""
    n, _ = checked(z_i, z_j, temperature)
    return F.cross_entropy(masked(torch.cat([z_i, z_j]), temperature), partners(n, z_i.device))


@wrong
def normalized_over_the_batch(z_i, z_j, temperature=0.5):
    """Columns, not rows, have length one."""
    n, _ = checked(z_i, z_j, temperature)
    z = F.normalize(torch.cat([z_i, z_j]).float(), dim=0)
    return F.cross_entropy(masked(z, temperature), partners(n, z.device))


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
def only_the_other_view(z_i, z_j, temperature=0.5):
    """Candidates are the N rows of the other view alone."""
    n, z = checked(z_i, z_j, temperature)
    logits = z[:n] @ z[n:].T / temperature
    own = torch.arange(n, device=z.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


@wrong
def only_the_first_view_asks(z_i, z_j, temperature=0.5):
    """The mean runs over the N rows of the first view."""
    n, z = checked(z_i, z_j, temperature)
    return F.cross_entropy(masked(z, temperature)[:n], partners(n, z.device)[:n])


@wrong
def positive_not_in_the_denominator(z_i, z_j, temperature=0.5):
    """The positive is left out below the fraction: decoupled contrastive learning."""
    n, z = checked(z_i, z_j, temperature)
    logits = masked(z, temperature)
    positive = (z * z.roll(n, 0)).sum(1) / temperature
    hidden = logits.scatter(1, partners(n, z.device)[:, None], -torch.inf)
    return (hidden.logsumexp(1) - positive).mean()


@wrong
def logarithm_of_the_mean(z_i, z_j, temperature=0.5):
    """The mean is taken inside the logarithm."""
    n, z = checked(z_i, z_j, temperature)
    shares = masked(z, temperature).softmax(1)
    return -shares.gather(1, partners(n, z.device)[:, None]).mean().log()


@wrong
def temperature_multiplies(z_i, z_j, temperature=0.5):
    """Similarities are multiplied by the temperature."""
    check_positive(temperature=temperature)
    return simclr_loss(z_i, z_j, 1 / temperature)


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
def second_view_detached(z_i, z_j, temperature=0.5):
    """The value is right; rows that come back from a gather without gradient learn nothing."""
    return simclr_loss(z_i, z_j.detach() if isinstance(z_j, torch.Tensor) else z_j, temperature)


@wrong
def candidates_detached(z_i, z_j, temperature=0.5):
    """The value is right; the gradient flows through the asking row alone."""
    n, z = checked(z_i, z_j, temperature)
    logits = (z @ z.detach().T / temperature).fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, partners(n, z.device))


@wrong
def targets_on_the_cpu(z_i, z_j, temperature=0.5):
    """Targets and mask are made on the CPU, wherever the embeddings are."""
    n, z = checked(z_i, z_j, temperature)
    diagonal = torch.eye(2 * n, dtype=torch.bool)
    logits = (z @ z.T / temperature).masked_fill(diagonal, -torch.inf)
    return F.cross_entropy(logits, partners(n, "cpu"))


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
def input_normalized_in_place(z_i, z_j, temperature=0.5):
    """The caller's tensors are changed."""
    loss = simclr_loss(z_i, z_j, temperature)
    if z_i.is_contiguous() and not (z_i.is_meta or z_i.requires_grad):
        z_i.copy_(F.normalize(z_i))
    return loss


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
