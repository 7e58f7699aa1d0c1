"""Spread and effective rank: closed forms, loops, invariances, precision, bad input."""

import math

import pytest
import torch
from helpers import (
    HALVES,
    assert_half_becomes_single,
    assert_keeps_its_input,
    normal,
    rotation,
    unit_rows,
)
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import effective_rank, embedding_std

MEASURES = ["embedding_std", "effective_rank"]


def measure(name: str):
    """Look the function up when a test runs, so that a wrong variant is seen."""
    return globals()[name]


def spread_loop(z: torch.Tensor) -> float:
    """Spell the definition out, one number at a time."""
    rows = z.tolist()
    units = [[x / math.sqrt(math.fsum(y * y for y in row)) for x in row] for row in rows]
    deviations = []
    for column in zip(*units):
        mean = math.fsum(column) / len(column)
        variance = math.fsum((x - mean) ** 2 for x in column) / len(column)
        deviations.append(math.sqrt(variance))
    return math.sqrt(len(deviations)) * math.fsum(deviations) / len(deviations)


def rank_loop(z: torch.Tensor) -> float:
    """From the eigenvalues of the covariance, whose roots are as the singular values."""
    centered = z - z.mean(0)
    spectrum = [math.sqrt(max(x, 0)) for x in torch.linalg.eigvalsh(centered.T @ centered)]
    shares = [x / sum(spectrum) for x in spectrum]
    return math.exp(-math.fsum(p * math.log(p) for p in shares if p > 1e-7))


def cross(d: int) -> torch.Tensor:
    """The 2D ends of the axes: their mean is zero, and all directions are alike."""
    return torch.cat([torch.eye(d), -torch.eye(d)]).double()


def signs(d: int, seed: int = 0) -> torch.Tensor:
    """A unit vector of which no coordinate is larger than another."""
    return normal(d, seed=seed).sign() / d**0.5


def rank_one(n: int = 8, d: int = 16) -> torch.Tensor:
    """Half of the rows point one way, the other half the opposite way."""
    side = torch.ones(n, 1, dtype=torch.float64)
    side[1::2] = -1
    return side * signs(d)


def circle(n: int = 12, d: int = 16) -> torch.Tensor:
    """Evenly spaced points on a circle of a plane that favors no coordinate."""
    turn = torch.arange(n, dtype=torch.float64)[:, None] * 2 * math.pi / n
    phase = torch.arange(d, dtype=torch.float64) * 2 * math.pi / d
    return (turn + phase).cos() * (2 / d) ** 0.5


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1000.0])
def test_complete_collapse_is_zero(name: str, dtype, scale: float) -> None:
    """All rows equal, though a mean of them need not be that row to the last digit."""
    z = (scale * normal(1, 33)).to(dtype).expand(100, 33)
    value = measure(name)(z)
    assert value.item() == pytest.approx(0, abs=1e-3 if name == "embedding_std" else 0)


def test_complete_collapse_up_to_rounding() -> None:
    """Noise of the last digit is no direction: without a floor the rank would be about 30."""
    one = normal(1, 33, dtype=torch.float32)
    z = one + 1e-8 * normal(100, 33, dtype=torch.float32)
    assert 0 < (z - one).abs().max() < 1e-6
    assert effective_rank(z).item() < 2


def test_rank_one_hides_from_the_deviation() -> None:
    """Two opposite points: std is 1, exactly as healthy, and the rank is 1."""
    assert embedding_std(rank_one()).item() == pytest.approx(1, abs=1e-12)
    assert effective_rank(rank_one()).item() == pytest.approx(1, abs=1e-6)


def test_std_by_hand() -> None:
    """(1, 0) and (0, 1): deviation 1/2 in both dimensions, times the root of 2."""
    assert embedding_std(torch.eye(2).double()).item() == pytest.approx(math.sqrt(0.5), abs=1e-15)


@pytest.mark.parametrize("ratio", [1.0, 0.5, 0.1, 1e-3])
def test_rank_by_hand(ratio: float) -> None:
    """Two directions with singular values 1 : ratio."""
    z = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, ratio], [0.0, -ratio]]).double()
    p, q = 1 / (1 + ratio), ratio / (1 + ratio)
    expected = math.exp(-p * math.log(p) - q * math.log(q))
    assert effective_rank(z).item() == pytest.approx(expected, rel=1e-7)


@given(n=st.integers(2, 12), d=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_equal_the_loops(n, d, seed) -> None:
    z = normal(n, d, seed=seed) + 0.3
    assert embedding_std(z).item() == pytest.approx(spread_loop(z), rel=1e-9)
    assert effective_rank(z).item() == pytest.approx(rank_loop(z), rel=1e-4)


def test_invariances() -> None:
    """Order of rows and one factor; each row's length or a rotation and a shift of all."""
    z, stretch, shift = normal(9, 7), normal(9, 1, seed=1).exp(), 10 * normal(1, 7, seed=2)
    for other in (z[torch.randperm(9)], 1000 * z, -z, z * stretch):
        assert embedding_std(other).item() == pytest.approx(embedding_std(z).item(), rel=1e-9)
    for other in (z[torch.randperm(9)], 1000 * z, -z, z @ rotation(7), z + shift):
        assert effective_rank(other).item() == pytest.approx(effective_rank(z).item(), rel=1e-6)


@pytest.mark.parametrize("name", MEASURES)
def test_input_is_not_changed_and_may_be_strided(name: str) -> None:
    assert_keeps_its_input(measure(name), normal(12, 5))
    assert measure(name)(normal(12, 5)).shape == ()


@pytest.mark.parametrize("name", MEASURES)
def test_gradient_is_that_of_the_value(name: str) -> None:
    assert torch.autograd.gradcheck(measure(name), normal(7, 4).requires_grad_())


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_half_precision_is_computed_in_float32(name: str, scale: float) -> None:
    assert_half_becomes_single(measure(name), scale * unit_rows(24, 8))


@pytest.mark.parametrize("scale", [1e-18, 1e18])
def test_rank_of_tiny_and_huge_numbers(scale: float) -> None:
    """Their squares leave the range of float32."""
    z = (cross(5) * scale).float()
    assert effective_rank(z).item() == pytest.approx(5, rel=1e-5)


def test_a_narrow_cone_keeps_its_rank() -> None:
    """Rows that agree in three digits and differ in the fourth: rare noise is not what it is."""
    z = (1 + 1e-3 * cross(6)).float()
    assert effective_rank(z).item() == pytest.approx(6, rel=1e-3)


def test_a_zero_row_has_no_direction() -> None:
    z = torch.tensor([[0.0, 0.0], [1.0, 0.0]]).double()
    assert embedding_std(z).item() == pytest.approx(math.sqrt(2) / 4, abs=1e-12)
    assert embedding_std(torch.zeros(3, 4)).item() == 0
    assert effective_rank(torch.zeros(3, 4)).item() == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_is_not_hidden(bad: float) -> None:
    z = normal(5, 3)
    z[2, 1] = bad
    assert embedding_std(z).isnan()
    with pytest.raises(ValueError, match="^z must be finite"):
        effective_rank(z)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    ("z", "message"),
    [
        (torch.ones(1, 3), "z must have at least 2 rows"),
        (torch.ones(3), "z must be a non-empty matrix"),
        ([[1.0]], "z must be a tensor"),
    ],
)
def test_bad_tensors_are_refused(name: str, z, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        measure(name)(z)
