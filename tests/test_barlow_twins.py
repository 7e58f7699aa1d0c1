"""The cross-correlation and its loss: a loop, closed forms, invariances, gradients, a peer."""

import math

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

from lesson_code import barlow_twins_loss, cross_correlation

EXACT = {"rtol": 1e-10, "atol": 1e-10}


def loop_correlation(z_1: torch.Tensor, z_2: torch.Tensor) -> list[list[float]]:
    """Spell equation 2 of Barlow Twins out, one number at a time."""

    def centered(column: torch.Tensor) -> list[float]:
        numbers = column.tolist()
        mean = math.fsum(numbers) / len(numbers)
        return [number - mean for number in numbers]

    def length(numbers: list[float]) -> float:
        return math.sqrt(math.fsum(number * number for number in numbers))

    first, second = [centered(column) for column in z_1.T], [centered(column) for column in z_2.T]
    return [
        [math.fsum(x * y for x, y in zip(a, b)) / (length(a) * length(b)) for b in second]
        for a in first
    ]


def loop(z_1: torch.Tensor, z_2: torch.Tensor, lambd: float) -> float:
    """Spell equation 1 of Barlow Twins out."""
    total = 0.0
    for i, row in enumerate(loop_correlation(z_1, z_2)):
        for j, entry in enumerate(row):
            total += (1 - entry) ** 2 if i == j else lambd * entry**2
    return total


def pair(n: int = 16, d: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Two views that have something in common."""
    z = normal(n, d, seed=seed)
    return z, z @ normal(d, d, seed=seed + 1) + 0.5 * normal(n, d, seed=seed + 2)


#: Four rows, two columns that are orthogonal, each with mean 0: a table of signs.
SIGNS = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float64)


# --- values ---------------------------------------------------------------------------------


def test_correlation_by_hand() -> None:
    """The second view keeps column 0, and its column 1 is the sum of both."""
    second = torch.stack([SIGNS[:, 0], SIGNS.sum(1)], dim=1)
    half = math.sqrt(0.5)
    expected = torch.tensor([[1, half], [0, half]], dtype=torch.float64)
    torch.testing.assert_close(cross_correlation(SIGNS, second), expected, **EXACT)
    # ... and with the views changed over it is the transpose.
    torch.testing.assert_close(cross_correlation(second, SIGNS), expected.T, **EXACT)


def test_loss_by_hand() -> None:
    second = torch.stack([SIGNS[:, 0], SIGNS.sum(1)], dim=1)
    expected = (1 - math.sqrt(0.5)) ** 2 + 0.1 * 0.5
    assert barlow_twins_loss(SIGNS, second, 0.1).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(3, 12), d=st.integers(1, 8), lambd=st.floats(1e-4, 10), seed=st.integers(0, 10**6)
)
@example(n=2, d=1, lambd=0.005, seed=0)
@example(n=9, d=20, lambd=30.0, seed=0)
def test_equals_the_loop(n, d, lambd, seed) -> None:
    z_1, z_2 = pair(n, d, seed)
    expected = torch.tensor(loop_correlation(z_1, z_2), dtype=torch.float64)
    torch.testing.assert_close(cross_correlation(z_1, z_2), expected, rtol=1e-8, atol=1e-9)
    actual = barlow_twins_loss(z_1, z_2, lambd).item()
    assert actual == pytest.approx(loop(z_1, z_2, lambd), rel=1e-8, abs=1e-9)


def test_default_weight_is_that_of_the_paper() -> None:
    z_1, z_2 = pair()
    assert torch.equal(barlow_twins_loss(z_1, z_2), barlow_twins_loss(z_1, z_2, 0.005))
    assert not torch.equal(barlow_twins_loss(z_1, z_2), barlow_twins_loss(z_1, z_2, 0.0051))
    assert barlow_twins_loss(z_1, z_2).shape == ()


# --- what must not matter, and what must ----------------------------------------------------


def test_invariances() -> None:
    """Order of images, of dimensions and of views, scale and offset of each dimension."""
    (z_1, z_2), rows, columns = pair(), torch.randperm(16), torch.randperm(5)
    stretch, shift = normal(1, 5, seed=3).exp(), 10 * normal(1, 5, seed=4)
    for views in (
        (z_1[rows], z_2[rows]),
        (z_1[:, columns], z_2[:, columns]),
        (z_2, z_1),
        (z_1 * stretch + shift, z_2 / stretch - shift),
    ):
        torch.testing.assert_close(barlow_twins_loss(*views), barlow_twins_loss(z_1, z_2), **EXACT)


def test_input_is_not_changed_and_may_be_strided() -> None:
    assert_keeps_its_input(barlow_twins_loss, *pair(), **EXACT)
    assert_keeps_its_input(cross_correlation, *pair(), **EXACT)


# --- gradient -------------------------------------------------------------------------------


@pytest.mark.parametrize("lambd", [0.005, 1.0])
def test_gradient_is_that_of_the_value(lambd: float) -> None:
    z_1, z_2 = (z.requires_grad_() for z in pair(6, 3))
    assert torch.autograd.gradcheck(lambda a, b: barlow_twins_loss(a, b, lambd), (z_1, z_2))
    assert torch.autograd.gradcheck(cross_correlation, (z_1, z_2))


# --- dimensions without variance ------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("constant", [0.0, 0.1, -3.3, 1e-3, 1e4])
@pytest.mark.parametrize("n", [2, 7, 300])
def test_a_constant_dimension_correlates_with_nothing(n, constant, dtype) -> None:
    """Also where 0.1 is no binary number and its mean not quite itself."""
    z_1, z_2 = normal(n, 4, dtype=dtype), normal(n, 4, seed=1, dtype=dtype)
    z_1[:, 2] = constant
    z_1.requires_grad_()
    z_2.requires_grad_()
    c = cross_correlation(z_1, z_2)
    assert (c[2] == 0).all()
    assert c.isfinite().all()
    loss = barlow_twins_loss(z_1, z_2)
    loss.backward()
    assert loss.isfinite()
    assert z_1.grad.isfinite().all() and z_2.grad.isfinite().all()
    assert (z_1.grad[:, 2] == 0).all()


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
def test_total_collapse_costs_one_each_dimension(dtype) -> None:
    """Every image alike: C is zero, the loss is D, and nothing is NaN."""
    z = torch.full((32, 6), 0.7, dtype=dtype, requires_grad=True)
    loss = barlow_twins_loss(z, z)
    loss.backward()
    assert loss.item() == 6
    assert (z.grad == 0).all()
    assert (cross_correlation(z, z) == 0).all()


def test_a_small_variation_is_no_constant() -> None:
    """A dimension on a small scale, or on a large offset, still counts in full."""
    z = normal(64, 3, dtype=torch.float32)
    for scale, offset in [(1e-12, 0.0), (1.0, 1000.0), (1e8, 0.0), (1e-12, 1e-9)]:
        diagonal = cross_correlation(z, scale * z + offset).diagonal()
        torch.testing.assert_close(diagonal, torch.ones(3), rtol=0, atol=1e-3)
    scales = torch.tensor([1e-8, 1.0, 1e8])  # each dimension has its own rounding
    torch.testing.assert_close(cross_correlation(z, scales * z), cross_correlation(z, z))


# --- numbers at the edge --------------------------------------------------------------------


def test_half_precision_is_computed_in_float32() -> None:
    z_1, z_2 = normal(300, 24), normal(300, 24, seed=1)
    assert_half_becomes_single(barlow_twins_loss, z_1, z_2 + z_1)
    assert cross_correlation(z_1.half(), z_2.half()).dtype == torch.float32


@pytest.mark.parametrize("scale", [1e-4, 3e3])
def test_small_and_large_numbers_in_half_precision(scale) -> None:
    """Squares of these leave the range of float16."""
    z = (normal(64, 8) * scale).to(torch.float16)
    expected = barlow_twins_loss(z.double(), z.double()).item()
    assert barlow_twins_loss(z, z).item() == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_the_wider_type_of_two_is_kept() -> None:
    z_1, z_2 = pair()
    assert cross_correlation(z_1.float(), z_2).dtype == torch.float64


@pytest.mark.parametrize("dtype", HALVES)
def test_finite_under_autocast(dtype) -> None:
    z_1, z_2 = (z.float() for z in pair(64, 16))
    with torch.autocast("cpu", dtype=dtype):
        loss = barlow_twins_loss(z_1, z_2)
    assert loss.item() == pytest.approx(barlow_twins_loss(z_1, z_2).item(), rel=0.05)


def test_nan_in_is_nan_out() -> None:
    assert_passes_nan_on(barlow_twins_loss, *pair(4, 3))
    assert_passes_nan_on(cross_correlation, *pair(4, 3))


def test_nothing_is_larger_than_the_matrix_of_correlations() -> None:
    z_1, z_2 = (z.requires_grad_() for z in pair(8, 64))
    with Sizes() as sizes:
        barlow_twins_loss(z_1, z_2).backward()
    assert sizes.largest == 64 * 64


# --- devices and bad input ------------------------------------------------------------------


def test_everything_is_made_on_the_device_of_the_input() -> None:
    """The meta device has no numbers; it does refuse to meet a tensor of another device."""
    z = torch.empty(4, 3, device="meta")
    assert barlow_twins_loss(z, z).device.type == "meta"
    assert cross_correlation(z, z).shape == (3, 3)


@pytest.mark.parametrize(("z_1", "z_2", "message"), bad_pairs("z_1", "z_2"))
def test_bad_tensors_are_refused(z_1, z_2, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        cross_correlation(z_1, z_2)
    with pytest.raises(ValueError, match=f"^{message}"):
        barlow_twins_loss(z_1, z_2)


@pytest.mark.parametrize("lambd", [0, 0.0, -0.5, math.nan, math.inf])
def test_bad_weight_is_refused(lambd) -> None:
    with pytest.raises(ValueError, match="^lambd must be a finite number above 0"):
        barlow_twins_loss(normal(4, 3), normal(4, 3), lambd)


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lambd", [0.005, 0.0051, 1.0])
@pytest.mark.parametrize(("n", "d"), [(4, 2), (16, 8), (33, 64)])
def test_equals_lightly(n: int, d: int, lambd: float) -> None:
    """Value and gradient of lightly's BarlowTwinsLoss, but for its 1e-5 under each root.

    On a scale of 1000 that number is lost, and the gradient is a thousandth.
    """
    scaled = [1000 * z for z in pair(n, d)]
    peer = lightly().BarlowTwinsLoss(lambda_param=lambd)
    assert_same(
        lambda *views: barlow_twins_loss(*views, lambd), peer, *scaled, rtol=1e-7, atol=1e-11
    )
