"""NT-Xent against a loop, closed forms, invariances, its gradient, extreme input, and a peer."""

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
    rotation,
    unit_rows,
)
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import simclr_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}


def loop(z_i: torch.Tensor, z_j: torch.Tensor, temperature: float) -> float:
    """Spell equation 1 of SimCLR out, one number at a time."""
    views = [row.tolist() for row in (*z_i, *z_j)]
    lengths = [math.sqrt(math.fsum(x * x for x in view)) for view in views]
    count, total = len(views), 0.0

    def similarity(a: int, b: int) -> float:
        return math.fsum(x * y for x, y in zip(views[a], views[b])) / (lengths[a] * lengths[b])

    for a in range(count):
        partner = a + count // 2 if a < count // 2 else a - count // 2
        others = math.fsum(math.exp(similarity(a, b) / temperature) for b in range(count) if b != a)
        total += -math.log(math.exp(similarity(a, partner) / temperature) / others)
    return total / count


def pair(n: int = 8, d: int = 6, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return normal(n, d, seed=seed), normal(n, d, seed=seed + 1000)


def aligned(n: int) -> torch.Tensor:
    """N orthonormal rows: the views of one image agree, those of two are orthogonal."""
    return torch.eye(n, dtype=torch.float64)


def test_by_hand() -> None:
    """Two orthogonal images, views equal, T = 1: each of four views has ln(e + 2) - 1."""
    expected = math.log(math.e + 2) - 1
    assert simclr_loss(aligned(2), aligned(2), 1.0).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(2, 7),
    d=st.integers(1, 9),
    temperature=st.floats(0.005, 50),
    seed=st.integers(0, 10**6),
    scale=st.floats(1e-3, 1e3),
)
def test_equals_the_loop(n, d, temperature, seed, scale) -> None:
    z_i, z_j = pair(n, d, seed)
    expected = loop(z_i, z_j, temperature)
    actual = simclr_loss(z_i * scale, z_j, temperature).item()
    assert actual == pytest.approx(expected, rel=1e-8, abs=1e-9)


def test_default_temperature_is_a_half() -> None:
    z_i, z_j = pair()
    assert torch.equal(simclr_loss(z_i, z_j), simclr_loss(z_i, z_j, 0.5))
    assert simclr_loss(z_i, z_j).shape == ()


def test_invariances() -> None:
    """Order of images, order of views, a rotation, and each row's length leave the value."""
    (z_i, z_j), order, turn = pair(), torch.randperm(8), rotation(6)
    stretch = normal(8, 1, seed=2).exp()
    for views in (
        (z_i[order], z_j[order]),
        (z_j, z_i),
        (z_i @ turn, z_j @ turn),
        (z_i * stretch, z_j / stretch),
    ):
        torch.testing.assert_close(simclr_loss(*views), simclr_loss(z_i, z_j), **EXACT)


def test_input_is_not_changed_and_may_be_strided() -> None:
    assert_keeps_its_input(simclr_loss, *pair(), **EXACT)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_gradient_is_that_of_the_value(temperature: float) -> None:
    z_i, z_j = (z.requires_grad_() for z in pair(4, 3))
    assert torch.autograd.gradcheck(lambda a, b: simclr_loss(a, b, temperature), (z_i, z_j))


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("temperature", [1e-4, 0.01, 0.07, 0.5, 100.0])
def test_finite_at_every_temperature_and_precision(dtype, temperature) -> None:
    """With aligned, opposite and random pairs, in value and gradient."""
    z = normal(16, 24, dtype=dtype)
    for partner in (z, -z, normal(16, 24, seed=1, dtype=dtype)):
        z_i, z_j = z.clone().requires_grad_(), partner.clone().requires_grad_()
        loss = simclr_loss(z_i, z_j, temperature)
        loss.backward()
        assert loss.isfinite() and loss >= 0
        for view in (z_i, z_j):
            assert view.grad is not None and view.grad.isfinite().all()
            assert view.grad.dtype == dtype


@pytest.mark.parametrize("temperature", [0.01, 0.1])
def test_half_precision_is_computed_in_float32(temperature) -> None:
    views = normal(16, 24), normal(16, 24, seed=1)
    assert_half_becomes_single(partial(simclr_loss, temperature=temperature), *views)


@pytest.mark.parametrize("dtype", HALVES)
def test_short_and_long_rows_in_half_precision(dtype) -> None:
    """Squares of such rows leave the range of float16, and 1e-12 is zero in it."""
    for scale in (1e-4, 3e4):
        z = (unit_rows(4, 8) * scale).to(dtype)
        assert simclr_loss(z, z, 0.5).item() == pytest.approx(
            simclr_loss(z.double(), z.double(), 0.5).item(), rel=1e-4
        )
    zeros = torch.zeros(4, 8, dtype=dtype)
    assert simclr_loss(zeros, zeros).item() == pytest.approx(math.log(7), rel=1e-6)


def test_a_zero_row_is_orthogonal_to_all() -> None:
    z = aligned(3)
    z[0] = 0
    flat, others = math.log(5), math.log1p(4 / math.e)
    expected = (2 * flat + 4 * others) / 6
    assert simclr_loss(z, z, 1.0).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("dtype", HALVES)
def test_finite_under_autocast(dtype) -> None:
    z_i, z_j = normal(16, 24, dtype=torch.float32), normal(16, 24, seed=1, dtype=torch.float32)
    with torch.autocast("cpu", dtype=dtype):
        loss = simclr_loss(z_i, z_j, 0.01)
    assert loss.isfinite()
    assert loss.item() == pytest.approx(simclr_loss(z_i, z_j, 0.01).item(), rel=0.05)


def test_nan_in_is_nan_out() -> None:
    assert_passes_nan_on(simclr_loss, *pair(4, 3))


def test_nothing_is_larger_than_the_matrix_of_similarities() -> None:
    z_i, z_j = (z.requires_grad_() for z in pair(32, 16))
    with Sizes() as sizes:
        simclr_loss(z_i, z_j).backward()
    assert sizes.largest == 64 * 64


def test_everything_is_made_on_the_device_of_the_input() -> None:
    """The meta device has no numbers; it does refuse to meet a tensor of another device."""
    z = torch.empty(4, 3, device="meta")
    assert simclr_loss(z, z).device.type == "meta"


FINE = torch.ones(4, 3)


@pytest.mark.parametrize(("z_i", "z_j", "message"), bad_pairs("z_i", "z_j"))
def test_bad_tensors_are_refused(z_i, z_j, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        simclr_loss(z_i, z_j)


@pytest.mark.parametrize("temperature", [0, 0.0, -0.5, math.nan, math.inf])
def test_bad_temperature_is_refused(temperature) -> None:
    with pytest.raises(ValueError, match="^temperature must be a finite number above 0"):
        simclr_loss(FINE, FINE, temperature)


@pytest.mark.parametrize("temperature", [0.05, 0.1, 0.5, 1.0])
@pytest.mark.parametrize(("n", "d"), [(2, 4), (16, 8), (33, 64)])
def test_equals_lightly(n: int, d: int, temperature: float) -> None:
    """Value and gradient of lightly's NTXentLoss."""
    peer = lightly().NTXentLoss(temperature=temperature)
    assert_same(lambda *views: simclr_loss(*views, temperature), peer, *pair(n, d), **EXACT)
