"""Honest wrong attempts at swav_loss."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "predicts_its_own_view": "not swapped: each view predicts its own assignment",
    "sums_the_directions": "convention: sum of the two directions, as equation 1",
    "one_direction_only": "only one of the two directions",
    "keeps_the_gradient": "missing detach: gradient flows through the assignments",
    "mean_over_everything": "mean over all entries: K times too small",
    "sums_the_batch": "convention: sum over the batch",
    "forgets_the_minus": "wrong sign",
    "swaps_the_roles": "the logarithm is taken of the assignment, not the prediction",
    "softmax_for_the_targets": "targets are a plain softmax, not balanced",
    "swaps_the_temperatures": "temperature and epsilon are swapped",
    "forgets_the_temperature": "the temperature of the predictions is missing",
    "softmax_over_the_batch": "the predictions' softmax runs over the wrong axis",
    "both_views_balanced_together": "both views are balanced in one batch",
    "balances_probabilities": "sinkhorn gets probabilities, not scores",
    "rows_first": "inside sinkhorn rows are scaled before columns",
    "hard_codes": "hard assignments",
    "kl_instead": "convention: KL divergence, same gradient, less the entropy",
    "ignores_iterations": "iterations is not passed on to sinkhorn",
    "multiplies_by_the_temperature": "multiplies by the temperature, not divides",
    "softmax_twice": "softmax twice: cross_entropy gets probabilities",
    "squared_difference": "squared error, no cross-entropy",
    "normalizes_the_scores": "the scores are scaled to length one first",
    "positions_mixed_up": "two: temperature used as epsilon too, and a sum",
    "numpy_number": "no gradient: returns a Python number",
    "same_view_with_gradient": "two: not swapped, and missing detach",
}


@torch.no_grad()
def _sinkhorn(scores, epsilon, iterations):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


def predicts_its_own_view(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes each view's code belongs to that view."""
    loss = 0
    for scores in (scores_1, scores_2):
        q = _sinkhorn(scores, epsilon, iterations)
        log_p = F.log_softmax(scores / temperature, dim=1)
        loss = loss - (q * log_p).sum(dim=1).mean()
    return loss / 2


def sums_the_directions(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes in equation 1 as printed."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return -(q_2 * log_p_1).sum(1).mean() - (q_1 * log_p_2).sum(1).mean()


def one_direction_only(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the loss is symmetric, so one direction is enough."""
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    return -(q_2 * log_p_1).sum(dim=1).mean()


def keeps_the_gradient(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the assignments may learn too."""

    def codes(scores):
        log_q = scores / epsilon
        for _ in range(iterations):
            log_q = log_q - torch.logsumexp(log_q, dim=0, keepdim=True)
            log_q = log_q - torch.logsumexp(log_q, dim=1, keepdim=True)
        return log_q.exp()

    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    a = -(codes(scores_2) * log_p_1).sum(dim=1).mean()
    b = -(codes(scores_1) * log_p_2).sum(dim=1).mean()
    return (a + b) / 2


def mean_over_everything(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes mean() is the mean over the batch."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return -0.5 * torch.mean(q_2 * log_p_1 + q_1 * log_p_2)


def sums_the_batch(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the loss of a batch is a sum."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    loss = 0
    for i in range(len(scores_1)):
        loss -= torch.dot(q_2[i], F.log_softmax(scores_1[i] / temperature, dim=0))
        loss -= torch.dot(q_1[i], F.log_softmax(scores_2[i] / temperature, dim=0))
    return loss / 2


def forgets_the_minus(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes log_softmax is positive."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return ((q_2 * log_p_1).sum(1).mean() + (q_1 * log_p_2).sum(1).mean()) / 2


def swaps_the_roles(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the logarithm goes to the assignment."""
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, epsilon, iterations)
        p = F.softmax(s / temperature, dim=1)
        loss = loss - (p * torch.log(q + 1e-8)).sum(dim=1).mean()
    return loss / 2


def softmax_for_the_targets(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes a softmax with epsilon is the assignment."""
    q_1 = F.softmax(scores_1.detach() / epsilon, dim=1)
    q_2 = F.softmax(scores_2.detach() / epsilon, dim=1)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def swaps_the_temperatures(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes epsilon is the temperature of the prediction."""
    q_1 = _sinkhorn(scores_1, temperature, iterations)
    q_2 = _sinkhorn(scores_2, temperature, iterations)
    a = F.cross_entropy(scores_1 / epsilon, q_2)
    b = F.cross_entropy(scores_2 / epsilon, q_1)
    return (a + b) / 2


def forgets_the_temperature(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes cross_entropy of the raw scores is the prediction."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    return 0.5 * (F.cross_entropy(scores_1, q_2) + F.cross_entropy(scores_2, q_1))


def softmax_over_the_batch(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes dim=0 is the axis of the prototypes."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    log_p_1 = torch.log_softmax(scores_1 / temperature, dim=0)
    log_p_2 = torch.log_softmax(scores_2 / temperature, dim=0)
    return -0.5 * ((q_2 * log_p_1).sum(1) + (q_1 * log_p_2).sum(1)).mean()


def both_views_balanced_together(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes one larger batch is balanced better."""
    q = _sinkhorn(torch.cat([scores_1, scores_2]), epsilon, iterations)
    q_1, q_2 = q.chunk(2)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def balances_probabilities(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes sinkhorn starts from the predictions."""
    p_1 = F.softmax(scores_1 / temperature, dim=1)
    p_2 = F.softmax(scores_2 / temperature, dim=1)
    q_1 = _sinkhorn(p_1, epsilon, iterations)
    q_2 = _sinkhorn(p_2, epsilon, iterations)
    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    return -0.5 * ((q_2 * log_p_1).sum(1) + (q_1 * log_p_2).sum(1)).mean()


def rows_first(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes its sinkhorn may scale in any order."""

    @torch.no_grad()
    def balance(scores):
        q = torch.exp((scores - scores.max()) / epsilon)
        for _ in range(iterations):
            q /= q.sum(dim=1, keepdim=True)
            q /= q.sum(dim=0, keepdim=True)
        return q

    log_p_1 = F.log_softmax(scores_1 / temperature, dim=1)
    log_p_2 = F.log_softmax(scores_2 / temperature, dim=1)
    loss_12 = -(balance(scores_2) * log_p_1).sum(dim=1).mean()
    loss_21 = -(balance(scores_1) * log_p_2).sum(dim=1).mean()
    return (loss_12 + loss_21) / 2


def hard_codes(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes a code is the number of a prototype."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations).argmax(dim=1)
    q_2 = _sinkhorn(scores_2, epsilon, iterations).argmax(dim=1)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def kl_instead(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes two distributions are compared by the KL divergence."""
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, epsilon, iterations)
        log_p = F.log_softmax(s / temperature, dim=1)
        loss = loss + F.kl_div(log_p, q, reduction="batchmean") / 2
    return loss


def ignores_iterations(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes three iterations are part of the method."""
    q_1 = _sinkhorn(scores_1, epsilon, 3)
    q_2 = _sinkhorn(scores_2, epsilon, 3)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def multiplies_by_the_temperature(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the temperature is a factor."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    a = F.cross_entropy(scores_1 * temperature, q_2)
    b = F.cross_entropy(scores_2 * temperature, q_1)
    return (a + b) / 2


def softmax_twice(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes cross_entropy takes two distributions."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    p_1 = F.softmax(scores_1 / temperature, dim=1)
    p_2 = F.softmax(scores_2 / temperature, dim=1)
    return (F.cross_entropy(p_1, q_2) + F.cross_entropy(p_2, q_1)) / 2


def squared_difference(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes a prediction of codes is regression."""
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, epsilon, iterations)
        p = F.softmax(s / temperature, dim=1)
        loss = loss + ((p - q) ** 2).sum(dim=1).mean()
    return loss / 2


def normalizes_the_scores(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes the arguments are embeddings that want length one."""
    scores_1 = F.normalize(scores_1, dim=1)
    scores_2 = F.normalize(scores_2, dim=1)
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def positions_mixed_up(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes one temperature serves predictions and assignments, and adds up."""
    loss = 0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, temperature, iterations)
        loss = loss + F.cross_entropy(s / temperature, q)
    return loss


def numpy_number(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes a loss is returned as a number."""
    total = 0.0
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, epsilon, iterations)
        total += float(F.cross_entropy(s / temperature, q))
    return total / 2


def same_view_with_gradient(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Believes each view has its own differentiable code."""
    loss = 0
    for s in (scores_1, scores_2):
        log_q = s / epsilon
        for _ in range(iterations):
            log_q = F.log_softmax(log_q, dim=0)
            log_q = F.log_softmax(log_q, dim=1)
        loss = loss - (log_q.exp() * F.log_softmax(s / temperature, 1)).sum(1).mean()
    return loss / 2
