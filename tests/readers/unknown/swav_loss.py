"""Rare wrong functions for swav_loss."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def _sinkhorn(scores, epsilon, iterations):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


def _directions(scores_1, scores_2, temperature, epsilon, iterations):
    for s, other in ((scores_1, scores_2), (scores_2, scores_1)):
        q = _sinkhorn(other, epsilon, iterations)
        yield -(q * F.log_softmax(s / temperature, dim=1)).sum(dim=1)


def larger_direction(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Takes the larger of the two directions for each image."""
    a, b = _directions(scores_1, scores_2, temperature, epsilon, iterations)
    return torch.maximum(a, b).mean()


def second_view_one_iteration_less(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Balances the second view one time less, never less than once."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, max(iterations - 1, 1))
    a = F.cross_entropy(scores_1 / temperature, q_2)
    b = F.cross_entropy(scores_2 / temperature, q_1)
    return (a + b) / 2


def average_of_both_codes(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Lets both views predict the mean of the two assignments."""
    q_1 = _sinkhorn(scores_1, epsilon, iterations)
    q_2 = _sinkhorn(scores_2, epsilon, iterations)
    q = (q_1 + q_2) / 2
    a = F.cross_entropy(scores_1 / temperature, q)
    b = F.cross_entropy(scores_2 / temperature, q)
    return (a + b) / 2


def first_image_dropped(scores_1, scores_2, temperature=0.1, epsilon=0.05, iterations=3):
    """Starts the mean over the batch at row 1."""
    a, b = _directions(scores_1, scores_2, temperature, epsilon, iterations)
    return (a[1:].mean() + b[1:].mean()) / 2
