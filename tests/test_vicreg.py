"""VICReg and its terms: a loop, closed forms, invariances, gradients at collapse, a peer."""

import math
from functools import partial

import pytest
import torch
from helpers import (
    HALVES,
    Sizes,
    assert_half_becomes_single,
    assert_keeps_its_input,
    assert_passes_nan_on,
    assert_same,
    bad_pairs,
    lightly,
    normal,
)
from hypothesis import example, given
from hypothesis import strategies as st

from lesson_code import covariance_term, variance_term, vicreg_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}
TERMS = ["variance", "covariance"]


def term(name: str, z: torch.Tensor) -> torch.Tensor:
    """Look the term up when the test runs."""
    return variance_term(z) if name == "variance" else covariance_term(z)


def loop_covariance(z: torch.Tensor) -> list[list[float]]:
    """Spell equation 3 of VICReg out, one number at a time."""
    centered = []
    for column in z.T.tolist():
        mean = math.fsum(column) / len(column)
        centered.append([number - mean for number in column])
    return [
        [math.fsum(x * y for x, y in zip(a, b)) / (len(a) - 1) for b in centered] for a in centered
    ]


def loop_terms(z: torch.Tensor) -> tuple[float, float]:
    """Spell equations 1, 2 and 4 of VICReg out: the variance term and the covariance term."""
    matrix, d = loop_covariance(z), z.shape[1]
    spread = math.fsum(max(0.0, 1 - math.sqrt(matrix[j][j] + 1e-4)) for j in range(d)) / d
    shared = math.fsum(matrix[i][j] ** 2 for i in range(d) for j in range(d) if i != j) / d
    return spread, shared


def loop(z_1: torch.Tensor, z_2: torch.Tensor, weights: tuple[float, float, float]) -> float:
    """Add the three terms up as the official code does."""
    apart = [(x - y) ** 2 for a, b in zip(z_1.tolist(), z_2.tolist()) for x, y in zip(a, b)]
    (v_1, c_1), (v_2, c_2) = loop_terms(z_1), loop_terms(z_2)
    terms = (math.fsum(apart) / len(apart), (v_1 + v_2) / 2, c_1 + c_2)
    return math.fsum(weight * value for weight, value in zip(weights, terms))


def pair(n: int = 16, d: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Two views with dimensions both narrower and wider than 1, and correlated."""
    z = normal(n, d, seed=seed) @ normal(d, d, seed=seed + 1) / math.sqrt(d)
    return z, z + 0.5 * normal(n, d, seed=seed + 2)


# --- values ---------------------------------------------------------------------------------


def test_terms_by_hand() -> None:
    """Columns (0, 1) and (0, 2): variances 1/2 and 2, covariance 1."""
    z = torch.tensor([[0, 0], [1, 2]], dtype=torch.float64)
    expected = (1 - math.sqrt(0.5001)) / 2  # the second column is wide enough
    assert variance_term(z).item() == pytest.approx(expected, abs=1e-12)
    assert covariance_term(z).item() == pytest.approx((1 + 1) / 2, abs=1e-12)


def test_loss_by_hand() -> None:
    """The same against a view of zeros: squares 0, 0, 1, 4, and nothing varies there."""
    z = torch.tensor([[0, 0], [1, 2]], dtype=torch.float64)
    expected = 25 * 5 / 4 + 25 * ((1 - math.sqrt(0.5001)) / 2 + 0.99) / 2 + 1
    assert vicreg_loss(z, torch.zeros_like(z)).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(2, 12),
    d=st.integers(1, 8),
    weights=st.tuples(st.floats(0, 50), st.floats(0, 50), st.floats(0, 50)),
    seed=st.integers(0, 10**6),
    scale=st.floats(1e-3, 1e2),
)
@example(n=9, d=20, weights=(25.0, 25.0, 1.0), seed=0, scale=1.0)
def test_equals_the_loop(n, d, weights, seed, scale) -> None:
    z_1, z_2 = (scale * z for z in pair(n, d, seed))
    spread, shared = loop_terms(z_1)
    assert variance_term(z_1).item() == pytest.approx(spread, abs=1e-10)
    assert covariance_term(z_1).item() == pytest.approx(shared, rel=1e-8, abs=1e-10)
    expected = loop(z_1, z_2, weights)
    assert vicreg_loss(z_1, z_2, *weights).item() == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_default_weights_are_those_of_the_paper() -> None:
    z_1, z_2 = pair()
    assert torch.equal(vicreg_loss(z_1, z_2), vicreg_loss(z_1, z_2, 25.0, 25.0, 1.0))
    assert vicreg_loss(z_1, z_2).shape == ()


def test_each_weight_has_its_term() -> None:
    """By name: the mean squared difference, the mean of two terms, the sum of two terms."""
    z_1, z_2 = pair()
    none = {"invariance": 0.0, "variance": 0.0, "covariance": 0.0}
    assert vicreg_loss(z_1, z_2, **none) == 0
    for name, expected in [
        ("invariance", (z_1 - z_2).square().sum() / 80),
        ("variance", (variance_term(z_1) + variance_term(z_2)) / 2),
        ("covariance", covariance_term(z_1) + covariance_term(z_2)),
    ]:
        loss = vicreg_loss(z_1, z_2, **{**none, name: 3.0})
        torch.testing.assert_close(loss, 3 * expected, **EXACT)


@pytest.mark.parametrize("constant", [0.0, 1.0, -7.25])
@pytest.mark.parametrize(("n", "d"), [(2, 1), (8, 5), (64, 3)])
def test_collapse_costs_24_75(n: int, d: int, constant: float) -> None:
    """Every image alike: 25 times 1 - sqrt(1e-4), whatever the batch and the dimension."""
    z = torch.full((n, d), constant, dtype=torch.float64)
    assert vicreg_loss(z, z).item() == pytest.approx(24.75, abs=1e-12)
    assert variance_term(z).item() == pytest.approx(0.99, abs=1e-12)
    assert covariance_term(z).item() == 0


# --- what must not matter, and what must ----------------------------------------------------


def test_invariances() -> None:
    """Order of images, of dimensions and of views, signs, a common offset."""
    (z_1, z_2), rows, columns = pair(), torch.randperm(16), torch.randperm(5)
    shift, signs = 10 * normal(1, 5, seed=3), normal(1, 5, seed=4).sign()
    for views in (
        (z_1[rows], z_2[rows]),
        (z_1[:, columns], z_2[:, columns]),
        (z_2, z_1),
        (z_1 * signs + shift, z_2 * signs + shift),
    ):
        torch.testing.assert_close(vicreg_loss(*views), vicreg_loss(z_1, z_2), **EXACT)


def test_input_is_not_changed_and_may_be_strided() -> None:
    assert_keeps_its_input(vicreg_loss, *pair(), **EXACT)
    for name in TERMS:
        assert_keeps_its_input(partial(term, name), pair()[0], **EXACT)


# --- gradient -------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(25.0, 25.0, 1.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_gradient_is_that_of_the_value(weights) -> None:
    z_1, z_2 = (z.requires_grad_() for z in pair(6, 3))
    assert torch.autograd.gradcheck(lambda a, b: vicreg_loss(a, b, *weights), (z_1, z_2))
    assert torch.autograd.gradcheck(variance_term, z_1)
    assert torch.autograd.gradcheck(covariance_term, z_1)


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("constant", [0.0, 0.1, -3.0])
def test_the_gradient_at_collapse_is_no_nan(constant, dtype) -> None:
    """At exact collapse no direction is better than another; without 1e-4 it would be 0/0."""
    z_1 = torch.full((16, 4), constant, dtype=dtype, requires_grad=True)
    z_2 = torch.full((16, 4), constant, dtype=dtype, requires_grad=True)
    loss = vicreg_loss(z_1, z_2)
    loss.backward()
    assert loss.item() == pytest.approx(24.75, abs=1e-4)
    for z in (z_1, z_2):
        assert z.grad.isfinite().all()
        assert z.grad.abs().max() <= 1e-4
    variance_term(z_1).backward()
    assert z_1.grad.isfinite().all()


# --- numbers at the edge --------------------------------------------------------------------


def test_half_precision_is_computed_in_float32() -> None:
    assert_half_becomes_single(vicreg_loss, *pair(300, 24))
    for name in TERMS:
        assert_half_becomes_single(partial(term, name), pair(300, 24)[0])


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_small_and_large_numbers_in_half_precision(scale) -> None:
    """Squares of these leave the range of float16."""
    z_1, z_2 = ((scale * z).to(torch.float16) for z in pair(64, 8))
    expected = vicreg_loss(z_1.double(), z_2.double()).item()
    assert vicreg_loss(z_1, z_2).item() == pytest.approx(expected, rel=1e-4)


def test_the_wider_type_of_two_is_kept() -> None:
    z_1, z_2 = pair()
    assert vicreg_loss(z_1.float(), z_2).dtype == torch.float64


def test_a_large_offset_does_not_matter() -> None:
    z = pair(64, 8)[0].float()
    for name in TERMS:
        expected = term(name, z).item()
        assert term(name, z + 1000).item() == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("dtype", HALVES)
def test_finite_under_autocast(dtype) -> None:
    z_1, z_2 = (z.float() for z in pair(64, 16))
    with torch.autocast("cpu", dtype=dtype):
        loss = vicreg_loss(z_1, z_2)
    assert loss.item() == pytest.approx(vicreg_loss(z_1, z_2).item(), rel=0.05)


def test_nan_in_is_nan_out() -> None:
    assert_passes_nan_on(vicreg_loss, *pair(4, 3))
    for name in TERMS:
        assert_passes_nan_on(partial(term, name), pair(4, 3)[0])


def test_nothing_is_larger_than_the_covariance_matrix() -> None:
    z_1, z_2 = (z.requires_grad_() for z in pair(8, 64))
    with Sizes() as sizes:
        vicreg_loss(z_1, z_2).backward()
        covariance_term(z_1).backward()
    assert sizes.largest == 64 * 64


# --- devices and bad input ------------------------------------------------------------------


def test_everything_is_made_on_the_device_of_the_input() -> None:
    """The meta device has no numbers; it does refuse to meet a tensor of another device."""
    z = torch.empty(4, 3, device="meta")
    assert vicreg_loss(z, z).device.type == "meta"
    for name in TERMS:
        assert term(name, z).device.type == "meta"


FINE = torch.ones(4, 3)


@pytest.mark.parametrize(("z_1", "z_2", "message"), bad_pairs("z_1", "z_2"))
def test_bad_tensors_are_refused(z_1, z_2, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        vicreg_loss(z_1, z_2)


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize(
    ("z", "message"),
    [
        (torch.ones(4), "z must be a non-empty matrix"),
        (torch.ones(0, 3), "z must be a non-empty"),
        (torch.ones(4, 0), "z must be a non-empty"),
        (torch.ones(1, 3), "z must have at least 2 rows"),
        (FINE.long(), "z must be floating point"),
        ([[1.0]], "z must be a tensor"),
    ],
)
def test_bad_tensors_are_refused_by_the_terms(z, message, name) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        term(name, z)


@pytest.mark.parametrize("name", ["invariance", "variance", "covariance"])
@pytest.mark.parametrize("weight", [-0.5, math.nan, math.inf])
def test_bad_weights_are_refused(name, weight) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be a finite number from 0"):
        vicreg_loss(*pair(), **{name: weight})


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [(25.0, 25.0, 1.0), (1.0, 10.0, 0.1)])
@pytest.mark.parametrize(("n", "d"), [(2, 4), (16, 8), (33, 64)])
def test_equals_lightly(n: int, d: int, weights) -> None:
    """Value and gradient of lightly's VICRegLoss."""
    peer = lightly().VICRegLoss(*weights)
    assert_same(lambda *views: vicreg_loss(*views, *weights), peer, *pair(n, d), **EXACT)
