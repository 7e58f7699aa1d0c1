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


def test_length_and_direction_of_all_change_nothing() -> None:
    queries, gallery = normal(30, 5, seed=1), normal(30, 5, seed=2)
    found = same_thing_found(queries, gallery)
    turned, _ = torch.linalg.qr(normal(5, 5, seed=3))
    assert torch.equal(same_thing_found(3 * queries @ turned, 0.1 * gallery @ turned), found)


def test_a_collapsed_network_finds_one_and_noise_about_one() -> None:
    assert same_thing_found(torch.ones(50, 4), torch.ones(50, 4)).sum() == 1
    counts = [
        same_thing_found(normal(50, 8, seed=s), normal(50, 8, seed=99 - s)) for s in range(40)
    ]
    assert 0.5 < torch.stack(counts).sum() / 40 < 1.6


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
