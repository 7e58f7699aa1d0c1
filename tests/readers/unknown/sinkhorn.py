"""Rare wrong functions for sinkhorn."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def cools_down(scores, epsilon=0.05, iterations=3):
    """Divides epsilon by the number of the iteration."""
    log_q = scores / epsilon
    for i in range(1, iterations + 1):
        log_q = F.log_softmax(i * log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def mixes_with_the_start(scores, epsilon=0.05, iterations=3):
    """Averages the result with the plain softmax of the rows."""
    log_q = scores / epsilon
    start = log_q.softmax(dim=1)
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return (log_q.exp() + start) / 2


@torch.no_grad()
def last_prototype_left_alone(scores, epsilon=0.05, iterations=3):
    """Scales all columns but the last."""
    log_q = scores / epsilon
    for _ in range(iterations):
        scaled = F.log_softmax(log_q[:, :-1], dim=0)
        log_q = torch.cat([scaled, log_q[:, -1:]], dim=1)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def odd_power_of_epsilon(scores, epsilon=0.05, iterations=3):
    """Raises epsilon to the power 1.5."""
    log_q = scores / epsilon**1.5
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()
