"""Sinkhorn and the swapped loss against loops, by hand, at extremes, and against a peer."""

import math
import warnings
from functools import partial

import pytest
import torch
from helpers import (
    HALVES,
    assert_half_becomes_single,
    assert_keeps_its_input,
    assert_same,
    lightly,
    normal,
    unit_rows,
)
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import sinkhorn, swav_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}
Rows = list[list[float]]


def loop_sinkhorn(scores: torch.Tensor, epsilon: float, iterations: int) -> Rows:
    """Divide the columns by their sums, then the rows, one number at a time."""
    rows: Rows = scores.tolist()
    q = [[math.exp(score / epsilon) for score in row] for row in rows]
    for _ in range(iterations):
        columns = [math.fsum(row[k] for row in q) for k in range(len(q[0]))]
        q = [[entry / columns[k] for k, entry in enumerate(row)] for row in q]
        q = [[entry / math.fsum(row) for entry in row] for row in q]
    return q


def loop_loss(
    scores_1: torch.Tensor, scores_2: torch.Tensor, temperature: float, epsilon: float, times: int
) -> float:
    """Spell equations 1 and 2 of SwAV out."""

    def direction(scores: Rows, q: Rows) -> float:
        terms = []
        for row, target in zip(scores, q):
            total = math.fsum(math.exp(score / temperature) for score in row)
            for score, share in zip(row, target):
                terms.append(-share * math.log(math.exp(score / temperature) / total))
        return math.fsum(terms) / len(scores)

    q_1, q_2 = (loop_sinkhorn(scores, epsilon, times) for scores in (scores_1, scores_2))
    return (direction(scores_1.tolist(), q_2) + direction(scores_2.tolist(), q_1)) / 2


def cosines(n: int = 8, k: int = 5, d: int = 6, seed: int = 0) -> torch.Tensor:
    """Return the cosines of n embeddings with k prototypes, which depend on the seed alone."""
    return unit_rows(n, d, seed) @ unit_rows(k, d, seed=seed + 500).T


def pair(n: int = 8, k: int = 5, d: int = 6, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    prototypes = unit_rows(k, d, seed=seed + 500)
    first, second = unit_rows(n, d, seed), unit_rows(n, d, seed=seed + 1000)
    return first @ prototypes.T, second @ prototypes.T


SKEW = torch.tensor([[1.0, 1.0], [1.0, 3.0]], dtype=torch.float64).log()


# --- Sinkhorn: values -----------------------------------------------------------------------


def test_by_hand() -> None:
    """[1 1; 1 3]: columns give [1/2 1/4; 1/2 3/4], then rows [2/3 1/3; 2/5 3/5]."""
    expected = torch.tensor([[2 / 3, 1 / 3], [2 / 5, 3 / 5]], dtype=torch.float64)
    torch.testing.assert_close(sinkhorn(SKEW, 1.0, 1), expected, **EXACT)


@given(
    n=st.integers(1, 7),
    k=st.integers(1, 7),
    epsilon=st.floats(0.02, 5),
    iterations=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
def test_equals_the_loop(n, k, epsilon, iterations, seed) -> None:
    scores = cosines(n, k, seed=seed)
    expected = torch.tensor(loop_sinkhorn(scores, epsilon, iterations), dtype=torch.float64)
    torch.testing.assert_close(sinkhorn(scores, epsilon, iterations), expected, **EXACT)


def test_defaults_of_sinkhorn() -> None:
    scores = cosines()
    assert torch.equal(sinkhorn(scores), sinkhorn(scores, 0.05, 3))
    assert not torch.equal(sinkhorn(scores), sinkhorn(scores, 0.05, 2))


def test_small_epsilon_assigns_to_one_prototype() -> None:
    """Two rows prefer prototype 0; the one that loses less by it moves on."""
    scores = torch.tensor([[0.9, 0.1], [0.8, 0.6]])
    assert torch.equal(sinkhorn(scores, 1e-3, 50).round(), torch.eye(2))


# --- Sinkhorn: what must not matter, and what must ------------------------------------------


def test_sinkhorn_has_no_gradient_and_leaves_its_input() -> None:
    assert not sinkhorn(cosines().requires_grad_()).requires_grad
    assert_keeps_its_input(sinkhorn, cosines(), **EXACT)


# --- Sinkhorn: numbers at the edge ----------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("epsilon", [1e-5, 1e-3, 0.05, 10.0])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_finite_where_the_exponential_is_not(dtype, epsilon: float, scale: float) -> None:
    for scores in (cosines(12, 7), cosines(12, 7).abs(), -cosines(12, 7).abs()):
        q = sinkhorn((scale * scores).to(dtype), epsilon)
        assert q.isfinite().all()
        torch.testing.assert_close(q.sum(1), torch.ones_like(q[:, 0]), rtol=1e-5, atol=1e-5)


def test_a_row_far_below_the_others_is_assigned_too() -> None:
    """Its exponentials are 0 in any precision; with the maximum of all subtracted as well."""
    scores = cosines(6, 4)
    scores[2] -= 100
    q = sinkhorn(scores, 0.05)
    assert q.isfinite().all()
    torch.testing.assert_close(q.sum(1), torch.ones(6).double(), **EXACT)


def test_a_prototype_far_below_the_others_gets_its_share() -> None:
    scores = cosines(6, 4)
    expected = sinkhorn(scores)
    scores[:, 1] -= 100
    torch.testing.assert_close(sinkhorn(scores), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dtype", HALVES)
def test_sinkhorn_computes_half_precision_in_float32(dtype) -> None:
    scores = cosines(32, 9).to(dtype)
    q = sinkhorn(scores)
    assert q.dtype == torch.float32
    assert torch.equal(q, sinkhorn(scores.float()))
    with torch.autocast("cpu", dtype=dtype):
        within = sinkhorn(scores)
    assert within.dtype == torch.float32
    torch.testing.assert_close(within, q)


def test_sinkhorn_keeps_double_precision() -> None:
    assert sinkhorn(cosines()).dtype == torch.float64


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_in_is_nan_out_of_sinkhorn(bad: float) -> None:
    scores = cosines()
    scores[2, 1] = bad
    assert sinkhorn(scores).isnan().all()


# --- the loss: values -----------------------------------------------------------------------


def test_loss_by_hand() -> None:
    """View 1 as above, view 2 flat: H(flat, p_1) is ln 2 and ln(16/3)/2, H(q_1, flat) is ln 2."""
    flat = torch.zeros(2, 2, dtype=torch.float64)
    first = (math.log(2) + math.log(16 / 3) / 2) / 2
    expected = (first + math.log(2)) / 2
    assert swav_loss(SKEW, flat, 1.0, 1.0, 1).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(1, 6),
    k=st.integers(1, 6),
    temperature=st.floats(0.02, 5),
    epsilon=st.floats(0.02, 5),
    iterations=st.integers(1, 4),
    seed=st.integers(0, 10**6),
)
def test_loss_equals_the_loop(n, k, temperature, epsilon, iterations, seed) -> None:
    scores = pair(n, k, seed=seed)
    expected = loop_loss(*scores, temperature, epsilon, iterations)
    actual = swav_loss(*scores, temperature, epsilon, iterations).item()
    assert actual == pytest.approx(expected, rel=1e-9, abs=1e-10)


def test_defaults_of_the_loss() -> None:
    scores = pair()
    assert torch.equal(swav_loss(*scores), swav_loss(*scores, 0.1, 0.05, 3))
    assert swav_loss(*scores).shape == ()


@pytest.mark.parametrize("k", [21, 512, 3000])
def test_plateau_is_the_logarithm_of_the_prototypes(k: int) -> None:
    """Equal prototypes or outputs that say nothing: every prediction is uniform."""
    flat = torch.full((4, k), 0.3, dtype=torch.float64)
    assert swav_loss(flat, flat).item() == pytest.approx(math.log(k), abs=1e-10)


# --- the loss: what must not matter ---------------------------------------------------------


def test_invariances_of_the_loss() -> None:
    """Order of images, order of prototypes, names of the views."""
    (s_1, s_2), rows, columns = pair(), torch.randperm(8), torch.randperm(5)
    for views in ((s_1[rows], s_2[rows]), (s_1[:, columns], s_2[:, columns]), (s_2, s_1)):
        torch.testing.assert_close(swav_loss(*views), swav_loss(s_1, s_2), **EXACT)


def test_loss_leaves_its_input_which_may_be_strided() -> None:
    assert_keeps_its_input(swav_loss, *pair(), **EXACT)


def test_nothing_warns() -> None:
    """torch warns, on the reader's screen too, where a softmax is not told its dimension."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sinkhorn(normal(6, 4))
        swav_loss(*pair(6, 4))


# --- the loss: gradient ---------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_gradient_closed_form(temperature: float) -> None:
    """Prediction less the other view's assignment, / 2NT: nothing flows through the targets."""
    scores_1, scores_2 = (scores.requires_grad_() for scores in pair(6, 4))
    swav_loss(scores_1, scores_2, temperature).backward()
    for mine, other in ((scores_1, scores_2), (scores_2, scores_1)):
        prediction = (mine.detach() / temperature).softmax(1)
        expected = (prediction - sinkhorn(other.detach())) / (2 * 6 * temperature)
        torch.testing.assert_close(mine.grad, expected, **EXACT)


# --- the loss: numbers at the edge ----------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("temperature", [1e-4, 0.1, 100.0])
@pytest.mark.parametrize("epsilon", [1e-4, 0.05, 100.0])
def test_finite_at_every_temperature_and_precision(dtype, temperature, epsilon) -> None:
    for scores in (cosines(16, 7), torch.eye(16, 7), -torch.ones(16, 7)):
        scores_1 = scores.to(dtype).requires_grad_()
        scores_2 = cosines(16, 7, seed=1).to(dtype).requires_grad_()
        loss = swav_loss(scores_1, scores_2, temperature, epsilon)
        loss.backward()
        assert loss.isfinite() and loss >= 0
        for view in (scores_1, scores_2):
            assert view.grad is not None and view.grad.isfinite().all()
            assert view.grad.dtype == dtype


def test_loss_computes_half_precision_in_float32() -> None:
    assert_half_becomes_single(partial(swav_loss, temperature=0.01), *pair(16, 9))
    scores_1, scores_2 = pair(16, 9)
    assert swav_loss(scores_1.half(), scores_2.float()).dtype == torch.float32


@pytest.mark.parametrize("where", [0, 1])
def test_nan_in_is_nan_out_of_the_loss(where: int) -> None:
    scores = pair()
    scores[where][2, 1] = math.nan
    assert swav_loss(*scores).isnan()


# --- devices and bad input ------------------------------------------------------------------


def test_everything_is_made_on_the_device_of_the_input() -> None:
    scores = torch.empty(4, 3, device="meta")
    assert sinkhorn(scores).device.type == "meta"
    assert swav_loss(scores, scores).device.type == "meta"


FINE = torch.ones(4, 3)


@pytest.mark.parametrize(
    ("scores", "message"),
    [(torch.ones(4), "must be a non-empty matrix"), ([[1.0]], "must be a tensor")],
)
def test_bad_scores_are_refused(scores, message: str) -> None:
    with pytest.raises(ValueError, match=f"^scores {message}"):
        sinkhorn(scores)
    with pytest.raises(ValueError, match=f"^scores_1 {message}"):
        swav_loss(scores, FINE)
    with pytest.raises(ValueError, match=f"^scores_2 {message}"):
        swav_loss(FINE, scores)


@pytest.mark.parametrize("scores_2", [torch.ones(5, 3), torch.ones(4, 2), torch.ones(1, 3)])
def test_scores_of_another_shape_are_refused(scores_2: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="^scores_2 must have the shape of scores_1"):
        swav_loss(FINE, scores_2)


def test_scores_on_another_device_are_refused() -> None:
    with pytest.raises(ValueError, match="^scores_2 must be on cpu"):
        swav_loss(FINE, FINE.to("meta"))


@pytest.mark.parametrize("number", [0, 0.0, -0.5, math.nan, math.inf])
def test_bad_temperature_and_epsilon_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="^epsilon must be a finite number above 0"):
        sinkhorn(FINE, number)
    with pytest.raises(ValueError, match="^epsilon must be a finite number above 0"):
        swav_loss(FINE, FINE, epsilon=number)
    with pytest.raises(ValueError, match="^temperature must be a finite number above 0"):
        swav_loss(FINE, FINE, temperature=number)


@pytest.mark.parametrize("iterations", [0, -1, 1.5])
def test_bad_iterations_are_refused(iterations) -> None:
    with pytest.raises(ValueError, match="^iterations must be a whole number above 0"):
        sinkhorn(FINE, iterations=iterations)
    with pytest.raises(ValueError, match="^iterations must be a whole number above 0"):
        swav_loss(FINE, FINE, iterations=iterations)


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "k"), [(16, 8), (64, 20), (8, 30)])
@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("epsilon", [0.05, 0.5])
def test_sinkhorn_equals_lightly(n: int, k: int, epsilon: float, iterations: int) -> None:
    scores = cosines(n, k)
    expected = lightly("loss.swav_loss").sinkhorn(scores, iterations=iterations, epsilon=epsilon)
    torch.testing.assert_close(sinkhorn(scores, epsilon, iterations), expected, **EXACT)


@pytest.mark.parametrize(("n", "k"), [(16, 8), (64, 20), (8, 30)])
def test_loss_equals_lightly(n: int, k: int) -> None:
    """Value and gradient of lightly's SwaVLoss for two crops."""
    peer = lightly().SwaVLoss()
    assert_same(swav_loss, lambda *both: peer(both, []).squeeze(), *pair(n, k), **EXACT)
