"""Functions that readers write for ``swav_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


def _sinkhorn(scores, epsilon, iterations):
    with torch.no_grad():
        log_q = scores / epsilon
        for _ in range(iterations):
            log_q = F.log_softmax(log_q, dim=0)
            log_q = F.log_softmax(log_q, dim=1)
        return log_q.exp()


@right
def with_cross_entropy(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Gives the assignments as targets to cross_entropy."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    loss_1 = F.cross_entropy(scores_1 / temperature, q_2)
    loss_2 = F.cross_entropy(scores_2 / temperature, q_1)
    return (loss_1 + loss_2) / 2


@right
def as_the_formula(s_t, s_s, temp=0.1, eps=0.05, n_iter=3):
    """Follows the pseudocode of the paper and its names."""
    q_t = _sinkhorn(s_t, eps, n_iter)
    q_s = _sinkhorn(s_s, eps, n_iter)
    p_t = F.log_softmax(s_t / temp, dim=1)
    p_s = F.log_softmax(s_s / temp, dim=1)
    return -0.5 * torch.mean(torch.sum(q_t * p_s + q_s * p_t, dim=1))


@right
def one_batch_of_both_views(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Concatenates the predictions and the swapped assignments."""
    targets = [_sinkhorn(s, epsilon, iterations) for s in (scores_2, scores_1)]
    logits = torch.cat([scores_1, scores_2]) / temperature
    return F.cross_entropy(logits, torch.cat(targets))


@right
def stacked_views(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Stacks both views and flips the stack to swap them."""
    s = torch.stack([scores_1, scores_2])
    log_q = s.detach() / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(F.log_softmax(log_q, dim=1), dim=2)
    log_p = F.log_softmax(s / temperature, dim=2)
    total = torch.einsum("vnk,vnk->", log_q.exp().flip(0), log_p)
    return -total / (2 * s.shape[1])


@right
def kl_plus_entropy(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Adds the entropy of the assignments to the KL divergence."""

    def direction(scores, other):
        q = _sinkhorn(other, epsilon, iterations)
        log_p = F.log_softmax(scores / temperature, dim=1)
        divergence = F.kl_div(log_p, q, reduction="batchmean")
        return divergence + torch.special.entr(q).sum() / len(q)

    return 0.5 * direction(scores_1, scores_2) + 0.5 * direction(scores_2, scores_1)


@right
def image_by_image(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Loops over the images."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    loss = 0
    for i in range(len(scores_1)):
        loss = loss - q_2[i] @ torch.log_softmax(scores_1[i] / temperature, 0)
        loss = loss - q_1[i] @ torch.log_softmax(scores_2[i] / temperature, 0)
    return loss / (2 * len(scores_1))


@right
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


in_double(__name__)
by_position(__name__, "a b t e n")


@right
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


@torch.no_grad()
def _sinkhorn_wrong(scores, epsilon, iterations):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@wrong("only one of the two directions")
def one_direction_only(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_2 = _sinkhorn_wrong(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    return -(q_2 * log_p_1).sum(dim=1).mean()


@wrong("mean over all entries: K times too small")
def mean_over_everything(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = _sinkhorn_wrong(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_wrong(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return -0.5 * torch.mean(q_2 * log_p_1 + q_1 * log_p_2)


@wrong("wrong sign")
def forgets_the_minus(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = _sinkhorn_wrong(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_wrong(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return ((q_2 * log_p_1).sum(1).mean() + (q_1 * log_p_2).sum(1).mean()) / 2


@wrong("targets are a plain softmax, not balanced")
def softmax_for_the_targets(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = F.softmax(scores_1.detach() / epsilon, dim=1)
    q_2 = F.softmax(scores_2.detach() / epsilon, dim=1)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


@wrong("temperature and epsilon are swapped")
def swaps_the_temperatures(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = _sinkhorn_wrong(scores_1, temperature, iterations)
    q_2 = _sinkhorn_wrong(scores_2, temperature, iterations)
    a = F.cross_entropy(scores_1 / epsilon, q_2)
    b = F.cross_entropy(scores_2 / epsilon, q_1)
    return (a + b) / 2


@wrong("the temperature of the predictions is missing")
def forgets_the_temperature(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = _sinkhorn_wrong(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_wrong(scores_2, epsilon, iterations)
    return 0.5 * (F.cross_entropy(scores_1, q_2) + F.cross_entropy(scores_2, q_1))


@wrong("the predictions' softmax runs over the wrong axis")
def softmax_over_the_batch(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q_1 = _sinkhorn_wrong(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_wrong(scores_2, epsilon, iterations)
    log_p_1 = torch.log_softmax(scores_1 / temperature, dim=0)
    log_p_2 = torch.log_softmax(scores_2 / temperature, dim=0)
    return -0.5 * ((q_2 * log_p_1).sum(1) + (q_1 * log_p_2).sum(1)).mean()


@wrong("both views are balanced in one batch")
def both_views_balanced_together(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    q = _sinkhorn_wrong(torch.cat([scores_1, scores_2]), epsilon, iterations)
    q_1, q_2 = q.chunk(2)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


@wrong("squared error, no cross-entropy")
def squared_difference(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn_wrong(other, epsilon, iterations)
        p = F.softmax(s / temperature, dim=1)
        loss = loss + ((p - q) ** 2).sum(dim=1).mean()
    return loss / 2


@wrong("two: temperature used as epsilon too, and a sum")
def positions_mixed_up(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn_wrong(other, temperature, iterations)
        loss = loss + F.cross_entropy(s / temperature, q)
    return loss


@wrong("two: not swapped, and missing detach")
def same_view_with_gradient(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    loss = 0
    for s in (scores_1, scores_2):
        log_q = s / epsilon
        for _ in range(iterations):
            log_q = F.log_softmax(log_q, dim=0)
            log_q = F.log_softmax(log_q, dim=1)
        loss = loss - (log_q.exp() * F.log_softmax(s / temperature, 1)).sum(1).mean()
    return loss / 2


@torch.no_grad()
def _sinkhorn_rare(scores, epsilon, iterations):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


def _directions(scores_1, scores_2, temperature, epsilon, iterations):
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn_rare(other, epsilon, iterations)
        yield -(q * F.log_softmax(s / temperature, dim=1)).sum(dim=1)


@rare
def larger_direction(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Takes the larger of the two directions for each image."""
    a, b = _directions(scores_1, scores_2, temperature, epsilon, iterations)
    return torch.maximum(a, b).mean()


@rare
def second_view_one_iteration_less(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Balances the second view one time less, never less than once."""
    q_1 = _sinkhorn_rare(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_rare(scores_2, epsilon, max(iterations - 1, 1))
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


@rare
def average_of_both_codes(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Lets both views predict the mean of the two assignments."""
    q_1 = _sinkhorn_rare(scores_1, epsilon, iterations)
    q_2 = _sinkhorn_rare(scores_2, epsilon, iterations)
    q = (q_1 + q_2) / 2
    a = F.cross_entropy(scores_1 / temperature, q)
    b = F.cross_entropy(scores_2 / temperature, q)
    return (a + b) / 2


@rare
def first_image_dropped(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Starts the mean over the batch at row 1."""
    a, b = _directions(scores_1, scores_2, temperature, epsilon, iterations)
    return (a[1:].mean() + b[1:].mean()) / 2
