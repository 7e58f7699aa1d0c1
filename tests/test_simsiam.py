"""SimSiam's loss against a loop, by hand, its gradient and where none flows, and a peer."""

import math

import pytest
import torch
from helpers import (
    HALVES,
    assert_half_becomes_single,
    assert_keeps_its_input,
    assert_passes_nan_on,
    assert_same,
    lightly,
    normal,
    rotation,
    unit_rows,
)
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import simsiam_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}
Four = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def loop(p_1: torch.Tensor, p_2: torch.Tensor, z_1: torch.Tensor, z_2: torch.Tensor) -> float:
    """Spell equations 1 and 2 of SimSiam out, one number at a time."""

    def distance(p: list[float], z: list[float]) -> float:
        lengths = math.hypot(*p) * math.hypot(*z)
        return -math.fsum(a * b for a, b in zip(p, z)) / lengths

    terms = [
        distance(p_1[i].tolist(), z_2[i].tolist()) / 2
        + distance(p_2[i].tolist(), z_1[i].tolist()) / 2
        for i in range(len(p_1))
    ]
    return math.fsum(terms) / len(terms)


def four(n: int = 5, d: int = 4, seed: int = 0, dtype: torch.dtype = torch.float64) -> Four:
    """Return p_1, p_2, z_1, z_2."""
    p_1, p_2, z_1, z_2 = normal(4, n, d, seed=seed, dtype=dtype)
    return p_1, p_2, z_1, z_2


def test_by_hand() -> None:
    """One direction has cosine 3/5, the other -4/5: -(0.6 - 0.8) / 2 = 0.1."""
    p_1, z_2 = torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    p_2, z_1 = torch.tensor([[0.0, -5.0]]), torch.tensor([[6.0, 8.0]])
    assert simsiam_loss(p_1, p_2, z_1, z_2).item() == pytest.approx(0.1, abs=1e-7)


@given(
    n=st.integers(1, 7), d=st.integers(1, 9), seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e3)
)
def test_equals_the_loop(n, d, seed, scale) -> None:
    p_1, p_2, z_1, z_2 = four(n, d, seed)
    actual = simsiam_loss(p_1 * scale, p_2, z_1, z_2 / scale)
    assert actual.shape == ()
    assert actual.item() == pytest.approx(loop(p_1, p_2, z_1, z_2), rel=1e-9, abs=1e-12)


def test_invariances() -> None:
    """Order of images, names of the views, a rotation, and each row's length."""
    p_1, p_2, z_1, z_2 = views = four()
    order, turn, stretch = torch.randperm(5), rotation(4), normal(5, 1, seed=1).exp()
    for other in (
        [view[order] for view in views],
        (p_2, p_1, z_2, z_1),
        [view @ turn for view in views],
        (p_1 * stretch, p_2 / stretch, 3 * z_1, z_2 * stretch),
    ):
        torch.testing.assert_close(simsiam_loss(*other), simsiam_loss(*views), **EXACT)


def test_input_is_not_changed_and_may_be_strided() -> None:
    assert_keeps_its_input(simsiam_loss, *four(), **EXACT)


def test_no_gradient_reaches_the_targets() -> None:
    p_1, p_2, z_1, z_2 = (view.requires_grad_() for view in four())
    simsiam_loss(p_1, p_2, z_1, z_2).backward()
    assert z_1.grad is None and z_2.grad is None
    for p in (p_1, p_2):
        assert p.grad is not None and p.grad.abs().min(dim=1).values.gt(0).all()


def test_gradient_is_that_of_the_value() -> None:
    p_1, p_2, z_1, z_2 = four(3, 4)
    predictions = (p_1.requires_grad_(), p_2.requires_grad_())
    assert torch.autograd.gradcheck(lambda a, b: simsiam_loss(a, b, z_1, z_2), predictions)


@pytest.mark.parametrize("dtype", [*HALVES, torch.float32, torch.float64])
def test_finite_in_every_precision(dtype) -> None:
    p, z = normal(16, 24, dtype=dtype), normal(16, 24, seed=1, dtype=dtype)
    for target in (p, -p, z, torch.zeros_like(p)):
        p_1, p_2 = p.clone().requires_grad_(), p.clone().requires_grad_()
        loss = simsiam_loss(p_1, p_2, target, target)
        loss.backward()
        assert loss.isfinite() and loss.abs() <= 1 + 1e-6
        for view in (p_1, p_2):
            assert view.grad is not None and view.grad.isfinite().all()
            assert view.grad.dtype == dtype


def test_half_precision_is_computed_in_float32() -> None:
    assert_half_becomes_single(simsiam_loss, *four(16, 24))
    # autocast gives predictions in half precision and projections in float32, or both
    p_1, p_2, z_1, z_2 = (view.half() for view in four(16, 24))
    mixed = simsiam_loss(p_1, p_2, z_1.float(), z_2.float())
    assert torch.equal(mixed, simsiam_loss(p_1, p_2, z_1, z_2))


@pytest.mark.parametrize("dtype", HALVES)
def test_short_and_long_rows_in_half_precision(dtype) -> None:
    """Squares of such rows leave the range of float16, and 1e-12 is zero in it."""
    for scale in (1e-4, 3e4):
        z = (unit_rows(4, 8) * scale).to(dtype)
        assert simsiam_loss(z, z, z, z).item() == pytest.approx(-1, abs=1e-6)


def test_a_zero_row_counts_as_orthogonal() -> None:
    z = torch.eye(4, dtype=torch.float64)
    z[0] = 0
    assert simsiam_loss(z, z, z, z).item() == pytest.approx(-3 / 4, abs=1e-12)


@pytest.mark.parametrize("dtype", HALVES)
def test_finite_under_autocast(dtype) -> None:
    views = four(16, 24, dtype=torch.float32)
    with torch.autocast("cpu", dtype=dtype):
        loss = simsiam_loss(*views)
    assert loss.item() == pytest.approx(simsiam_loss(*views).item(), abs=0.01)


def test_nan_in_is_nan_out() -> None:
    assert_passes_nan_on(simsiam_loss, *four(4, 3))


def test_everything_is_made_on_the_device_of_the_input() -> None:
    z = torch.empty(4, 3, device="meta")
    assert simsiam_loss(z, z, z, z).device.type == "meta"


FINE = torch.ones(4, 3)
NAMES = ["p_1", "p_2", "z_1", "z_2"]


@pytest.mark.parametrize("where", range(4))
@pytest.mark.parametrize(
    ("bad", "message"),
    [(torch.ones(4), "must be a non-empty matrix"), ([[1.0]], "must be a tensor")],
)
def test_bad_tensors_are_refused(where: int, bad, message: str) -> None:
    views: list = [FINE] * 4
    views[where] = bad
    with pytest.raises(ValueError, match=f"^{NAMES[where]} {message}"):
        simsiam_loss(*views)


@pytest.mark.parametrize("where", range(1, 4))
@pytest.mark.parametrize("bad", [torch.ones(5, 3), torch.ones(4, 2), torch.ones(1, 3)])
def test_other_shapes_are_refused(where: int, bad: torch.Tensor) -> None:
    views = [FINE] * 4
    views[where] = bad
    with pytest.raises(ValueError, match=f"^{NAMES[where]} must have the shape of p_1"):
        simsiam_loss(*views)


def test_empty_input_and_other_devices_are_refused() -> None:
    for empty in (torch.ones(0, 3), torch.ones(4, 0)):
        with pytest.raises(ValueError, match="^p_1 must be a non-empty"):
            simsiam_loss(empty, empty, empty, empty)
    with pytest.raises(ValueError, match="^z_1 must be on cpu"):
        simsiam_loss(FINE, FINE, FINE.to("meta"), FINE)


@pytest.mark.parametrize(("n", "d"), [(1, 4), (16, 8), (33, 64)])
def test_equals_lightly(n: int, d: int) -> None:
    """Value and gradient of lightly's NegativeCosineSimilarity, which does not detach."""
    cosine = lightly().NegativeCosineSimilarity()

    def theirs(p_1, p_2, z_1, z_2):
        return 0.5 * (cosine(p_1, z_2.detach()) + cosine(p_2, z_1.detach()))

    assert_same(simsiam_loss, theirs, *four(n, d), **EXACT)
