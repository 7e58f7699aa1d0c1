"""Functions that readers write for ``simclr_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def with_cross_entropy(z_i, z_j, temperature=0.5):
    """Masks the diagonal and lets cross_entropy do the rest."""
    n = z_i.shape[0]
    z = F.normalize(torch.cat([z_i, z_j], dim=0), dim=1)
    sim = torch.mm(z, z.t()) / temperature
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


@right
def two_loops(z_i, z_j, temperature=0.5):
    """Follows the equation with two loops over views."""
    n = len(z_i)
    z = [v / v.norm().clamp_min(1e-12) for v in torch.cat([z_i, z_j])]
    total = 0.0
    for a in range(2 * n):
        partner = a + n if a < n else a - n
        others = [torch.dot(z[a], z[b]) / temperature for b in range(2 * n) if b != a]
        positive = torch.dot(z[a], z[partner]) / temperature
        total = total + torch.logsumexp(torch.stack(others), dim=0) - positive
    return total / (2 * n)


@right
def log_sum_exp_by_hand(z_i, z_j, temperature=0.5):
    """Subtracts the largest logit of each row before the exponential."""
    z = torch.cat([z_i, z_j])
    z = z / z.norm(dim=1, keepdim=True).clamp(min=1e-12)
    m = len(z)
    s = z @ z.T / temperature
    not_me = ~torch.eye(m, dtype=torch.bool, device=s.device)
    s = s[not_me].view(m, m - 1)
    top = s.max(dim=1, keepdim=True).values.detach()
    lse = (s - top).exp().sum(dim=1).log() + top.squeeze(1)
    pos = F.cosine_similarity(z_i, z_j, dim=1) / temperature
    return lse.mean() - pos.mean()


@right
def with_cosine_similarity(x1, x2, tau=0.5):
    """Takes cosine_similarity of every pair of rows."""
    n, _ = x1.shape
    rows = torch.vstack((x1, x2))
    sim = F.cosine_similarity(rows.unsqueeze(1), rows.unsqueeze(0), dim=2) / tau
    sim = torch.where(torch.eye(2 * n) == 1, -torch.inf, sim)
    log_p = sim.log_softmax(dim=1)
    return -(log_p.diagonal(n).sum() + log_p.diagonal(-n).sum()) / (2 * n)


@right
def four_blocks(hidden1, hidden2, temperature=0.5):
    """Builds the four blocks of the official code and halves their sum."""
    a, b = F.normalize(hidden1, dim=1), F.normalize(hidden2, dim=1)
    n = len(a)
    own = torch.eye(n, device=a.device, dtype=torch.bool)
    aa = (a @ a.T / temperature).masked_fill(own, -1e9)
    bb = (b @ b.T / temperature).masked_fill(own, -1e9)
    ab = a @ b.T / temperature
    labels = torch.arange(n, device=a.device)
    loss_a = F.cross_entropy(torch.cat([ab, aa], 1), labels)
    loss_b = F.cross_entropy(torch.cat([ab.T, bb], 1), labels)
    return (loss_a + loss_b) / 2


@right
def interleaved_rows(z_i, z_j, temperature=0.5):
    """Interleaves the views as algorithm 1 does: rows 2k and 2k + 1 are a pair."""
    z = torch.stack([z_i, z_j], dim=1).flatten(0, 1)
    z = F.normalize(z, dim=1)
    s = torch.einsum("ad,bd->ab", z, z) / temperature
    s.fill_diagonal_(-torch.inf)
    return F.cross_entropy(s, torch.arange(len(z)) ^ 1)


@right
def second_view_first(z_i, z_j, temperature=0.5):
    """Concatenates in the other order, which is the same."""
    z = F.normalize(torch.cat([z_j, z_i]), p=2.0, dim=1)
    logits = z.matmul(z.transpose(0, 1)).div(temperature)
    diag = torch.diag_embed(torch.ones(len(z))).bool()
    logits = torch.where(diag, torch.tensor(-torch.inf, dtype=logits.dtype), logits)
    return F.nll_loss(logits.log_softmax(1), torch.arange(len(z)).roll(len(z_i)))


in_double(__name__)
by_position(__name__, "a b t")


@right
def keyword_only(z_i, z_j, *, temperature=0.5, reduction="mean"):
    """Takes the temperature by keyword only, and one option more."""
    n = z_i.size(0)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    logits.fill_diagonal_(torch.finfo(logits.dtype).min)
    labels = torch.arange(2 * n).add(n).remainder(2 * n)
    return F.cross_entropy(logits, labels, reduction=reduction)


@wrong("labels point at the view itself, not at its partner")
def positives_on_the_diagonal(z_i, z_j, temperature=0.5):
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    labels = torch.arange(len(z), device=z.device)
    return F.cross_entropy(logits, labels)


@wrong("the own similarity is set to 0, not to minus infinity")
def masks_with_zero(z_i, z_j, temperature=0.5):
    n = len(z_i)
    z = F.normalize(torch.cat((z_i, z_j)), dim=1)
    sim = z @ z.T / temperature
    sim = sim * (1 - torch.eye(2 * n, dtype=z.dtype))
    labels = torch.cat([torch.arange(n) + n, torch.arange(n)])
    return F.cross_entropy(sim, labels)


@wrong("CLIP's loss: negatives from the other view only")
def both_directions_across(z_i, z_j, temperature=0.5):
    a = F.normalize(z_i, dim=-1)
    b = F.normalize(z_j, dim=-1)
    logits = a @ b.T / temperature
    labels = torch.arange(len(a))
    return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2


@wrong("scaled over the batch (dim=0), not over each row")
def normalizes_the_columns(z_i, z_j, temperature=0.5):
    z = torch.cat([z_i, z_j], dim=0)
    z = z / z.norm(dim=0, keepdim=True)
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(len(z)).bool(), -1e9)
    target = torch.arange(len(z)).roll(len(z_i))
    return F.cross_entropy(sim, target)


@wrong("multiplies by the temperature, does not divide")
def multiplies_by_the_temperature(z_i, z_j, temperature=0.5):
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    n = len(z_i)
    sim = z @ z.T * temperature
    sim.fill_diagonal_(float("-inf"))
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


@wrong("off by one: the partner of row a is taken as a + 1")
def rolls_by_one(z_i, z_j, temperature=0.5):
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    labels = torch.roll(torch.arange(len(z)), -1)
    return F.cross_entropy(sim, labels)


@wrong("only the first N rows are averaged")
def first_half_only(z_i, z_j, temperature=0.5):
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    sim.fill_diagonal_(-torch.inf)
    return F.cross_entropy(sim[:n], torch.arange(n, 2 * n))


@wrong("temperature is missing in the numerator")
def temperature_below_only(z_i, z_j, temperature=0.5):
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    n = len(z_i)
    pos = F.cosine_similarity(z_i, z_j).repeat(2)
    sim = (z @ z.T / temperature).masked_fill(torch.eye(2 * n).bool(), -torch.inf)
    return (torch.logsumexp(sim, dim=1) - pos).mean()


@wrong("no gradient into z_j: the second view is detached")
def stops_the_second_view(z_i, z_j, temperature=0.5):
    z_i, z_j = F.normalize(z_i), F.normalize(z_j).detach()
    z = torch.cat([z_i, z_j])
    sim = z @ z.T / temperature
    sim = sim.masked_fill(torch.eye(len(z)).bool(), -torch.inf)
    return F.cross_entropy(sim, torch.arange(len(z)).roll(len(z_i)))


@wrong("two: one direction only, and not scaled")
def cross_view_without_norm(z_i, z_j, temperature=0.5):
    scores = torch.einsum("id,jd->ij", z_i, z_j) / temperature
    log_p = torch.log_softmax(scores, dim=1)
    return -torch.diagonal(log_p).mean()


@wrong("removes the partner, not the view itself, from the row")
def drops_wrong_column(z_i, z_j, temperature=0.5):
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    sim = z @ z.T / temperature
    losses = []
    for a in range(2 * n):
        p = (a + n) % (2 * n)
        keep = [b for b in range(2 * n) if b != p]
        losses.append(torch.logsumexp(sim[a, keep], dim=0) - sim[a, p])
    return torch.stack(losses).mean()


def _parts(z_i, z_j, temperature):
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    logits = logits.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    return logits, torch.arange(2 * n).roll(n)


@rare
def median_of_the_views(z_i, z_j, temperature=0.5):
    """Takes the median over the views, not the mean."""
    logits, labels = _parts(z_i, z_j, temperature)
    return F.cross_entropy(logits, labels, reduction="none").median()


@rare
def temperature_to_the_power_one_and_a_half(z_i, z_j, temperature=0.5):
    """Divides by the temperature to the power 1.5."""
    logits, labels = _parts(z_i, z_j, temperature**1.5)
    return F.cross_entropy(logits, labels)


@rare
def cubes_the_cosine(z_i, z_j, temperature=0.5):
    """Raises each cosine to its third power."""
    logits, labels = _parts(z_i, z_j, 1.0)
    return F.cross_entropy(logits**3 / temperature, labels)


@rare
def leaves_the_last_image_out(z_i, z_j, temperature=0.5):
    """Averages over all views but the last one."""
    logits, labels = _parts(z_i, z_j, temperature)
    return F.cross_entropy(logits[:-1], labels[:-1])
