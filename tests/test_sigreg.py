"""SIGReg and LeJEPA's loss: by hand, loops, collapse, gradient, extremes, bad input."""

import cmath
import math

import pytest
import torch
from helpers import normal

from lesson_code import lejepa_loss, sigreg_loss

ONE = torch.ones(1, 1, dtype=torch.float64)


def integral(x: list[float], points: int) -> float:
    """The statistic of numbers on a line, term by term as its equation has it."""
    step, total = 3 / (points - 1), 0.0
    for k in range(points):
        t = k * step
        seen = sum(cmath.exp(1j * t * one) for one in x) / len(x)
        gap = abs(seen - math.exp(-(t**2) / 2)) ** 2 * math.exp(-(t**2) / 2)
        total += gap * step * (0.5 if k in (0, points - 1) else 1.0)
    return 2 * len(x) * total


def loop(z: torch.Tensor, directions: torch.Tensor) -> float:
    """Each direction scaled, each row projected, one at a time."""
    values = []
    for a in directions.T.tolist():
        length = math.sqrt(math.fsum(c * c for c in a))
        x = [math.fsum(c * e for c, e in zip(a, row)) / length for row in z.tolist()]
        values.append(integral(x, 17))
    return math.fsum(values) / len(values)


def test_one_row_of_zero_by_hand() -> None:
    """The gap is 1 - exp(-t^2/2) without an imaginary part; here on its 17 points."""
    t = [3 * k / 16 for k in range(17)]
    gap = [(1 - math.exp(-(s**2) / 2)) ** 2 * math.exp(-(s**2) / 2) for s in t]
    by_hand = 2 * 3 / 16 * (math.fsum(gap) - gap[16] / 2)
    assert sigreg_loss(0 * ONE, ONE).item() == pytest.approx(by_hand, rel=1e-12)
    assert by_hand == pytest.approx(0.402, abs=5e-4)


@pytest.mark.parametrize(("rows", "columns", "count"), [(1, 1, 1), (5, 3, 2), (16, 4, 7)])
def test_loop(rows: int, columns: int, count: int) -> None:
    z, directions = 1.5 * normal(rows, columns), normal(columns, count, seed=1)
    expected = loop(z, directions)
    assert sigreg_loss(z, directions).item() == pytest.approx(expected, rel=1e-10)


def test_gradient_by_finite_differences() -> None:
    z, directions = normal(6, 3).requires_grad_(), normal(3, 4, seed=1)
    assert torch.autograd.gradcheck(lambda one: sigreg_loss(one, directions), (z,))
    views = [normal(4, 3).requires_grad_(), normal(4, 3, seed=1).requires_grad_()]
    assert torch.autograd.gradcheck(lambda *two: lejepa_loss(two, directions, 0.3), views)


def test_an_exact_collapse_has_no_gradient_and_the_least_difference_ends_it() -> None:
    directions = normal(4, 16, seed=1)
    exact = torch.zeros(32, 4).double().requires_grad_()
    sigreg_loss(exact, directions).backward()
    assert exact.grad.abs().max() < 1e-12
    z = 1e-3 * normal(32, 4)
    for _ in range(200):
        z = z.detach().requires_grad_()
        sigreg_loss(z, directions).backward()
        z = z - z.grad
    assert z.std(dim=0).min() > 0.5


def test_lejepa_loss_loop() -> None:
    views, directions = [normal(5, 3, seed=s) for s in range(3)], normal(3, 4, seed=9)
    apart = 0.0
    for row in range(5):
        for column in range(3):
            three = [view[row, column].item() for view in views]
            apart += math.fsum((one - math.fsum(three) / 3) ** 2 for one in three) / 45
    shape = math.fsum(loop(view, directions) for view in views) / 3
    for weight in (0.0, 0.02, 1.0):
        expected = (1 - weight) * apart + weight * shape
        loss = lejepa_loss(views, directions, weight).item()
        assert loss == pytest.approx(expected, rel=1e-10)
    assert lejepa_loss(views, directions) == lejepa_loss(views, directions, 0.02)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(dtype: torch.dtype) -> None:
    z, directions = normal(64, 4).to(dtype), normal(4, 8, seed=1).to(dtype)
    value = sigreg_loss(z, directions)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, sigreg_loss(z.float(), directions.float()))


def test_double_precision_is_kept() -> None:
    z, directions = normal(8, 4), normal(4, 8, seed=1)
    assert sigreg_loss(z, directions.float()).dtype == torch.float64
    assert lejepa_loss([z, z], directions).dtype == torch.float64


@pytest.mark.parametrize("size", [1e-30, 1e6, 1e30])
def test_values_stay_within_their_bounds(size: float) -> None:
    """The gap of two characteristic functions is at most 2, so the loss is bounded."""
    z = (size * normal(16, 4)).requires_grad_()
    value = sigreg_loss(z, normal(4, 8, seed=1))
    value.backward()
    assert 0 <= value.item() <= 4 * 16 * math.sqrt(2 * math.pi)
    assert z.grad.isfinite().all()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_is_not_hidden(bad: float) -> None:
    z = normal(4, 2)
    z[1, 0] = bad
    assert sigreg_loss(z, normal(2, 3, seed=1)).isnan()


@pytest.mark.parametrize(
    ("z", "directions", "words"),
    [
        (normal(4), normal(4, 2), "z must be a non-empty matrix"),
        (normal(4, 3), normal(3), "directions must be a non-empty matrix"),
        (normal(4, 3), normal(4, 3), "directions must have a row for each of the 3"),
        (normal(4, 3), normal(3, 2).to("meta"), "directions must be on cpu"),
    ],
)
def test_bad_input_is_named(z: torch.Tensor, directions: torch.Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sigreg_loss(z, directions)
    with pytest.raises(ValueError, match=words.replace("z must", r"views\[0\] must")):
        lejepa_loss([z, z], directions)


def test_bad_views_and_weights_are_named() -> None:
    z, directions = normal(4, 3), normal(3, 2)
    for views in ([z], [], 7):
        with pytest.raises(ValueError, match="views must be a sequence of at least 2"):
            lejepa_loss(views, directions)
    with pytest.raises(ValueError, match=r"views\[1\] must have the shape of views\[0\]"):
        lejepa_loss([z, normal(5, 3)], directions)
    for weight in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="weight"):
            lejepa_loss([z, z], directions, weight)


def test_everything_is_made_where_the_embeddings_are() -> None:
    """The device ``meta`` computes shapes alone, and refuses to be mixed with the CPU."""
    z, directions = (normal(*shape).to("meta") for shape in ((4, 3), (3, 2)))
    assert sigreg_loss(z, directions).is_meta
    assert lejepa_loss([z, z], directions).is_meta
