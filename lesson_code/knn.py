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
    guard,
)


# --8<-- [start:nearest_neighbors]
def nearest_neighbors(
    features: torch.Tensor, queries: torch.Tensor, k: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The k features most like each query, by the cosine.

    Args:
        features: floating point, shape ``(N, D)``.
        queries: floating point, shape ``(M, D)``.
        k: how many, from 1 to N.

    Returns:
        Their cosines, largest first, and their row numbers, both of shape ``(M, k)``.
    """
    dtype = torch.promote_types(torch.result_type(features, queries), torch.float32)
    bank = F.normalize(features.to(dtype))
    rows = max(1, 2**24 // len(bank))  # at most 64 MiB of similarities at a time
    parts = []
    for chunk in torch.split(queries, rows):
        parts.append((F.normalize(chunk.to(dtype)) @ bank.T).topk(k))
    similarity, nearest = zip(*parts, strict=True)
    return torch.cat(similarity), torch.cat(nearest)


# --8<-- [end:nearest_neighbors]


def _refuse(
    features: torch.Tensor,
    labels: torch.Tensor,
    queries: torch.Tensor,
    k: int,
    temperature: float,
) -> None:
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


@guard(_refuse)
# --8<-- [start:knn_predict]
@torch.no_grad()
def knn_predict(
    features: torch.Tensor,
    labels: torch.Tensor,
    queries: torch.Tensor,
    k: int = 20,
    temperature: float = 0.07,
) -> torch.Tensor:
    r"""A weighted vote of the nearest labeled images, as in DINO, section 3.2.

    This is the weighted k-NN of instance discrimination (section 3.4). With all rows
    scaled to length one and T the temperature, class c gets from the k most similar
    rows i of a query q

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
    similarity, nearest = nearest_neighbors(features, queries, k)
    weights = (similarity / temperature).softmax(dim=1)  # (M, k)
    classes, votes_for = torch.unique(labels, return_inverse=True)
    votes = weights.new_zeros(len(queries), len(classes))  # (M, C)
    votes.scatter_add_(1, votes_for[nearest], weights)
    return classes[votes.argmax(dim=1)]


# --8<-- [end:knn_predict]
