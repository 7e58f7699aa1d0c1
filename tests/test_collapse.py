"""Spread and effective rank: closed forms, loops, invariances, precision, bad input."""

import math

import pytest
import torch
from helpers import normal, rotation, unit_rows
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import effective_rank, embedding_std

HALVES = [torch.float16, torch.bfloat16]
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


# --- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 7, 64])
def test_spread_out_evenly(d: int) -> None:
    """As healthy as can be: std 1 and every dimension a direction."""
    assert embedding_std(cross(d)).item() == pytest.approx(1, abs=1e-12)
    assert effective_rank(cross(d)).item() == pytest.approx(d, rel=1e-12)


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


def test_rank_two_hides_from_the_deviation() -> None:
    assert embedding_std(circle()).item() == pytest.approx(1, abs=1e-12)
    assert effective_rank(circle()).item() == pytest.approx(2, abs=1e-6)


@pytest.mark.parametrize("angle", [0.1, 0.5, 1.2])
def test_a_cone(angle: float) -> None:
    """Rows at one angle to an axis, all around it: the mean is the part along the axis.

    Around: std is sin(angle)/sqrt(D - 1) in each of D - 1 dimensions, none along the axis.
    """
    d = 9
    around = cross(d - 1)
    axis = torch.ones(len(around), 1, dtype=torch.float64)
    z = torch.cat([math.cos(angle) * axis, math.sin(angle) * around], dim=1)
    expected = math.sin(angle) * math.sqrt(d - 1) / math.sqrt(d)
    assert embedding_std(z).item() == pytest.approx(expected, abs=1e-12)
    assert effective_rank(z).item() == pytest.approx(d - 1, rel=1e-9)


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


@given(n=st.integers(2, 12), d=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_bounds(n, d, seed) -> None:
    """Deviation at most the root of 1 minus the squared mean; rank at most N - 1 and D."""
    z = normal(n, d, seed=seed) + normal(1, d, seed=seed + 1)
    mean = (z / z.norm(dim=1, keepdim=True)).mean(0)
    assert 0 <= embedding_std(z).item() <= math.sqrt(max(0, 1 - mean.square().sum())) + 1e-7
    assert 1 - 1e-9 <= effective_rank(z).item() <= min(n - 1, d) + 1e-9


@pytest.mark.parametrize("n", [2, 5, 17])
def test_rank_is_capped_by_the_batch(n: int) -> None:
    """N orthogonal rows have N - 1 directions about their mean, however many dimensions."""
    assert effective_rank(torch.eye(n, 64).double()).item() == pytest.approx(n - 1, rel=1e-9)


def test_isotropic_noise_is_healthy() -> None:
    z = normal(4096, 32)
    assert embedding_std(z).item() == pytest.approx(1, abs=0.01)
    assert effective_rank(z).item() == pytest.approx(32, abs=0.1)


@pytest.mark.parametrize("name", MEASURES)
def test_falls_as_rows_approach_a_point(name: str) -> None:
    """Std falls toward a common direction; rank falls toward a common line."""
    z, direction = normal(64, 16), signs(16)
    along = (z @ direction)[:, None] * direction
    end = direction.expand(64, 16) if name == "embedding_std" else along
    values = [measure(name)(torch.lerp(z, end, share)).item() for share in (0, 0.25, 0.5, 0.9, 1)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1] + 0.9


def test_batch_normalization_hides_a_collapse_from_the_deviation() -> None:
    """Rows near a point in a rank of one: standardized columns, std near 1, rank still 1."""
    side = normal(256, 1)
    z = 3 * signs(16) + 0.01 * side * signs(16, seed=1)
    assert embedding_std(z).item() < 0.02
    standardized = (z - z.mean(0)) / z.std(0)
    assert embedding_std(standardized).item() > 0.99
    assert effective_rank(standardized).item() == pytest.approx(1, abs=1e-5)


# --- what must not matter -------------------------------------------------------------------


@given(n=st.integers(2, 9), d=st.integers(2, 7), seed=st.integers(0, 10**6))
def test_invariances_of_the_deviation(n, d, seed) -> None:
    """Order of rows and dimensions, the length of each row, a sign for each dimension."""
    z = normal(n, d, seed=seed)
    rows = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    columns = torch.randperm(d, generator=torch.Generator().manual_seed(seed))
    expected = pytest.approx(embedding_std(z).item(), rel=1e-9)
    stretch = normal(n, 1, seed=seed + 1).exp()
    for other in (z[rows], z[:, columns], 1000 * z, z * stretch, z * signs(d, seed), -z):
        assert embedding_std(other).item() == expected


@given(
    n=st.integers(3, 9), d=st.integers(2, 7), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 10**6)
)
def test_invariances_of_the_rank(n, d, scale, seed) -> None:
    """Order, one factor for all, a shift of all, a rotation; a copy of every row."""
    z = normal(n, d, seed=seed)
    rows = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    expected = pytest.approx(effective_rank(z).item(), rel=1e-6)
    shift = 10 * normal(1, d, seed=seed + 1)
    for other in (z[rows], scale * z, z + shift, z @ rotation(d, seed), torch.cat([z, z]), -z):
        assert effective_rank(other).item() == expected


def test_lengths_do_matter_to_the_rank() -> None:
    """A row is not scaled: a single long one takes the spectrum over."""
    z = unit_rows(32, 8)
    z[0] *= 1e4
    assert effective_rank(z).item() < 1.1
    assert embedding_std(z).item() > 0.9


@pytest.mark.parametrize("name", MEASURES)
def test_input_is_not_changed_and_may_be_strided(name: str) -> None:
    z = normal(12, 5)
    before = z.clone()
    value = measure(name)(z)
    assert torch.equal(z, before)
    assert measure(name)(z.T.contiguous().T).item() == pytest.approx(value.item(), rel=1e-12)
    assert value.shape == ()


@pytest.mark.parametrize("name", MEASURES)
def test_gradient_is_that_of_the_value(name: str) -> None:
    assert torch.autograd.gradcheck(measure(name), normal(7, 4).requires_grad_())


# --- numbers at the edge --------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_is_computed_in_float32(name: str, dtype) -> None:
    for scale in (1e-4, 1.0, 1e4):
        z = (scale * unit_rows(24, 8)).to(dtype)
        value = measure(name)(z)
        assert value.dtype == torch.float32
        assert torch.equal(value, measure(name)(z.float()))
        assert value.item() == pytest.approx(measure(name)(z.double()).item(), rel=1e-4)


@pytest.mark.parametrize("name", MEASURES)
def test_float64_is_kept(name: str) -> None:
    assert measure(name)(normal(6, 4)).dtype == torch.float64


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


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    ("z", "message"),
    [
        (torch.ones(1, 3), "z must have at least 2 rows"),
        (torch.ones(3), "z must be a non-empty matrix"),
        (torch.ones(2, 3, 4), "z must be a non-empty matrix"),
        (torch.ones(0, 3), "z must be a non-empty"),
        (torch.ones(3, 3).long(), "z must be floating point"),
        ([[1.0]], "z must be a tensor"),
    ],
)
def test_bad_tensors_are_refused(name: str, z, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        measure(name)(z)
