"""Correct functions for simclr_loss in many styles."""

import torch
import torch.nn.functional as F


def with_cross_entropy(z_i, z_j, temperature=0.5):
    """Masks the diagonal and lets cross_entropy do the rest."""
    n = z_i.shape[0]
    z = F.normalize(torch.cat([z_i, z_j], dim=0), dim=1)
    sim = torch.mm(z, z.t()) / temperature
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(sim, labels)


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


def with_cosine_similarity(x1, x2, tau=0.5):
    """Takes cosine_similarity of every pair of rows."""
    n, _ = x1.shape
    rows = torch.vstack((x1, x2))
    sim = F.cosine_similarity(rows.unsqueeze(1), rows.unsqueeze(0), dim=2) / tau
    sim = torch.where(torch.eye(2 * n) == 1, -torch.inf, sim)
    log_p = sim.log_softmax(dim=1)
    return -(log_p.diagonal(n).sum() + log_p.diagonal(-n).sum()) / (2 * n)


def positives_first(z_a, z_b, T=0.5):
    """Puts the positive into column 0 and the negatives behind it."""
    n = len(z_a)
    z = F.normalize(torch.cat([z_a, z_b]), dim=-1)
    sim = z @ z.T
    idx = torch.arange(2 * n)
    partner = (idx + n) % (2 * n)
    positive = sim[idx, partner].unsqueeze(1)
    is_negative = torch.ones_like(sim, dtype=torch.bool)
    is_negative[idx, idx] = False
    is_negative[idx, partner] = False
    negatives = sim[is_negative].reshape(2 * n, -1)
    logits = torch.cat([positive, negatives], dim=1) / T
    return F.cross_entropy(logits, torch.zeros(2 * n, dtype=torch.long))


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


def interleaved_rows(z_i, z_j, temperature=0.5):
    """Interleaves the views as algorithm 1 does: rows 2k and 2k + 1 are a pair."""
    z = torch.stack([z_i, z_j], dim=1).flatten(0, 1)
    z = F.normalize(z, dim=1)
    s = torch.einsum("ad,bd->ab", z, z) / temperature
    s.fill_diagonal_(-torch.inf)
    return F.cross_entropy(s, torch.arange(len(z)) ^ 1)


def second_view_first(z_i, z_j, temperature=0.5):
    """Concatenates in the other order, which is the same."""
    z = F.normalize(torch.cat([z_j, z_i]), p=2.0, dim=1)
    logits = z.matmul(z.transpose(0, 1)).div(temperature)
    diag = torch.diag_embed(torch.ones(len(z))).bool()
    logits = torch.where(diag, torch.tensor(-torch.inf, dtype=logits.dtype), logits)
    return F.nll_loss(logits.log_softmax(1), torch.arange(len(z)).roll(len(z_i)))


def double_inside(z_i, z_j, temperature=0.5):
    """Computes in float64 and returns the dtype it was given."""
    z = F.normalize(torch.cat([z_i, z_j]).double(), dim=1)
    n = len(z_i)
    logits = z @ z.T / temperature
    logits = logits - torch.diag(torch.full((2 * n,), 1e12, dtype=torch.double))
    loss = torch.logsumexp(logits, dim=1) - torch.diagonal(torch.roll(logits, n, dims=1))
    return loss.mean().to(z_i.dtype)


def keyword_only(z_i, z_j, *, temperature=0.5, reduction="mean"):
    """Takes the temperature by keyword only, and one option more."""
    n = z_i.size(0)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    logits = z @ z.T / temperature
    logits.fill_diagonal_(torch.finfo(logits.dtype).min)
    labels = torch.arange(2 * n).add(n).remainder(2 * n)
    return F.cross_entropy(logits, labels, reduction=reduction)


def positional_only(a, b, t=0.5, /):
    """Takes its arguments by position only."""
    n = len(a)
    z = F.normalize(torch.cat([a, b]), dim=1)
    logits = z @ z.mT / t
    logits.diagonal().fill_(-torch.inf)
    partner = torch.eye(2 * n, dtype=torch.bool).roll(n, dims=1)
    return -logits.log_softmax(dim=1)[partner].mean()


def with_a_helper(z_1, z_2, temp=0.5, eps=1e-12):
    """Asks a nested function for one direction at a time."""

    def unit(x):
        return x / x.pow(2).sum(dim=1, keepdim=True).sqrt().clamp_min(eps)

    a, b = unit(z_1), unit(z_2)

    def direction(anchor, other):
        inner = anchor @ anchor.T / temp
        inner = inner.masked_fill(torch.eye(len(anchor), dtype=torch.bool), -torch.inf)
        cross = anchor @ other.T / temp
        below = torch.logaddexp(inner.logsumexp(1), cross.logsumexp(1))
        return (below - cross.diagonal()).mean()

    return 0.5 * (direction(a, b) + direction(b, a))


def softplus_of_the_gaps(z_i, z_j, temperature=0.5):
    """Writes the loss of a row as log(1 + sum of exp(negative - positive))."""
    n = len(z_i)
    z = F.normalize(torch.cat([z_i, z_j]), dim=1)
    s = z @ z.T / temperature
    rows = torch.arange(2 * n)
    partner = rows.roll(n)
    gaps = s - s[rows, partner][:, None]
    drop = torch.zeros_like(s, dtype=torch.bool)
    drop[rows, rows] = True
    drop[rows, partner] = True
    gaps = gaps.masked_fill(drop, -torch.inf)
    # logsumexp over nothing but the negatives, then log(1 + exp(.)).
    return F.softplus(gaps.logsumexp(dim=1)).mean()


class _NTXent(torch.nn.Module):
    """A module without parameters whose forward takes the temperature."""

    def __init__(self):
        super().__init__()
        self.criterion = torch.nn.CrossEntropyLoss(reduction="sum")

    def forward(self, z_i, z_j, temperature=0.5):
        z = torch.nn.functional.normalize(torch.cat((z_i, z_j), 0), dim=1)
        total = len(z)
        keep = ~torch.eye(total, dtype=torch.bool)
        logits = (z @ z.T)[keep].view(total, total - 1) / temperature
        n = total // 2
        # Without its own column each partner behind the diagonal moves one to the left.
        labels = torch.cat([torch.arange(n) + n - 1, torch.arange(n)])
        return self.criterion(logits, labels) / total


callable_object = _NTXent()
