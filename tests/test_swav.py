"""Sinkhorn against a loop and its defining properties; the swapped loss likewise; a peer."""

import math
import warnings

import pytest
import torch
from helpers import assert_same, lightly, normal, unit_rows
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import sinkhorn, swav_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}
HALVES = [torch.float16, torch.bfloat16]
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


def test_two_iterations_by_hand() -> None:
    """The columns 16/15 and 14/15 give [5/8 5/14; 3/8 9/14], whose rows sum to 55 and 57 / 56."""
    expected = torch.tensor([[35 / 55, 20 / 55], [21 / 57, 36 / 57]], dtype=torch.float64)
    torch.testing.assert_close(sinkhorn(SKEW, 1.0, 2), expected, **EXACT)


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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("iterations", [1, 3, 30])
@pytest.mark.parametrize(("n", "k"), [(1, 1), (3, 9), (64, 20), (9, 300)])
def test_rows_are_distributions(n: int, k: int, iterations: int, dtype) -> None:
    q = sinkhorn(cosines(n, k).to(dtype), 0.05, iterations)
    assert q.shape == (n, k)
    assert q.min() >= 0
    torch.testing.assert_close(q.sum(1), torch.ones(n, dtype=dtype), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("n", "k"), [(64, 20), (6, 9), (9, 9)])
def test_columns_reach_equal_shares(n: int, k: int) -> None:
    """Each iteration brings every column's sum closer to N / K."""
    scores = 0.3 * normal(n, k)
    share = n / k
    errors = [
        (sinkhorn(scores, 0.05, iterations).sum(0) / share - 1).abs().max().item()
        for iterations in (1, 3, 10, 30, 3000)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.3 and errors[-1] < 1e-5


def test_three_iterations_are_much_better_than_a_softmax() -> None:
    """A softmax of the rows alone follows the favorite prototypes; the balanced one does not."""
    for seed in range(3):
        favored = torch.linspace(0, 0.3, 32, dtype=torch.float64)
        scores = cosines(256, 32, 16, seed) + favored
        plain, balanced = (scores / 0.05).softmax(1).sum(0) / 8, sinkhorn(scores).sum(0) / 8
        assert plain.max() > 2 and plain.min() < 0.2
        assert balanced.max() < 1.5 and balanced.min() > 0.6


@pytest.mark.parametrize("iterations", [1, 3, 10])
def test_only_rows_and_columns_are_scaled(iterations: int) -> None:
    """Q = Diag(u) exp(S / epsilon) Diag(v): log Q - S / epsilon is a sum over row and column."""
    scores = cosines(7, 5)
    rest = sinkhorn(scores, 0.1, iterations).log() - scores / 0.1
    crossed = rest - rest[:1] - rest[:, :1] + rest[0, 0]
    torch.testing.assert_close(crossed, torch.zeros(7, 5).double(), **EXACT)


def test_the_limit_is_the_best_balanced_assignment() -> None:
    """It maximizes sum(Q S) + epsilon H(Q) among all Q with these sums (equation 3)."""
    scores, epsilon = cosines(6, 4), 0.2
    best = sinkhorn(scores, epsilon, 5000)

    def objective(q: torch.Tensor) -> float:
        return (q * scores - epsilon * q * q.log()).sum().item()

    for seed in range(20):
        move = normal(6, 4, seed=seed)
        move -= move.mean(0) + move.mean(1, keepdim=True) - move.mean()  # keeps all sums
        other = best + 0.5 * best.min() / move.abs().max() * move
        assert objective(other) < objective(best)


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("k", [2, 21, 512])
def test_equal_embeddings_are_spread_evenly(k: int, iterations: int) -> None:
    """Whatever their scores: identical rows cannot be told apart, so each gets 1 / K."""
    q = sinkhorn(cosines(1, k).expand(6, k), 0.05, iterations)
    torch.testing.assert_close(q, torch.full((6, k), 1 / k, dtype=torch.float64), **EXACT)


def test_small_epsilon_assigns_to_one_prototype() -> None:
    """Two rows prefer prototype 0; the one that loses less by it moves on."""
    scores = torch.tensor([[0.9, 0.1], [0.8, 0.6]])
    assert torch.equal(sinkhorn(scores, 1e-3, 50).round(), torch.eye(2))


def test_large_epsilon_is_uniform() -> None:
    q = sinkhorn(cosines(8, 5), 1e6)
    torch.testing.assert_close(q, torch.full((8, 5), 0.2).double(), rtol=0, atol=1e-5)


# --- Sinkhorn: what must not matter, and what must ------------------------------------------


def test_the_assignment_of_a_row_depends_on_the_others() -> None:
    scores = cosines(8, 5)
    alone, among = sinkhorn(scores[:4]), sinkhorn(scores)[:4]
    assert (alone - among).abs().max() > 0.1


def test_sinkhorn_has_no_gradient_and_leaves_its_input() -> None:
    scores = cosines().requires_grad_()
    before = scores.detach().clone()
    assert not sinkhorn(scores).requires_grad
    assert torch.equal(scores, before)
    strided = before.T.contiguous().T
    torch.testing.assert_close(sinkhorn(strided), sinkhorn(before), **EXACT)


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


def test_matching_views_leave_the_entropy() -> None:
    """Scores I, T = epsilon = 1: prediction and target are (s, 1 - s) with s = e / (1 + e)."""
    same = torch.eye(2, dtype=torch.float64)
    s = math.e / (1 + math.e)
    entropy = -s * math.log(s) - (1 - s) * math.log(1 - s)
    assert swav_loss(same, same, 1.0, 1.0).item() == pytest.approx(entropy, abs=1e-12)


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


@pytest.mark.parametrize("seed", range(5))
def test_equal_embeddings_cannot_go_below_the_plateau(seed: int) -> None:
    """Their targets are uniform, so confident predictions only cost."""
    one = cosines(1, 12, seed=seed).expand(6, 12)
    assert swav_loss(one, one).item() > math.log(12)


def test_right_pairs_score_below_wrong_pairs() -> None:
    prototypes = unit_rows(16, 32, seed=500)
    first = unit_rows(64, 32)
    second = torch.nn.functional.normalize(first + 0.05 * normal(64, 32, seed=1), dim=1)
    scores_1, scores_2 = first @ prototypes.T, second @ prototypes.T
    assert swav_loss(scores_1, scores_2) < swav_loss(scores_1, scores_2.roll(1, 0)) - 0.5


def test_distinct_clusters_reach_zero() -> None:
    """Every image on a prototype of its own, colder and colder."""
    same = torch.eye(6, dtype=torch.float64)
    losses = [swav_loss(same, same, temperature).item() for temperature in (1.0, 0.1, 0.02)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 1e-6


# --- the loss: what must not matter ---------------------------------------------------------


@given(n=st.integers(1, 8), k=st.integers(1, 8), seed=st.integers(0, 10**6))
def test_invariances_of_the_loss(n, k, seed) -> None:
    """Order of images, order of prototypes, names of the views."""
    scores_1, scores_2 = pair(n, k, seed=seed)
    reference = swav_loss(scores_1, scores_2)
    generator = torch.Generator().manual_seed(seed)
    rows, columns = torch.randperm(n, generator=generator), torch.randperm(k, generator=generator)
    for other in [
        (scores_1[rows], scores_2[rows]),
        (scores_1[:, columns], scores_2[:, columns]),
        (scores_2, scores_1),
    ]:
        torch.testing.assert_close(swav_loss(*other), reference, **EXACT)


def test_loss_leaves_its_input_which_may_be_strided() -> None:
    scores_1, scores_2 = pair()
    before = scores_1.clone(), scores_2.clone()
    value = swav_loss(scores_1, scores_2)
    assert torch.equal(scores_1, before[0]) and torch.equal(scores_2, before[1])
    strided = scores_1.T.contiguous().T
    torch.testing.assert_close(swav_loss(strided, scores_2), value, **EXACT)


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


def test_gradient_is_that_of_the_value_with_fixed_targets() -> None:
    """With a view that needs none, the other one's gradient is half by its own targets."""
    scores_1, scores_2 = pair(4, 3)
    target = sinkhorn(scores_2)

    def half(scores: torch.Tensor) -> torch.Tensor:
        return -(target * (scores / 0.1).log_softmax(1)).sum(1).mean() / 2

    scores_1.requires_grad_()
    assert torch.autograd.gradcheck(half, (scores_1,))
    (expected,) = torch.autograd.grad(half(scores_1), scores_1)
    (gradient,) = torch.autograd.grad(swav_loss(scores_1, scores_2), scores_1)
    torch.testing.assert_close(gradient, expected, **EXACT)


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


@pytest.mark.parametrize("dtype", HALVES)
def test_loss_computes_half_precision_in_float32(dtype) -> None:
    scores_1, scores_2 = (scores.to(dtype) for scores in pair(16, 9))
    loss = swav_loss(scores_1, scores_2, 0.01)
    assert loss.dtype == torch.float32
    assert torch.equal(loss, swav_loss(scores_1.float(), scores_2.float(), 0.01))
    assert torch.equal(loss, swav_loss(scores_1.float(), scores_2, 0.01))


def test_loss_keeps_double_precision() -> None:
    assert swav_loss(*pair()).dtype == torch.float64


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
    [
        (torch.ones(4), "must be a non-empty matrix"),
        (torch.ones(2, 4, 3), "must be a non-empty matrix"),
        (torch.ones(0, 3), "must be a non-empty"),
        (torch.ones(4, 0), "must be a non-empty"),
        (FINE.long(), "must be floating point"),
        ([[1.0]], "must be a tensor"),
    ],
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
