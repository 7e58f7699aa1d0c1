"""SimSiam's loss against a loop, by hand, its gradient and where none flows, and a peer."""

import math

import pytest
import torch
from helpers import assert_same, lightly, normal, rotation, unit_rows
from hypothesis import given
from hypothesis import strategies as st

from lesson_code import simsiam_loss

EXACT = {"rtol": 1e-10, "atol": 1e-10}
HALVES = [torch.float16, torch.bfloat16]
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


# --- values ---------------------------------------------------------------------------------


def test_by_hand() -> None:
    """One direction has cosine 3/5, the other -4/5: -(0.6 - 0.8) / 2 = 0.1."""
    p_1, z_2 = torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    p_2, z_1 = torch.tensor([[0.0, -5.0]]), torch.tensor([[6.0, 8.0]])
    assert simsiam_loss(p_1, p_2, z_1, z_2).item() == pytest.approx(0.1, abs=1e-7)


def test_prediction_of_a_view_meets_the_other_view() -> None:
    """Were p_1 compared with z_1, these would be perfect."""
    a, b = torch.eye(4)[:2], torch.eye(4)[2:]
    assert simsiam_loss(a, b, a, b).item() == 0
    assert simsiam_loss(a, b, b, a).item() == -1


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (2, 2), (8, 6), (13, 32)])
def test_equals_the_loop(n: int, d: int) -> None:
    views = four(n, d)
    assert simsiam_loss(*views).item() == pytest.approx(loop(*views), rel=1e-10)


@given(
    n=st.integers(1, 7), d=st.integers(1, 9), seed=st.integers(0, 10**6), scale=st.floats(1e-3, 1e3)
)
def test_equals_the_loop_on_drawn_input(n, d, seed, scale) -> None:
    p_1, p_2, z_1, z_2 = four(n, d, seed)
    actual = simsiam_loss(p_1 * scale, p_2, z_1, z_2 / scale).item()
    assert actual == pytest.approx(loop(p_1, p_2, z_1, z_2), rel=1e-9, abs=1e-12)


def test_ends_of_the_range() -> None:
    """-1 where all agree, which includes total collapse, 1 where all are opposite."""
    z = normal(6, 5)
    assert simsiam_loss(z, z, z, z).item() == pytest.approx(-1, abs=1e-12)
    assert simsiam_loss(z, z, -z, -z).item() == pytest.approx(1, abs=1e-12)
    assert simsiam_loss(z, z, z, -z).item() == pytest.approx(0, abs=1e-12)
    one_way = torch.ones(6, 5)
    assert simsiam_loss(one_way, one_way, one_way, one_way).item() == pytest.approx(-1)


def test_unrelated_vectors_are_near_zero() -> None:
    """The cosine of random directions in D dimensions has standard deviation 1/sqrt(D)."""
    losses = [simsiam_loss(*four(32, 128, seed)).item() for seed in range(20)]
    assert max(map(abs, losses)) < 4 / math.sqrt(128 * 64)


def test_it_is_a_quarter_of_the_distance_of_byol_less_one() -> None:
    """The squared distance of unit vectors is 2 + 2 x minus the cosine."""
    p_1, p_2, z_1, z_2 = (unit_rows(7, 5, seed) for seed in range(4))
    distances = ((p_1 - z_2).square().sum(1) + (p_2 - z_1).square().sum(1)).mean()
    expected = distances.item() / 4 - 1
    assert simsiam_loss(p_1, p_2, z_1, z_2).item() == pytest.approx(expected, abs=1e-12)


def test_is_a_scalar() -> None:
    assert simsiam_loss(*four()).shape == ()


# --- what must not matter -------------------------------------------------------------------


@given(n=st.integers(1, 8), d=st.integers(1, 8), seed=st.integers(0, 10**6))
def test_invariances(n, d, seed) -> None:
    """Order of images, names of the views, a rotation, and each row's length."""
    p_1, p_2, z_1, z_2 = views = four(n, d, seed)
    reference = simsiam_loss(*views)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    turn = rotation(d, seed)
    stretch = normal(n, 1, seed=seed + 1).exp()
    for other in [
        tuple(view[order] for view in views),
        (p_2, p_1, z_2, z_1),
        tuple(view @ turn for view in views),
        (p_1 * stretch, p_2 / stretch, 3 * z_1, z_2 * stretch),
    ]:
        torch.testing.assert_close(simsiam_loss(*other), reference, **EXACT)


def test_prediction_and_projection_are_not_exchangeable() -> None:
    """Their values agree, their gradients do not: only the predictions are moved."""
    p_1, p_2, z_1, z_2 = (view.requires_grad_() for view in four())
    value = simsiam_loss(p_1, p_2, z_1, z_2)
    turned = simsiam_loss(z_2, z_1, p_2, p_1)
    torch.testing.assert_close(turned, value, **EXACT)
    turned.backward()
    assert p_1.grad is None and p_2.grad is None
    assert z_1.grad is not None and z_2.grad is not None


def test_input_is_not_changed_and_may_be_strided() -> None:
    views = four()
    before = [view.clone() for view in views]
    value = simsiam_loss(*views)
    assert all(torch.equal(view, copy) for view, copy in zip(views, before))
    strided = views[0].T.contiguous().T
    torch.testing.assert_close(simsiam_loss(strided, *views[1:]), value, **EXACT)


# --- gradient -------------------------------------------------------------------------------


def test_no_gradient_reaches_the_targets() -> None:
    p_1, p_2, z_1, z_2 = (view.requires_grad_() for view in four())
    simsiam_loss(p_1, p_2, z_1, z_2).backward()
    assert z_1.grad is None and z_2.grad is None
    for p in (p_1, p_2):
        assert p.grad is not None and p.grad.abs().min(dim=1).values.gt(0).all()


def test_gradient_through_a_predictor_alone() -> None:
    """Where p = h(z), z has the gradient that comes back through h and no other."""
    weight = normal(4, 4, seed=9)
    z_1, z_2 = (z.requires_grad_() for z in normal(2, 5, 4).unbind())
    simsiam_loss(z_1 @ weight, z_2 @ weight, z_1, z_2).backward()
    (a, b), (fixed_1, fixed_2) = (z_1, z_2), (z_1.detach(), z_2.detach())
    expected = torch.autograd.grad(
        simsiam_loss(a @ weight, b @ weight, fixed_1, fixed_2), (z_1, z_2)
    )
    for z, gradient in zip((z_1, z_2), expected):
        torch.testing.assert_close(z.grad, gradient, **EXACT)


def test_gradient_is_that_of_the_value() -> None:
    p_1, p_2, z_1, z_2 = four(3, 4)
    predictions = (p_1.requires_grad_(), p_2.requires_grad_())
    assert torch.autograd.gradcheck(lambda a, b: simsiam_loss(a, b, z_1, z_2), predictions)


def test_gradient_closed_form() -> None:
    """Of each unit prediction: -(target less its part along the prediction) / 2N."""
    p_1, p_2, z_1, z_2 = (unit_rows(5, 4, seed) for seed in range(4))
    p_1.requires_grad_()
    simsiam_loss(p_1, p_2, z_1, z_2).backward()
    unit = p_1.detach()
    expected = -(z_2 - (z_2 * unit).sum(1, keepdim=True) * unit) / 10
    torch.testing.assert_close(p_1.grad, expected, **EXACT)


# --- numbers at the edge --------------------------------------------------------------------


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


@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_is_computed_in_float32(dtype) -> None:
    views = four(16, 24, dtype=dtype)
    loss = simsiam_loss(*views)
    assert loss.dtype == torch.float32
    p_1, p_2, z_1, z_2 = (view.float() for view in views)
    assert torch.equal(loss, simsiam_loss(p_1, p_2, z_1, z_2))
    # autocast gives predictions in half precision and projections in float32, or both
    mixed = simsiam_loss(views[0], views[1], z_1, z_2)
    assert mixed.dtype == torch.float32
    assert torch.equal(loss, mixed)


def test_double_precision_is_kept() -> None:
    assert simsiam_loss(*four()).dtype == torch.float64


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


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", range(4))
def test_nan_in_is_nan_out(bad: float, where: int) -> None:
    views = four(4, 3)
    views[where][2, 1] = bad
    assert simsiam_loss(*views).isnan()


# --- devices and bad input ------------------------------------------------------------------


def test_everything_is_made_on_the_device_of_the_input() -> None:
    z = torch.empty(4, 3, device="meta")
    assert simsiam_loss(z, z, z, z).device.type == "meta"


FINE = torch.ones(4, 3)
NAMES = ["p_1", "p_2", "z_1", "z_2"]


@pytest.mark.parametrize("where", range(4))
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (torch.ones(4), "must be a non-empty matrix"),
        (torch.ones(2, 4, 3), "must be a non-empty matrix"),
        (FINE.long(), "must be floating point"),
        ([[1.0]], "must be a tensor"),
    ],
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


# --- a peer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(1, 4), (16, 8), (33, 64)])
def test_equals_lightly(n: int, d: int) -> None:
    """Value and gradient of lightly's NegativeCosineSimilarity, which does not detach."""
    cosine = lightly().NegativeCosineSimilarity()

    def theirs(p_1, p_2, z_1, z_2):
        return 0.5 * (cosine(p_1, z_2.detach()) + cosine(p_2, z_1.detach()))

    assert_same(simsiam_loss, theirs, *four(n, d), **EXACT)
