"""Correct functions for sinkhorn in many styles."""

import torch
import torch.nn.functional as F


@torch.no_grad()
def log_softmax_twice(scores, epsilon=0.05, iterations=3):
    """Scales columns and rows with log_softmax."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = torch.log_softmax(torch.log_softmax(log_q, 0), 1)
    return log_q.exp()


def softmax_at_the_end(scores, epsilon=0.05, iterations=3):
    """Subtracts logsumexps and lets a softmax scale the rows last."""
    log_q = scores.detach() / epsilon
    for i in range(iterations):
        if i:
            log_q = log_q - log_q.logsumexp(dim=1, keepdim=True)
        log_q = log_q - log_q.logsumexp(dim=0, keepdim=True)
    return F.softmax(log_q, dim=1)


@torch.no_grad()
def two_potentials(scores, epsilon=0.05, iterations=3):
    """Keeps one number a row and one a column, as in optimal transport."""
    m = scores / epsilon
    f = torch.zeros(len(m), 1, dtype=m.dtype)
    g = torch.zeros(1, m.shape[1], dtype=m.dtype)
    for _ in range(iterations):
        g = -torch.logsumexp(m + f, dim=0, keepdim=True)
        f = -torch.logsumexp(m + g, dim=1, keepdim=True)
    return torch.exp(m + f + g)


@torch.no_grad()
def official_with_logarithms(scores, epsilon=0.05, iterations=3):
    """Transposes as the official code does, with its factors K and B."""
    Q = (scores / epsilon).t()
    K, B = Q.shape
    log_k, log_b = torch.tensor([float(K), float(B)], dtype=Q.dtype).log()
    Q = Q - Q.flatten().logsumexp(dim=0)
    for _ in range(iterations):
        Q = Q - torch.logsumexp(Q, dim=1, keepdim=True) - log_k
        Q = Q - torch.logsumexp(Q, dim=0, keepdim=True) - log_b
    return (Q + log_b).exp().t()


@torch.no_grad()
def column_by_column(scores, epsilon=0.05, iterations=3):
    """Loops over columns and rows of a clone."""
    log_q = scores.clone() / epsilon
    n, k = log_q.shape
    for _ in range(iterations):
        for j in range(k):
            log_q[:, j] -= torch.logsumexp(log_q[:, j], 0)
        for i in range(n):
            log_q[i] -= torch.logsumexp(log_q[i], 0)
    return torch.exp(log_q)


@torch.no_grad()
def log_sum_exp_by_hand(scores, epsilon=0.05, iterations=3):
    """Subtracts the maximum itself before it takes exponentials."""

    def scale(x, dim):
        x = x - x.amax(dim=dim, keepdim=True)
        return x - x.exp().sum(dim=dim, keepdim=True).log()

    x = scores / epsilon
    for _ in range(iterations):
        x = scale(scale(x, 0), 1)
    return x.exp()


def double_inside(scores, epsilon=0.05, iterations=3):
    """Computes in float64 and returns the dtype that came in."""
    log_q = scores.detach().double() / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp().to(scores.dtype)


def detached_at_the_end(scores, epsilon=0.05, iterations=3):
    """Detaches the result, not the argument."""
    log_q = scores.div(epsilon)
    count = iterations
    while count > 0:
        log_q = log_q.log_softmax(dim=0).log_softmax(dim=1)
        count -= 1
    return log_q.exp().detach()


@torch.no_grad()
def positional_only(s, eps=0.05, steps=3, /):
    """Has positional-only arguments with short names."""
    x = s / eps
    for step in range(2 * steps):
        x = torch.log_softmax(x, dim=step % 2)
    return x.exp()


@torch.no_grad()
def keyword_only(scores, *, epsilon=0.05, iterations=3):
    """Takes epsilon and the iterations by name only, and calls itself."""

    def scaled(log_q, left):
        if left == 0:
            return log_q
        return scaled(F.log_softmax(F.log_softmax(log_q, dim=0), dim=1), left - 1)

    return scaled(scores / epsilon, iterations).exp()


@torch.no_grad()
def more_options(scores, epsilon=0.05, iterations=3, tolerance=0.0, log=False):
    """Has more optional arguments, whose defaults change nothing."""
    log_q = scores / epsilon
    for _ in range(iterations):
        before = log_q
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
        if (log_q - before).abs().max() < tolerance:
            break
    return log_q if log else log_q.exp()


class _Balancer(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    @torch.no_grad()
    def forward(self, scores, epsilon=0.05, iterations=3):
        log_q = scores.T.contiguous() / epsilon
        for _ in range(iterations):
            log_q = torch.nn.functional.log_softmax(log_q, dim=1)
            log_q = torch.nn.functional.log_softmax(log_q, dim=0)
        return log_q.exp().T


callable_object = _Balancer()
