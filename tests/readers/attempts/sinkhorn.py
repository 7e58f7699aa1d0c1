"""Honest wrong attempts at sinkhorn."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "rows_before_columns": "rows are scaled before columns: rows do not sum to 1",
    "multiplies_by_epsilon": "multiplies by epsilon, not divides",
    "forgets_epsilon": "epsilon is not used",
    "exponential_overflows": "overflows: exponential without logarithms",
    "stabilizes_by_row": "subtracts the maximum of each row before the columns",
    "official_axes_kept": "wrong shape: returns (K, N), not transposed back",
    "official_axes_forgotten": "not transposed: rows and columns are exchanged",
    "keeps_the_gradient": "missing detach: gradient flows into the scores",
    "softmax_only": "only a softmax of the rows: nothing is balanced",
    "columns_only": "only the columns are scaled",
    "one_iteration_less": "off by one: one iteration less",
    "one_iteration_more": "off by one: one iteration more",
    "ignores_iterations": "the number of iterations is fixed to 3",
    "rows_sum_to_one_over_n": "convention: rows sum to 1 / N as in the paper",
    "columns_sum_to_one": "the last scaling is of the columns, as probabilities",
    "normalizes_to_length_one": "scales to length one, not to sum one",
    "both_sums_at_once": "row sums are taken before the columns are scaled",
    "sums_without_keepdim": "missing keepdim: rows are divided along the wrong axis",
    "hard_assignment": "rounds to hard assignments",
    "returns_logarithms": "returns logarithms, not assignments",
    "softmax_of_softmax": "softmax of probabilities, not of logarithms",
    "divides_in_place": "mutates its input: divides in place",
    "sign_of_a_cost": "wrong sign: takes the scores for costs",
    "shape_of_the_loop": "two: rows first, and one iteration less",
    "forgets_to_return": "returns None",
}


@torch.no_grad()
def rows_before_columns(scores, epsilon=0.05, iterations=3):
    """Believes the order of the two scalings does not matter."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=1)
        log_q = F.log_softmax(log_q, dim=0)
    q = log_q.exp()
    return q * q.shape[1] / q.shape[0]


@torch.no_grad()
def multiplies_by_epsilon(scores, epsilon=0.05, iterations=3):
    """Believes epsilon is a factor."""
    log_q = scores * epsilon
    for _ in range(iterations):
        log_q = log_q - log_q.logsumexp(dim=0, keepdim=True)
        log_q = log_q - log_q.logsumexp(dim=1, keepdim=True)
    return log_q.exp()


@torch.no_grad()
def forgets_epsilon(scores, epsilon=0.05, iterations=3):
    """Believes epsilon is the small number against division by zero."""
    q = torch.exp(scores)
    for _ in range(iterations):
        q = q / (q.sum(dim=0, keepdim=True) + epsilon)
        q = q / (q.sum(dim=1, keepdim=True) + epsilon)
    return q


@torch.no_grad()
def exponential_overflows(scores, epsilon=0.05, iterations=3):
    """Believes scores are cosines, so exp is safe."""
    q = torch.exp(scores / epsilon)
    for _ in range(iterations):
        q = q / q.sum(dim=0, keepdim=True)
        q = q / q.sum(dim=1, keepdim=True)
    return q


@torch.no_grad()
def stabilizes_by_row(scores, epsilon=0.05, iterations=3):
    """Believes any constant of a row can be subtracted, as for a softmax."""
    logits = scores / epsilon
    q = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    for _ in range(iterations):
        q = q / q.sum(dim=0, keepdim=True)
        q = q / q.sum(dim=1, keepdim=True)
    return q


@torch.no_grad()
def official_axes_kept(scores, epsilon=0.05, iterations=3):
    """Believes the assignments come out as (K, N), as they are inside."""
    log_q = (scores / epsilon).t()
    for _ in range(iterations):
        log_q = log_q - torch.logsumexp(log_q, dim=1, keepdim=True)
        log_q = log_q - torch.logsumexp(log_q, dim=0, keepdim=True)
    return log_q.exp()


@torch.no_grad()
def official_axes_forgotten(scores, epsilon=0.05, iterations=3):
    """Believes the scores are (K, N) as in the official code."""
    Q = torch.exp((scores - scores.max()) / epsilon)
    K, B = Q.shape
    Q /= Q.sum()
    for _ in range(iterations):
        Q /= torch.sum(Q, dim=1, keepdim=True)
        Q /= K
        Q /= torch.sum(Q, dim=0, keepdim=True)
        Q /= B
    Q *= B
    return Q


def keeps_the_gradient(scores, epsilon=0.05, iterations=3):
    """Believes the loss detaches where needed."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def softmax_only(scores, epsilon=0.05, iterations=3):
    """Believes repeating a softmax of the rows balances something."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = torch.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def columns_only(scores, epsilon=0.05, iterations=3):
    """Believes equal shares for the prototypes are all that is asked."""
    q = F.softmax(scores / epsilon, dim=1)
    for _ in range(iterations):
        q = q / q.sum(dim=0, keepdim=True)
    return q


@torch.no_grad()
def one_iteration_less(scores, epsilon=0.05, iterations=3):
    """Believes range(1, n) repeats n times."""
    log_q = F.log_softmax(scores / epsilon, dim=1)
    if iterations == 1:
        return log_q.exp()
    log_q = scores / epsilon
    for _ in range(1, iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def one_iteration_more(scores, epsilon=0.05, iterations=3):
    """Believes the first scaling does not count."""
    log_q = F.log_softmax(F.log_softmax(scores / epsilon, dim=0), dim=1)
    i = 0
    while i <= iterations - 1:
        log_q = F.log_softmax(F.log_softmax(log_q, dim=0), dim=1)
        i += 1
    return log_q.exp()


@torch.no_grad()
def ignores_iterations(scores, epsilon=0.05, iterations=3):
    """Believes three iterations are always enough."""
    log_q = scores / epsilon
    for _ in range(3):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def rows_sum_to_one_over_n(scores, epsilon=0.05, iterations=3):
    """Believes in the marginals of the paper: 1 / K and 1 / N."""
    log_q = scores / epsilon
    n, k = scores.shape
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0) - torch.log(torch.tensor(float(k)))
        log_q = F.log_softmax(log_q, dim=1) - torch.log(torch.tensor(float(n)))
    return log_q.exp()


@torch.no_grad()
def columns_sum_to_one(scores, epsilon=0.05, iterations=3):
    """Believes each prototype ends with a distribution over the batch."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = log_q.log_softmax(dim=1)
        log_q = log_q.log_softmax(dim=0)
    return log_q.exp()


@torch.no_grad()
def normalizes_to_length_one(scores, epsilon=0.05, iterations=3):
    """Believes F.normalize makes sums of one."""
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(iterations):
        q = F.normalize(q, dim=0)
        q = F.normalize(q, dim=1)
    return q


@torch.no_grad()
def both_sums_at_once(scores, epsilon=0.05, iterations=3):
    """Believes both sums can be taken before either division."""
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(iterations):
        columns = q.sum(dim=0, keepdim=True)
        rows = q.sum(dim=1, keepdim=True)
        q = q / columns / rows
    return q


@torch.no_grad()
def sums_without_keepdim(scores, epsilon=0.05, iterations=3):
    """Believes a sum broadcasts along the axis over which it was taken."""
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(iterations):
        q = q / q.sum(dim=0)
        q = q / q.sum(dim=1)
    return q


@torch.no_grad()
def hard_assignment(scores, epsilon=0.05, iterations=3):
    """Believes an assignment names one prototype."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return F.one_hot(log_q.argmax(dim=1), scores.shape[1]).to(scores.dtype)


@torch.no_grad()
def returns_logarithms(scores, epsilon=0.05, iterations=3):
    """Believes the last exponential is left to the caller."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q


@torch.no_grad()
def softmax_of_softmax(scores, epsilon=0.05, iterations=3):
    """Believes softmax scales sums to one, whatever it is given."""
    q = scores / epsilon
    for _ in range(iterations):
        q = torch.softmax(q, dim=0)
        q = torch.softmax(q, dim=1)
    return q


@torch.no_grad()
def divides_in_place(scores, epsilon=0.05, iterations=3):
    """Believes no_grad makes a copy."""
    log_q = scores
    log_q /= epsilon
    for _ in range(iterations):
        log_q -= log_q.logsumexp(dim=0, keepdim=True)
        log_q -= log_q.logsumexp(dim=1, keepdim=True)
    return log_q.exp()


@torch.no_grad()
def sign_of_a_cost(scores, epsilon=0.05, iterations=3):
    """Believes optimal transport starts from exp(-cost / epsilon)."""
    log_q = -scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    return log_q.exp()


@torch.no_grad()
def shape_of_the_loop(scores, epsilon=0.05, iterations=3):
    """Believes rows come first, and that the loop runs from 1."""
    q = torch.exp((scores - scores.max()) / epsilon)
    for _ in range(1, iterations):
        q /= q.sum(1, keepdim=True)
        q /= q.sum(0, keepdim=True)
    return q


@torch.no_grad()
def forgets_to_return(scores, epsilon=0.05, iterations=3):
    """Believes the loop changes the scores of the caller."""
    log_q = scores / epsilon
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)
        log_q = F.log_softmax(log_q, dim=1)
    print(log_q.exp().sum(dim=1))
