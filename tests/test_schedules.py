"""The schedules at their ends, in the middle, in between, and outside."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import cosine_momentum, linear_warmup


@pytest.mark.parametrize("base", [0.0, 0.5, 0.97, 0.99, 0.996, 1.0])
@pytest.mark.parametrize("total", [1, 2, 100, 12345])
def test_momentum_starts_at_the_base_and_ends_at_one(base: float, total: int) -> None:
    assert cosine_momentum(0, total, base) == base
    assert cosine_momentum(total, total, base) == 1.0


def test_momentum_by_hand() -> None:
    """Halfway it is halfway; after a third the cosine is a half, after two thirds minus that."""
    assert cosine_momentum(50, 100, 0.996) == pytest.approx(0.998, abs=1e-15)
    assert cosine_momentum(1, 3, 0.0) == pytest.approx(0.25, abs=1e-15)
    assert cosine_momentum(2, 3, 0.0) == pytest.approx(0.75, abs=1e-15)
    assert cosine_momentum(9, 10, 0.996) == pytest.approx(0.9999021130325903, abs=1e-15)


@given(total=st.integers(1, 10**6), base=st.floats(0, 1), data=st.data())
def test_momentum_follows_the_formula(total: int, base: float, data) -> None:
    step = data.draw(st.integers(0, total))
    expected = 1 - (1 - base) * (math.cos(math.pi * step / total) + 1) / 2
    momentum = cosine_momentum(step, total, base)
    assert momentum == pytest.approx(expected, abs=1e-12)
    assert 0 <= momentum <= 1
    mirrored = cosine_momentum(total - step, total, base)
    assert momentum + mirrored == pytest.approx(1 + base, abs=1e-12)
    if step < total:
        assert cosine_momentum(step + 1, total, base) >= momentum - 1e-15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 10, 0.9), "step must be from 0 to 10, got -1"),
        ((11, 10, 0.9), "step must be from 0 to 10, got 11"),
        ((math.nan, 10, 0.9), "step must be from 0 to 10, got nan"),
        ((0, 0, 0.9), "total_steps must be a finite number above 0, got 0"),
        ((0, -5, 0.9), "total_steps must be a finite number above 0, got -5"),
        ((0, 10, 1.1), "base must be from 0 to 1, got 1.1"),
        ((0, 10, -0.1), "base must be from 0 to 1, got -0.1"),
        ((0, 10, math.nan), "base must be from 0 to 1, got nan"),
    ],
)
def test_momentum_refuses(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        cosine_momentum(*arguments)


def test_warmup_by_hand() -> None:
    """The teacher temperature of DINO over 30 epochs of warm-up."""
    assert linear_warmup(0, 30, 0.04, 0.07) == 0.04
    assert linear_warmup(10, 30, 0.04, 0.07) == pytest.approx(0.05, abs=1e-15)
    assert linear_warmup(29, 30, 0.04, 0.07) == pytest.approx(0.069, abs=1e-15)
    assert linear_warmup(30, 30, 0.04, 0.07) == 0.07
    assert linear_warmup(1000, 30, 0.04, 0.07) == 0.07


def test_no_warmup_is_the_end_at_once() -> None:
    assert linear_warmup(0, 0, 0.04, 0.07) == 0.07
    assert linear_warmup(5, 0, 0.04, 0.07) == 0.07


def test_no_warmup_divides_by_nothing() -> None:
    try:
        value = linear_warmup(0, 0, 0.04, 0.07)
    except ZeroDivisionError:
        pytest.fail("a warm-up of 0 steps is a division by zero")
    assert value == 0.07


@given(
    step=st.integers(0, 2000),
    steps=st.integers(1, 1000),
    start=st.floats(-1e3, 1e3),
    end=st.floats(-1e3, 1e3),
)
def test_warmup_is_a_line_then_a_constant(step: int, steps: int, start: float, end: float) -> None:
    value = linear_warmup(step, steps, start, end)
    share = min(step / steps, 1)
    assert value == pytest.approx((1 - share) * start + share * end, abs=1e-9)
    assert linear_warmup(0, steps, start, end) == start
    assert linear_warmup(steps, steps, start, end) == end
    assert min(start, end) - 1e-9 <= value <= max(start, end) + 1e-9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 10, 0.0, 1.0), "step must be 0 or more, got -1"),
        ((0, -1, 0.0, 1.0), "warmup_steps must be 0 or more, got -1"),
        ((math.nan, 10, 0.0, 1.0), "step must be finite, got nan"),
        ((0, math.inf, 0.0, 1.0), "warmup_steps must be finite, got inf"),
        ((0, 10, math.nan, 1.0), "start must be finite, got nan"),
        ((20, 10, 0.0, math.inf), "end must be finite, got inf"),
    ],
)
def test_warmup_refuses(arguments, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        linear_warmup(*arguments)
