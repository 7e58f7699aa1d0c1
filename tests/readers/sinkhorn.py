"""Functions that readers write for ``sinkhorn``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


@right
@torch.no_grad()
def log_softmax_twice(scores, epsilon=0.05, iterations=3):
    """Scales columns and rows with log_softmax."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = torch.log_softmax(torch.log_softmax(log_q, 0), 1)
    return log_q.exp()


@right
def softmax_at_the_end(scores, epsilon=0.05, iterations=3):
    """Subtracts logsumexps and lets a softmax scale the rows last."""
    log_q = scores.detach() / epsilon
    for i in range(iterations):
        if i:
            log_q = log_q - log_q.logsumexp(dim=1, keepdim=True)
        log_q = log_q - log_q.logsumexp(dim=0, keepdim=True)
    return F.softmax(log_q, dim=1)


@right
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


@right
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


@right
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


in_double(__name__)
by_position(__name__, "s eps steps")


@right
def detached_at_the_end(scores, epsilon=0.05, iterations=3):
    """Detaches the result, not the argument."""
    log_q = scores.div(epsilon)
    count = iterations
    while count > 0:
        log_q = log_q.log_softmax(dim=0).log_softmax(dim=1)
        count -= 1
    return log_q.exp().detach()


@right
@torch.no_grad()
def keyword_only(scores, *, epsilon=0.05, iterations=3):
    """Takes epsilon and the iterations by name only, and calls itself."""

    def scaled(log_q, left):
        if left == 0:
            return log_q
        return scaled(F.log_softmax(F.log_softmax(log_q, dim=0), dim=1), left - 1)

    return scaled(scores / epsilon, iterations).exp()


with_options(__name__, tolerance=0.0, log=False)


@wrong("multiplies by epsilon, not divides")
@torch.no_grad()
def multiplies_by_epsilon(scores, epsilon=0.05, iterations=3):
    log_q = scores * epsilon
    for _ in range(iterations):
        log_q = log_q - log_q.logsumexp(dim=0, keepdim=True)
        log_q = log_q - log_q.logsumexp(dim=1, keepdim=True)
    return log_q.exp()


@wrong("epsilon is not used")
@torch.no_grad()
def forgets_epsilon(scores, epsilon=0.05, iterations=3):
    q = torch.exp(scores)
    for _ in range(iterations):
        q = q / (q.sum(dim=0, keepdim=True) + epsilon)
        q = q / (q.sum(dim=1, keepdim=True) + epsilon)
    return q


@wrong("overflows: exponential without logarithms")
@torch.no_grad()
def exponential_overflows(scores, epsilon=0.05, iterations=3):
    q = torch.exp(scores / epsilon)
    for _ in range(iterations):
        q = q / q.sum(dim=0, keepdim=True)
        q = q / q.sum(dim=1, keepdim=True)
    return q


@wrong("wrong shape: returns (K, N), not transposed back")
@torch.no_grad()
def official_axes_kept(scores, epsilon=0.05, iterations=3):
    log_q = (scores / epsilon).t()
    for _ in range(iterations):
        log_q = log_q - torch.logsumexp(log_q, dim=1, keepdim=True)
        log_q = log_q - torch.logsumexp(log_q, dim=0, keepdim=True)
    return log_q.exp()


@wrong("missing detach: gradient flows into the scores")
def keeps_the_gradient(scores, epsilon=0.05, iterations=3):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@wrong("only a softmax of the rows: nothing is balanced")
@torch.no_grad()
def softmax_only(scores, epsilon=0.05, iterations=3):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = torch.log_softmax(log_q, dim=1)
    return log_q.exp()


@wrong("only the columns are scaled")
@torch.no_grad()
def columns_only(scores, epsilon=0.05, iterations=3):
    q = F.softmax(scores / epsilon, dim=1)
    for _ in range(iterations):
        q = q / q.sum(dim=0, keepdim=True)
    return q


@wrong("the number of iterations is fixed to 3")
@torch.no_grad()
def ignores_iterations(scores, epsilon=0.05, iterations=3):
    log_q = scores / epsilon
    for _ in range(3):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@wrong("scales to length one, not to sum one")
@torch.no_grad()
def normalizes_to_length_one(scores, epsilon=0.05, iterations=3):
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(iterations):
        q = F.normalize(q, dim=0)
        q = F.normalize(q, dim=1)
    return q


@wrong("two: rows first, and one iteration less")
@torch.no_grad()
def shape_of_the_loop(scores, epsilon=0.05, iterations=3):
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(1, iterations):
        q /= q.sum(1, keepdim=True)
        q /= q.sum(0, keepdim=True)
    return q


@wrong("returns None")
@torch.no_grad()
def forgets_to_return(scores, epsilon=0.05, iterations=3):
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    print(log_q.exp().sum(dim=1))


@rare
@torch.no_grad()
def cools_down(scores, epsilon=0.05, iterations=3):
    """Divides epsilon by the number of the iteration."""
    log_q = scores / epsilon
    for i in range(1, iterations + 1):
        log_q = F.log_softmax(i * log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@rare
@torch.no_grad()
def mixes_with_the_start(scores, epsilon=0.05, iterations=3):
    """Averages the result with the plain softmax of the rows."""
    log_q = scores / epsilon
    start = log_q.softmax(dim=1)
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return (log_q.exp() + start) / 2


@rare
@torch.no_grad()
def last_prototype_left_alone(scores, epsilon=0.05, iterations=3):
    """Scales all columns but the last."""
    log_q = scores / epsilon
    for _ in range(iterations):
        scaled = F.log_softmax(log_q[:, :-1], dim=0)
        log_q = torch.cat([scaled, log_q[:, -1:]], dim=1)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@rare
@torch.no_grad()
def odd_power_of_epsilon(scores, epsilon=0.05, iterations=3):
    """Raises epsilon to the power 1.5."""
    log_q = scores / epsilon**1.5
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()
