"""The same thing again: by hand, by chance."""

import math

import pytest
import torch
from helpers import normal

from lesson_code.lab.retrieval import same_thing_found


def test_found_by_hand() -> None:
    gallery = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    queries = torch.tensor([[5.0, 1.0], [2.0, 1.9], [1.0, 1.0]])
    # The second query points at the third thing.
    assert same_thing_found(queries, gallery).tolist() == [True, False, True]


def test_found_as_a_slow_loop_finds() -> None:
    queries, gallery = normal(40, 6, seed=1), normal(40, 6, seed=2)
    gallery[::2] = queries[::2] + 0.5 * gallery[::2]
    slow = []
    for row, query in enumerate(queries):
        cosines = [float(query @ one / query.norm() / one.norm()) for one in gallery]
        slow.append(cosines.index(max(cosines)) == row)
    assert same_thing_found(queries, gallery).tolist() == slow
    assert 10 < sum(slow) < 40


@pytest.mark.parametrize(
    ("queries", "gallery"),
    [
        (torch.ones(3, 2), torch.ones(4, 2)),
        (torch.ones(3, 2), torch.ones(3, 1)),
        (torch.ones(3), torch.ones(3)),
        (torch.ones(3, 2), torch.full((3, 2), math.inf)),
    ],
)
def test_what_a_search_refuses(queries, gallery) -> None:
    with pytest.raises(ValueError, match=r"queries|gallery"):
        same_thing_found(queries, gallery)
