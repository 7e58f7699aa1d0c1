"""SwAV: predict the cluster of one view from another; the clusters share the batch."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import Tensor

# --8<-- [end:imports]

from lesson_code.guards import check_counts, check_matrices, check_positive, guard


def _refuse_scores(scores: Tensor, epsilon: float, iterations: int) -> None:
    check_matrices(scores=scores)
    check_positive(epsilon=epsilon)
    check_counts(iterations=iterations)


@guard(_refuse_scores)
# --8<-- [start:sinkhorn]
def sinkhorn(scores: Tensor, epsilon: float = 0.05, iterations: int = 3) -> Tensor:
    """Equations 3 to 5 of SwAV: assign rows so that prototypes get equal shares.

    Sinkhorn-Knopp: scale the columns of exp(scores / epsilon)
    to equal sums, then the rows, and again. Computed with logarithms, where scaling is
    subtraction: the exponential itself overflows in float32 where scores / epsilon
    exceeds 88.7, and in float16 where it exceeds 11.

    Args:
        scores: similarities of N embeddings with K prototypes, shape ``(N, K)``; no
            gradient flows into them.
        epsilon: above 0; the smaller, the closer each row to a single prototype.
        iterations: how often columns and rows are scaled, at least once.

    Returns:
        Assignments without gradient, ``(N, K)``, in float32 or float64. Rows are scaled
        last, so each sums to 1; the columns reach N / K only in the limit of many
        iterations. All are NaN if a score is NaN or positive infinity.

    Raises:
        ValueError: if an argument has the wrong shape, type or range.

    Deviations:
        Rows sum to 1, as in the official code; in the paper to 1 / N.
    """
    dtype = torch.promote_types(scores.dtype, torch.float32)
    log_q = scores.detach().to(dtype) / epsilon  # (N, K)
    for _ in range(iterations):
        log_q = F.log_softmax(log_q, dim=0)  # each prototype has one share of the batch
        log_q = F.log_softmax(log_q, dim=1)  # each row is a distribution
    return log_q.exp()


# --8<-- [end:sinkhorn]


def _refuse_pair(scores_1: Tensor, scores_2: Tensor, temperature: float) -> None:
    check_matrices(scores_1=scores_1, scores_2=scores_2)
    check_positive(temperature=temperature)


@guard(_refuse_pair)
# --8<-- [start:swav_loss]
def swav_loss(
    scores_1: Tensor,
    scores_2: Tensor,
    temperature: float = 0.1,
    epsilon: float = 0.05,
    iterations: int = 3,
) -> Tensor:
    """Equations 1 and 2 of SwAV: each view predicts the other's balanced assignment.

    The swapped prediction, with q = sinkhorn(scores) and p = softmax(scores / T):

        L = -sum_k q_2[k] log p_1[k] / 2 - sum_k q_1[k] log p_2[k] / 2

    Args:
        scores_1: cosines of the first views with K prototypes, shape ``(N, K)``: unit
            embeddings times unit prototypes.
        scores_2: those of the second views, row by row of the same images, ``(N, K)``.
        temperature: T of the predictions, above 0.
        epsilon: of the assignments, above 0; see ``sinkhorn``.
        iterations: of the assignments, at least 1.

    Returns:
        The mean over the batch, a scalar, ln K if all prototypes are alike; NaN if a
        score is NaN. Half precision is computed and returned in float32.

    Raises:
        ValueError: if an argument has the wrong shape, type, device or range.

    Deviations:
        Equation 1 is the sum of the two directions; like the official code this is
        their mean. The queue and the smaller crops of the paper are left to the caller.
    """
    directions = []
    for scores, other in ((scores_1, scores_2), (scores_2, scores_1)):
        targets = sinkhorn(other, epsilon, iterations)  # (N, K), no gradient
        log_p = F.log_softmax(scores.to(targets.dtype) / temperature, dim=1)  # (N, K)
        directions.append(-(targets * log_p).sum(dim=1).mean())
    return torch.stack(directions).mean()


# --8<-- [end:swav_loss]
