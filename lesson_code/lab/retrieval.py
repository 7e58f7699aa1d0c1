"""Does a representation find the same thing again?"""

# --8<-- [start:imports]
import torch

from lesson_code.knn import nearest_neighbors

# --8<-- [end:imports]

from lesson_code.guards import check_finite, check_matrices, guard


def _refuse_gallery(queries: torch.Tensor, gallery: torch.Tensor) -> None:
    check_matrices(queries=queries, gallery=gallery)
    check_finite(queries=queries, gallery=gallery)


@guard(_refuse_gallery)
# --8<-- [start:same_thing_found]
def same_thing_found(queries: torch.Tensor, gallery: torch.Tensor) -> torch.Tensor:
    """For each query, whether the most similar row of the gallery is the same thing.

    Similar is the cosine. Whoever guesses finds one in N, and so does a network that
    maps all pictures to one point.

    Args:
        queries: features of N things, shape ``(N, D)``.
        gallery: features of other pictures of the same things, row by row, ``(N, D)``.

    Returns:
        True where the thing was found, shape ``(N,)``.

    Raises:
        ValueError: if the features are no matrices of one shape, or not finite.
    """
    _, nearest = nearest_neighbors(gallery, queries, k=1)
    return nearest[:, 0] == torch.arange(len(queries), device=queries.device)


# --8<-- [end:same_thing_found]
