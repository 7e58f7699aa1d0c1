"""Significance: hand values, the binomial, coverage, SciPy as another author, bad input."""

import math
import statistics

import pytest
import torch
from helpers import normal
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import bootstrap_interval, mcnemar_test, paired_difference, sample_deviation


def row(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


def answers(both: int, first: int, second: int, neither: int = 0) -> tuple[torch.Tensor, ...]:
    """Two rows of hits with so many images that both, one or neither name right."""
    counts = (both, first, second, neither)
    pairs = [(1, 1), (1, 0), (0, 1), (0, 0)]
    hits = [pair for pair, n in zip(pairs, counts) for _ in range(n)]
    return tuple(torch.tensor(hits, dtype=torch.bool).T)


def test_deviation_by_hand() -> None:
    """Squares around 0.95 add up to 0.0002; half of it is 0.01 squared."""
    assert sample_deviation(row(0.94, 0.95, 0.96)) == pytest.approx(0.01, rel=1e-12)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9))
def test_deviation_is_that_of_the_standard_library(numbers) -> None:
    assert sample_deviation(row(*numbers)) == pytest.approx(statistics.stdev(numbers), abs=1e-9)


def test_deviation_of_half_precision_is_computed_in_double() -> None:
    numbers = row(1000.0, 1001.0, 1002.0)
    assert sample_deviation(numbers.to(torch.float16)) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("numbers", [row(1.0), normal(2, 2), torch.tensor([1, 2]), [1.0, 2.0]])
def test_deviation_refuses(numbers) -> None:
    with pytest.raises(ValueError, match="^numbers must be"):
        sample_deviation(numbers)


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # one coin falls on one of its sides always
        (3, 3, 1.0),
        (5, 0, 2 / 32),
        (0, 6, 2 / 64),
        (1, 5, 2 * (1 + 6) / 64),
        (2, 4, 2 * (1 + 6 + 15) / 64),
    ],
)
def test_mcnemar_by_hand(first, second, p) -> None:
    """Two sides of the binomial distribution, the smaller count and less."""
    assert mcnemar_test(*answers(7, first, second, 3)) == pytest.approx(p, rel=1e-12)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_the_binomial_test(first, second) -> None:
    stats = pytest.importorskip("scipy.stats")
    expected = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar_test(*answers(5, first, second, 5)) == pytest.approx(expected, rel=1e-9)


def test_thousands_of_disagreements_do_not_overflow() -> None:
    assert mcnemar_test(*answers(0, 3000, 3000)) == 1.0
    assert 0 <= mcnemar_test(*answers(0, 3300, 2700)) < 1e-12


@pytest.mark.parametrize("bad", [torch.ones(3), torch.ones(0).bool(), torch.ones(1, 3).bool(), [1]])
def test_mcnemar_refuses(bad) -> None:
    good = torch.ones(3, dtype=torch.bool)
    with pytest.raises(ValueError, match="^first must be"):
        mcnemar_test(bad, good)
    with pytest.raises(ValueError, match="^second must be"):
        mcnemar_test(good, bad)
    with pytest.raises(ValueError, match="^second must have an answer for each of 3 images, got 2"):
        mcnemar_test(good, good[:2])


def test_bounds_of_two_values_by_hand() -> None:
    """Means are 0, 1/2, 1/2, 1: a quarter lies on each end."""
    assert bootstrap_interval(row(0, 1), level=0.95) == (0.0, 1.0)
    assert bootstrap_interval(row(0, 1), level=0.4) == (0.5, 0.5)


def test_scipy_finds_nearly_the_same() -> None:
    stats, np = pytest.importorskip("scipy.stats"), pytest.importorskip("numpy")
    values = normal(60, seed=2).exp()
    theirs = stats.bootstrap((values.numpy(),), np.mean, method="percentile", rng=0)
    assert bootstrap_interval(values) == pytest.approx(theirs.confidence_interval, abs=0.03)


def test_units_are_drawn_whole() -> None:
    """Of copies nothing is learned: ten of each number give the bounds of the numbers."""
    values = normal(12, seed=3)
    copies, units = values.repeat_interleave(10), torch.arange(12).repeat_interleave(10) * 7 + 3
    assert bootstrap_interval(copies, units) == pytest.approx(bootstrap_interval(values))
    order = torch.randperm(120, generator=torch.Generator().manual_seed(0))
    shuffled = bootstrap_interval(copies[order], units[order])
    assert shuffled == pytest.approx(bootstrap_interval(values))
    alone = bootstrap_interval(copies)
    assert alone[1] - alone[0] < 0.5 * (shuffled[1] - shuffled[0])


def test_a_unit_counts_by_its_size() -> None:
    """Nine zeros of one unit, one 1 of another: the mean of both is a tenth."""
    low, high = bootstrap_interval(row(*[0.0] * 9, 1.0), torch.tensor([0] * 9 + [1]), level=0.4)
    assert low == high == pytest.approx(0.1)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    samples = normal(200, 50, seed=4)
    intervals = [bootstrap_interval(one, resamples=400, level=0.9) for one in samples]
    held = statistics.fmean(low <= 0 <= high for low, high in intervals)
    assert 0.83 < held < 0.96


def test_draws_follow_the_seed_and_leave_the_global_generator() -> None:
    values, before = normal(30), torch.random.get_rng_state()
    bounds = [bootstrap_interval(values, resamples=50, seed=seed) for seed in (0, 0, 1)]
    assert bounds[0] == bounds[1] != bounds[2]
    assert bootstrap_interval(values) == bootstrap_interval(values, resamples=10_000, seed=0)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"values": normal(2, 2)}, "values must be a row, got shape"),
        ({"values": torch.tensor([1, 2])}, "values must be floating point"),
        ({"values": row(1.0, math.nan)}, "values must be finite"),
        ({"units": torch.arange(3)}, "units must be one for each of 4 values"),
        ({"units": [0, 0, 1, 1]}, "units must be one for each of 4 values"),
        ({"level": 1.0}, "level must be between 0 and 1"),
        ({"level": 0}, "level must be between 0 and 1"),
        ({"resamples": 0}, "resamples must be a whole number above 0"),
    ],
)
def test_bootstrap_refuses(changed, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        bootstrap_interval(**({"values": normal(4)} | changed))


def test_difference_in_pairs() -> None:
    first, second = normal(80, seed=5), normal(80, seed=6)
    difference, low, high = paired_difference(first, second)
    assert difference == pytest.approx((first - second).mean().item())
    assert (low, high) == bootstrap_interval(first - second)
    units = torch.arange(80) // 10
    bounds = paired_difference(first, second, units, level=0.8)[1:]
    assert bounds == bootstrap_interval(first - second, units, level=0.8)


def test_difference_refuses_what_is_not_of_the_same_images() -> None:
    with pytest.raises(ValueError, match="^second must have the shape of first"):
        paired_difference(normal(4), normal(5))
