"""k-NN evaluation: let the nearest labeled images vote, and train nothing."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import (
    check_counts,
    check_finite,
    check_labels,
    check_matrices,
    check_positive,
)


# --8<-- [start:knn_predict]
@torch.no_grad()
def knn_predict(
    features: torch.Tensor,
    labels: torch.Tensor,
    queries: torch.Tensor,
    k: int = 20,
    temperature: float = 0.07,
) -> torch.Tensor:
    r"""Label each query by a weighted vote of the labeled images most like it.

    This is the weighted k-NN of instance discrimination (section 3.4) with the settings
    of DINO (section 3.2). With all rows scaled to length one and T the temperature,
    class c gets from the k most similar rows i of a query q

    .. math:: \sum_{i:\, y_i = c} \exp(x_i^\top q / T)

    Args:
        features: features x of the labeled images, shape ``(N, D)``. They need not have
            length one; a row of zeros counts as orthogonal to all others.
        labels: their classes y, integers from 0, shape ``(N,)``.
        queries: features of the images to label, ``(M, D)``, from the same network.
        k: how many neighbors vote, from 1 to N.
        temperature: T, above 0. The lower it is, the more the nearest ones count.

    Returns:
        The class of most votes for each query, shape ``(M,)``; of equal classes the
        lower number. Half precision is computed in float32.

    Raises:
        ValueError: if shapes, types, devices, labels, ``k`` or the temperature are not
            as above, or a number is not finite.

    Deviations:
        Votes are divided by their sum, which changes no winner and cannot overflow.
        Which of equally similar rows is the k-th is the choice of ``torch.topk``.
    """
    n = _check_vote(features, labels, queries, k, temperature)
    dtype = torch.promote_types(features.dtype, queries.dtype)
    dtype = torch.promote_types(dtype, torch.float32)
    bank = F.normalize(features.to(dtype))
    classes, votes_for = torch.unique(labels, return_inverse=True)
    winners = []
    rows = max(1, 2**24 // n)  # at most 64 MiB of similarities at a time
    for chunk in torch.split(queries, rows):
        similarity, nearest = (F.normalize(chunk.to(dtype)) @ bank.T).topk(k)
        weights = (similarity / temperature).softmax(dim=1)  # (m, k)
        votes = weights.new_zeros(len(chunk), len(classes))  # (m, C)
        votes.scatter_add_(1, votes_for[nearest], weights)
        winners.append(classes[votes.argmax(dim=1)])
    return torch.cat(winners)


def _check_vote(
    features: torch.Tensor,
    labels: torch.Tensor,
    queries: torch.Tensor,
    k: int,
    temperature: float,
) -> int:
    """Require what ``knn_predict`` says of its arguments; return N."""
    check_matrices(features=features)
    check_matrices(queries=queries)
    n, d = features.shape
    if queries.shape[1] != d:
        raise ValueError(f"queries must have {d} columns, got {queries.shape[1]}")
    for name, tensor in {"queries": queries, "labels": labels}.items():
        if isinstance(tensor, torch.Tensor) and tensor.device != features.device:
            raise ValueError(
                f"{name} must be on {features.device}, got {tensor.device}"
            )
    check_labels(labels, rows=n, classes=torch.iinfo(torch.long).max)
    check_finite(features=features, queries=queries)
    check_positive(temperature=temperature)
    check_counts(k=k)
    if k > n:
        raise ValueError(f"k must be at most the number of features, {n}, got {k}")
    return n


# --8<-- [end:knn_predict]
