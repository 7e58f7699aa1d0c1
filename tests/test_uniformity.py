"""Alignment and uniformity: closed forms, loops, invariances, gradient, extremes, bad input."""

import math

import pytest
import torch
from helpers import (
    HALVES,
    assert_keeps_its_input,
    assert_passes_nan_on,
    normal,
    rotation,
    unit_rows,
)
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import alignment, uniformity

EXACT = {"rtol": 1e-9, "atol": 1e-10}


def distance(a: list[float], b: list[float]) -> float:
    """Between two rows after each is brought to length one."""
    a = [x / math.sqrt(math.fsum(y * y for y in a)) for x in a]
    b = [x / math.sqrt(math.fsum(y * y for y in b)) for x in b]
    return math.sqrt(math.fsum((x - y) ** 2 for x, y in zip(a, b)))


def alignment_loop(z_1: torch.Tensor, z_2: torch.Tensor, alpha: float) -> float:
    terms = [distance(a, b) ** alpha for a, b in zip(z_1.tolist(), z_2.tolist())]
    return math.fsum(terms) / len(terms)


def uniformity_loop(z: torch.Tensor, t: float) -> float:
    rows = z.tolist()
    terms = [
        math.exp(-t * distance(rows[a], rows[b]) ** 2) for a in range(len(rows)) for b in range(a)
    ]
    return math.log(math.fsum(terms) / len(terms))


def pair(n: int = 8, d: int = 6, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return normal(n, d, seed=seed), normal(n, d, seed=seed + 1000)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
def test_alignment_by_hand(alpha: float) -> None:
    """Equal, at a right angle, opposite: distances 0, root 2 and 2."""
    one = torch.tensor([[1.0, 0.0]] * 3).double()
    other = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]).double()
    expected = (0 + math.sqrt(2) ** alpha + 2**alpha) / 3
    assert alignment(one, other, alpha).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("t", [0.5, 2.0, 7.0])
def test_uniformity_closed_forms(t: float) -> None:
    """A point, two opposite points, orthogonal rows, a regular simplex."""
    value = uniformity(normal(1, 5).expand(9, 5), t).item()
    assert value == pytest.approx(0, abs=1e-12)
    opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).double()
    assert uniformity(opposite, t).item() == pytest.approx(-4 * t, rel=1e-12)
    assert uniformity(torch.eye(7).double(), t).item() == pytest.approx(-2 * t, rel=1e-12)
    simplex = torch.eye(7).double() - 1 / 7
    assert uniformity(simplex, t).item() == pytest.approx(-2 * t * 7 / 6, rel=1e-12)


@given(
    n=st.integers(1, 9), d=st.integers(1, 7), alpha=st.floats(0.3, 4), seed=st.integers(0, 10**6)
)
def test_alignment_equals_the_loop(n, d, alpha, seed) -> None:
    z_1, z_2 = pair(n, d, seed)
    expected = alignment_loop(z_1, z_2, alpha)
    assert alignment(z_1, z_2, alpha).item() == pytest.approx(expected, rel=1e-8, abs=1e-5)


@given(n=st.integers(2, 9), d=st.integers(1, 7), t=st.floats(0.1, 6), seed=st.integers(0, 10**6))
def test_uniformity_equals_the_loop(n, d, t, seed) -> None:
    z = normal(n, d, seed=seed)
    assert uniformity(z, t).item() == pytest.approx(uniformity_loop(z, t), rel=1e-9, abs=1e-9)


def test_defaults_are_those_of_the_paper() -> None:
    z_1, z_2 = pair()
    assert torch.equal(alignment(z_1, z_2), alignment(z_1, z_2, 2.0))
    assert torch.equal(uniformity(z_1), uniformity(z_1, 2.0))
    assert alignment(z_1, z_2).shape == uniformity(z_1).shape == ()


def test_invariances() -> None:
    """Order of images and of views, a rotation, and each row's length."""
    (z_1, z_2), order, turn = pair(), torch.randperm(8), rotation(6)
    stretch = normal(8, 1, seed=2).exp()
    for one, other in (
        (z_1[order], z_2[order]),
        (z_1 @ turn, z_2 @ turn),
        (z_1 * stretch, 3 * z_2),
    ):
        torch.testing.assert_close(alignment(other, one), alignment(z_1, z_2), **EXACT)
        torch.testing.assert_close(uniformity(one), uniformity(z_1), **EXACT)


def test_input_is_not_changed_and_may_be_strided() -> None:
    assert_keeps_its_input(alignment, *pair(), **EXACT)
    assert_keeps_its_input(uniformity, pair()[0], **EXACT)


@pytest.mark.parametrize("alpha", [1.0, 2.0, 3.5])
def test_gradient_of_alignment(alpha: float) -> None:
    views = tuple(z.requires_grad_() for z in pair(4, 3))
    assert torch.autograd.gradcheck(lambda a, b: alignment(a, b, alpha), views)


@pytest.mark.parametrize("t", [0.5, 2.0])
def test_gradient_of_uniformity(t: float) -> None:
    assert torch.autograd.gradcheck(lambda z: uniformity(z, t), normal(5, 3).requires_grad_())


@pytest.mark.parametrize("alpha", [1.0, 2.0])
def test_gradient_where_rows_coincide(alpha: float) -> None:
    """Equal views and equal images must not make it infinite or undefined."""
    z = unit_rows(4, 3).requires_grad_()
    (alignment(z, z.detach().clone(), alpha) + uniformity(torch.cat([z, z]))).backward()
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("t", [50.0, 1e3, 1e6])
def test_sharp_potentials_stay_finite(t: float) -> None:
    """The exponentials underflow; the logarithm of their mean does not."""
    opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert uniformity(opposite, t).item() == pytest.approx(-4 * t, rel=1e-5)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_half_precision_is_computed_in_float32(dtype, scale: float) -> None:
    z_1, z_2 = ((scale * z).to(dtype) for z in (unit_rows(16, 8), unit_rows(16, 8, seed=1)))
    for value, single, double in [
        (alignment(z_1, z_2), alignment(z_1.float(), z_2.float()), None),
        (uniformity(z_1), uniformity(z_1.float()), uniformity(z_1.double())),
    ]:
        assert value.dtype == torch.float32
        assert torch.equal(value, single)
        if double is not None:
            assert value.item() == pytest.approx(double.item(), rel=1e-4)


def test_float64_is_kept() -> None:
    z_1, z_2 = pair()
    assert alignment(z_1, z_2).dtype == uniformity(z_1).dtype == torch.float64


def test_close_points_are_told_apart() -> None:
    """By 2 - 2 cos, distances of 1e-4 would drown in the rounding of float32."""
    z = torch.tensor([[1.0, 0.0], [1.0, 1e-4]])
    assert alignment(z[:1], z[1:]).item() == pytest.approx(1e-8, rel=1e-3)
    assert uniformity(z, 1e8).item() == pytest.approx(-1, rel=1e-3)


def test_nan_in_is_nan_out() -> None:
    assert_passes_nan_on(alignment, *pair(4, 3))
    assert_passes_nan_on(uniformity, pair(4, 3)[0])


def test_everything_is_made_on_the_device_of_the_input() -> None:
    z = torch.empty(4, 3, device="meta")
    assert alignment(z, z).device.type == uniformity(z).device.type == "meta"


FINE = torch.ones(4, 3)


@pytest.mark.parametrize(
    ("z_1", "z_2", "message"),
    [
        (FINE, torch.ones(5, 3), "z_2 must have the shape"),
        (FINE.long(), FINE.long(), "z_1 must be floating point"),
        (FINE, [[1.0]], "z_2 must be a tensor"),
    ],
)
def test_bad_pairs_are_refused(z_1, z_2, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        alignment(z_1, z_2)


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (torch.ones(1, 3), "z must have at least 2 rows"),
        (torch.ones(3), "z must be a non-empty matrix"),
        ([[1.0]], "z must be a tensor"),
    ],
)
def test_bad_embeddings_are_refused(z, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        uniformity(z)


@pytest.mark.parametrize("number", [0, -2.0, math.nan, math.inf])
def test_bad_numbers_are_refused(number) -> None:
    with pytest.raises(ValueError, match="^alpha must be a finite number above 0"):
        alignment(FINE, FINE, number)
    with pytest.raises(ValueError, match="^t must be a finite number above 0"):
        uniformity(FINE, number)
