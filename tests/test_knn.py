"""The weighted k-NN vote against a loop, by hand, invariances, ties, extremes, and scikit-learn."""

import math

import pytest
import torch
from helpers import HALVES, Sizes, normal, rotation, unit_rows
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import knn_predict


def loop(features, labels, queries, k, temperature) -> list[int]:
    """Spell the protocol out, one number at a time."""

    def unit(row: list[float]) -> list[float]:
        length = math.sqrt(math.fsum(x * x for x in row))
        return [x / length for x in row]

    bank = [unit(row) for row in features.tolist()]
    answers = []
    for query in map(unit, queries.tolist()):
        cosines = [math.fsum(x * y for x, y in zip(row, query)) for row in bank]
        nearest = sorted(range(len(bank)), key=lambda i: -cosines[i])[:k]
        votes: dict[int, float] = {}
        for i in nearest:
            label = int(labels[i])
            votes[label] = votes.get(label, 0.0) + math.exp((cosines[i] - 1) / temperature)
        answers.append(min(votes, key=lambda label: (-votes[label], label)))
    return answers


def drawn(n: int = 40, m: int = 25, d: int = 5, classes: int = 4, seed: int = 0):
    """Random features, labels and queries: every class is everywhere, so that votes are close."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(classes, (n,), generator=generator)
    return normal(n, d, seed=seed), labels, normal(m, d, seed=seed + 1000)


def angles(*degrees: float) -> torch.Tensor:
    """Points of the unit circle."""
    radians = torch.tensor(degrees, dtype=torch.float64) * math.pi / 180
    return torch.stack([radians.cos(), radians.sin()], dim=1)


# --- values ---------------------------------------------------------------------------------


def test_by_hand() -> None:
    """Against one neighbor at 0 degrees, two at 30: exp(1/T) against 2 exp(0.866/T).

    Two win if (1 - 0.866)/T < ln 2, that is above T = 0.193.
    """
    features, labels = angles(0, 30, -30, 180), torch.tensor([7, 2, 2, 7])
    query = angles(0)
    turn = (1 - math.cos(math.pi / 6)) / math.log(2)
    assert knn_predict(features, labels, query, 3, turn * 1.01).item() == 2
    assert knn_predict(features, labels, query, 3, turn * 0.99).item() == 7
    assert knn_predict(features, labels, query, 1, turn * 1.01).item() == 7


@given(
    n=st.integers(1, 20),
    d=st.integers(2, 6),
    classes=st.integers(1, 5),
    temperature=st.floats(0.02, 5),
    seed=st.integers(0, 10**6),
    data=st.data(),
)
def test_equals_the_loop(n, d, classes, temperature, seed, data) -> None:
    k = data.draw(st.integers(1, n))
    features, labels, queries = drawn(n, 7, d, classes, seed)
    answer = knn_predict(features, labels, queries, k, temperature)
    assert answer.dtype == torch.int64
    assert answer.tolist() == loop(features, labels, queries, k, temperature)


def test_defaults_are_those_of_dino() -> None:
    """In a narrow cone, where the last of the neighbors still count and so k and T matter."""
    features, labels, queries = drawn(100, 400, 8, 5)
    features, queries = features + 1.5, queries + 1.5
    answer = knn_predict(features, labels, queries)
    assert answer.tolist() == loop(features, labels, queries, 20, 0.07)
    for k, temperature in [(20, 0.1), (20, 0.05), (10, 0.07), (25, 0.07)]:
        assert answer.tolist() != loop(features, labels, queries, k, temperature)


def test_labels_may_have_gaps() -> None:
    """Classes 3 and ten million: nothing is as long as the largest number."""
    features, labels, queries = drawn(classes=2)
    renamed = torch.tensor([3, 10_000_000])[labels]
    expected = torch.tensor([3, 10_000_000])[knn_predict(features, labels, queries)]
    assert torch.equal(knn_predict(features, renamed, queries), expected)


# --- ties -----------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", [[5, 3], [3, 5]])
def test_equal_votes_go_to_the_lower_class(labels: list[int]) -> None:
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    query = torch.tensor([[1.0, 1.0]])
    assert knn_predict(features, torch.tensor(labels), query, k=2).item() == 3


@pytest.mark.parametrize("temperature", [0.07, 0.3])
def test_equal_votes_of_many(temperature: float) -> None:
    """Six pairs of twins, one of each class, stand around: however they are ordered."""
    around = angles(*range(0, 180, 30)).float().repeat(2, 1)
    labels = torch.tensor([4] * 6 + [1] * 6)
    for seed in range(20):
        order = torch.randperm(12, generator=torch.Generator().manual_seed(seed))
        answer = knn_predict(around[order], labels[order], angles(45).float(), 12, temperature)
        assert answer.item() == 1


def test_the_same_answer_every_time() -> None:
    """Also where many features tie for the last place."""
    features = torch.eye(3)[torch.arange(60) % 3]
    labels = torch.arange(60) % 7
    queries = normal(50, 3, dtype=torch.float32)
    answers = [knn_predict(features, labels, queries, k=10) for _ in range(5)]
    assert all(torch.equal(answers[0], answer) for answer in answers)


# --- what must not matter -------------------------------------------------------------------


def test_invariances() -> None:
    """The length of each row on either side, a rotation, the order of features."""
    features, labels, queries = drawn()
    order, turn, stretch = torch.randperm(40), rotation(5), normal(40, 1, seed=1).exp()
    for other in (
        (features * stretch, labels, queries / 100),
        (features @ turn, labels, queries @ turn),
        (features[order], labels[order], queries),
    ):
        assert torch.equal(knn_predict(*other), knn_predict(features, labels, queries))


def test_input_is_not_changed_and_may_be_strided() -> None:
    features, labels, queries = drawn()
    copies = features.clone(), labels.clone(), queries.clone()
    answer = knn_predict(features, labels, queries)
    for tensor, copy in zip((features, labels, queries), copies):
        assert torch.equal(tensor, copy)
    strided = features.T.contiguous().T, labels, queries.T.contiguous().T
    assert torch.equal(knn_predict(*strided), answer)


def test_no_graph_is_kept() -> None:
    features, labels, queries = drawn()
    answer = knn_predict(features.requires_grad_(), labels, queries.requires_grad_())
    assert not answer.requires_grad
    assert torch.is_grad_enabled()


# --- numbers and sizes at the edge ----------------------------------------------------------


@pytest.mark.parametrize("temperature", [1e-6, 1e-4, 0.005, 1e6])
def test_every_temperature(temperature: float) -> None:
    """Cold, exp(1/T) leaves every range; the nearest alone decides then."""
    features, labels, queries = (x.float() if x.is_floating_point() else x for x in drawn())
    answer = knn_predict(features, labels, queries, 10, temperature)
    if temperature < 1e-3:
        assert torch.equal(answer, knn_predict(features, labels, queries, 1))
    else:
        assert answer.tolist() == loop(features, labels, queries, 10, temperature)


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_is_computed_in_float32(dtype) -> None:
    """Squares of short and long rows leave the range of float16."""
    features, labels, queries = drawn(60, 200)
    for scale in (1e-4, 1.0, 1e4):
        x, q = (features * scale).to(dtype), (queries * scale).to(dtype)
        expected = knn_predict(x.float(), labels, q.float(), 10)
        assert torch.equal(knn_predict(x, labels, q, 10), expected)
        assert torch.equal(knn_predict(x, labels, q.float(), 10), expected)


def test_float64_is_kept() -> None:
    """Two neighbors whose cosines differ in the tenth digit."""
    features = torch.tensor([[1.0, 1.0001], [1.0, 1.00009999]], dtype=torch.float64)
    query = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    assert knn_predict(features, torch.tensor([0, 1]), query, k=1).item() == 1
    assert knn_predict(features.flip(0), torch.tensor([0, 1]), query, k=1).item() == 0


def test_a_zero_row_is_orthogonal_to_all() -> None:
    features = torch.tensor([[0.0, 0.0], [-1.0, 0.0], [-1.0, 0.1]])
    labels = torch.tensor([2, 1, 1])
    assert knn_predict(features, labels, torch.tensor([[1.0, 0.0]]), k=1).item() == 2
    assert knn_predict(features, labels, torch.zeros(1, 2), k=3).item() == 1


def test_memory_does_not_grow_with_the_queries() -> None:
    """All similarities at once would be a little more than the limit of 2^24."""
    n = 2**20
    features = angles(0).float().expand(n, 2).clone()
    features[n // 2 :] = angles(90).float()
    labels = (torch.arange(n) >= n // 2).long()
    degrees = [40.0, 50.0, 10.0, 80.0] * 4 + [30.0]
    with Sizes() as sizes:
        answer = knn_predict(features, labels, angles(*degrees).float(), k=3)
    assert answer.tolist() == [int(degree > 45) for degree in degrees]
    assert sizes.largest == 2**24  # and as many at a time as fit


# --- bad input ------------------------------------------------------------------------------


FINE = torch.ones(4, 3)
LABELS = torch.tensor([0, 1, 0, 1])


@pytest.mark.parametrize(
    ("features", "labels", "queries", "message"),
    [
        (torch.ones(4), LABELS, FINE, "features must be a non-empty matrix"),
        (FINE.tolist(), LABELS, FINE, "features must be a tensor"),
        (FINE, LABELS, torch.ones(3), "queries must be a non-empty matrix"),
        (FINE, LABELS, torch.ones(2, 4), "queries must have 3 columns, got 4"),
        (FINE, LABELS, FINE.to("meta"), "queries must be on cpu"),
        (FINE, LABELS.to("meta"), FINE, "labels must be on cpu"),
        (FINE, LABELS[:3], FINE, r"labels must have shape \(4,\)"),
        (FINE, LABELS - 1, FINE, "labels must be from 0"),
        (FINE * math.nan, LABELS, FINE, "features must be finite"),
        (FINE, LABELS, FINE * math.inf, "queries must be finite"),
    ],
)
def test_bad_tensors_are_refused(features, labels, queries, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        knn_predict(features, labels, queries, k=2)


@pytest.mark.parametrize("k", [5, 20, 0, -1, 2.0])
def test_bad_k_is_refused(k) -> None:
    expected = "at most the number of features, 4" if k > 4 else "a whole number above 0"
    with pytest.raises(ValueError, match=f"^k must be {expected}"):
        knn_predict(FINE, LABELS, FINE, k=k)


@pytest.mark.parametrize("temperature", [0, -0.07, math.nan, math.inf])
def test_bad_temperature_is_refused(temperature) -> None:
    with pytest.raises(ValueError, match="^temperature must be a finite number above 0"):
        knn_predict(FINE, LABELS, FINE, k=2, temperature=temperature)


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 5, 20])
def test_agrees_with_scikit_learn(k: int) -> None:
    """Its classifier with cosine distance and our weights; no bank of it is normalized."""
    neighbors = pytest.importorskip("sklearn.neighbors")
    features, labels, queries = drawn(200, 300, 6, 5)
    peer = neighbors.KNeighborsClassifier(
        k, metric="cosine", weights=lambda distance: torch.tensor(-distance / 0.07).exp().numpy()
    ).fit(features.numpy(), labels.numpy())
    expected = peer.predict(queries.numpy()).tolist()
    assert knn_predict(features, labels, queries, k).tolist() == expected
    on_sphere = unit_rows(200, 6), labels, queries
    peer.fit(on_sphere[0].numpy(), labels.numpy())
    assert knn_predict(*on_sphere, k).tolist() == peer.predict(queries.numpy()).tolist()
