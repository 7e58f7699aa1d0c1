"""Correct functions for swav_loss in many styles."""

import torch
import torch.nn.functional as F


def _sinkhorn(scores, epsilon, iterations):
    with torch.no_grad():
        log_q = scores / epsilon
        for _ in range(iterations):
            log_q = F.log_softmax(log_q, dim=0)
            log_q = F.log_softmax(log_q, dim=1)
        return log_q.exp()


def with_cross_entropy(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Gives the assignments as targets to cross_entropy."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    loss_1 = F.cross_entropy(scores_1 / temperature, q_2)
    loss_2 = F.cross_entropy(scores_2 / temperature, q_1)
    return (loss_1 + loss_2) / 2


def as_the_formula(s_t, s_s, temp=0.1, eps=0.05, n_iter=3):
    """Follows the pseudocode of the paper and its names."""
    q_t = _sinkhorn(s_t, eps, n_iter)
    q_s = _sinkhorn(s_s, eps, n_iter)
    p_t = F.log_softmax(s_t / temp, dim=1)
    p_s = F.log_softmax(s_s / temp, dim=1)
    return -0.5 * torch.mean(torch.sum(q_t * p_s + q_s * p_t, dim=1))


def one_batch_of_both_views(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Concatenates the predictions and the swapped assignments."""
    targets = [_sinkhorn(s, epsilon, iterations) for s in (scores_2, scores_1)]
    logits = torch.cat([scores_1, scores_2]) / temperature
    return F.cross_entropy(logits, torch.cat(targets))


def stacked_views(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Stacks both views and flips the stack to swap them."""
    s = torch.stack([scores_1, scores_2])
    log_q = s.detach() / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(F.log_softmax(log_q, dim=1), dim=2)
    log_p = F.log_softmax(s / temperature, dim=2)
    total = torch.einsum("vnk,vnk->", log_q.exp().flip(0), log_p)
    return -total / (2 * s.shape[1])


def kl_plus_entropy(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Adds the entropy of the assignments to the KL divergence."""

    def direction(scores, other):
        q = _sinkhorn(other, epsilon, iterations)
        log_p = F.log_softmax(scores / temperature, dim=1)
        divergence = F.kl_div(log_p, q, reduction="batchmean")
        return divergence + torch.special.entr(q).sum() / len(q)

    return 0.5 * direction(scores_1, scores_2) + 0.5 * direction(scores_2, scores_1)


def image_by_image(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Loops over the images."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    loss = 0
    for i in range(len(scores_1)):
        loss = loss - q_2[i] @ torch.log_softmax(scores_1[i] / temperature, 0)
        loss = loss - q_1[i] @ torch.log_softmax(scores_2[i] / temperature, 0)
    return loss / (2 * len(scores_1))


def log_sum_exp_by_hand(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Writes every softmax out, with the maximum subtracted."""

    def log_scale(x, dim):
        x = x - x.detach().amax(dim=dim, keepdim=True)
        return x - x.exp().sum(dim=dim, keepdim=True).log()

    def assign(x):
        x = x.detach() / epsilon
        for _ in range(iterations):
            x = log_scale(log_scale(x, 0), 1)
        return x.exp()

    a = (assign(scores_2) * log_scale(scores_1 / temperature, 1)).sum(1)
    b = (assign(scores_1) * log_scale(scores_2 / temperature, 1)).sum(1)
    return -(a + b).mean() / 2


def double_inside(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Computes in float64 and returns the dtype that came in."""
    a, b = scores_1.double(), scores_2.double()
    loss = 0
    for s, other in [(a, b), (b, a)]:
        q = _sinkhorn(other, epsilon, iterations)
        loss = loss + F.cross_entropy(s / temperature, q)
    return (loss / 2).to(scores_1.dtype)


def positional_only(a, b, t=0.1, e=0.05, n=3, /):
    """Has positional-only arguments with short names."""
    q_a, q_b = _sinkhorn(a.detach(), e, n), _sinkhorn(b.detach(), e, n)
    a, b = torch.log_softmax(a / t, -1), torch.log_softmax(b / t, -1)
    return -((q_b * a).sum() + (q_a * b).sum()) / (2 * a.size(0))


def keyword_only(scores_1, scores_2, *, temperature=0.1, epsilon=0.05, iterations=3):
    """Takes all numbers by name only; two potentials in the assignment."""

    @torch.no_grad()
    def assign(scores):
        m = scores / epsilon
        f = m.new_zeros(len(m), 1)
        for _ in range(iterations):
            g = -(m + f).logsumexp(dim=0, keepdim=True)
            f = -(m + g).logsumexp(dim=1, keepdim=True)
        return (m + f + g).exp()

    terms = [
        F.cross_entropy(scores_1 / temperature, assign(scores_2)),
        F.cross_entropy(scores_2 / temperature, assign(scores_1)),
    ]
    return torch.stack(terms).mean()


def more_options(
    scores_1,
    scores_2,
    temperature=0.1,
    epsilon=0.05,
    iterations=3,
    weights=(0.5, 0.5),
    queue=None,
):
    """Has more optional arguments, whose defaults change nothing."""
    views = (scores_1, scores_2)
    loss = 0
    for v, weight in enumerate(weights):
        other = views[1 - v].detach()
        rows = other if queue is None else torch.cat([other, queue])
        q = _sinkhorn(rows, epsilon, iterations)[: len(other)]
        log_p = F.log_softmax(views[v] / temperature, dim=1)
        loss = loss - weight * (q * log_p).sum(dim=1).mean()
    return loss


class _Swapped(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def forward(self, scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
        args = epsilon, iterations
        there = self.predict(scores_1 / temperature, _sinkhorn(scores_2, *args))
        back = self.predict(scores_2 / temperature, _sinkhorn(scores_1, *args))
        return torch.lerp(there, back, 0.5)

    def predict(self, logits, q):
        centered = logits - logits.logsumexp(dim=1, keepdim=True)
        return -(q * centered).sum() / len(q)


callable_object = _Swapped()
