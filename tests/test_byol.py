"""BYOL against a loop, closed forms, its recurrence, as a state that is saved, and bad input."""

import copy
import io
import math

import pytest
import torch
import torch.nn.functional as F
import torchvision
from helpers import assert_unchanged, lightly, normal, snapshot, unit_rows
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.parameter import is_lazy

from lesson_code import BYOL, cosine_momentum, regression_loss

EXACT = {"rtol": 1e-10, "atol": 1e-12}


def loop(x: torch.Tensor, y: torch.Tensor) -> float:
    """Spell 2 - 2 cos out, row by row."""
    total = 0.0
    for a, b in zip(x.tolist(), y.tolist()):
        product = math.fsum(i * j for i, j in zip(a, b))
        total += 2 - 2 * product / (math.hypot(*a) * math.hypot(*b))
    return total / len(x)


# --- the loss of one direction --------------------------------------------------------------


def test_regression_by_hand() -> None:
    x = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    for y, expected in [([7, 0], 0), ([1, 1], 2 - math.sqrt(2)), ([0, 3], 2), ([-2, 0], 4)]:
        target = torch.tensor([y], dtype=torch.float64)
        assert regression_loss(x, target).item() == pytest.approx(expected, abs=1e-12)


@given(
    n=st.integers(1, 6), d=st.integers(1, 8), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 10**6)
)
def test_regression_equals_the_loop(n, d, scale, seed) -> None:
    """For rows of any length, which the loss does not see."""
    x, y = normal(n, d, seed=seed), normal(n, d, seed=seed + 1)
    actual = regression_loss(scale * x, y)
    assert actual.item() == pytest.approx(loop(x, y), abs=1e-9)
    assert 0 <= actual <= 4 + 1e-12
    torch.testing.assert_close(regression_loss(y, x), regression_loss(x, y), **EXACT)


def test_regression_is_exact_for_nearly_equal_directions() -> None:
    """At an angle of 1e-4 the loss is 1e-8; in float32, 2 - 2 cos would round it away."""
    x = torch.tensor([[1.0, 0.0]])
    y = torch.tensor([[1.0, 1e-4]])
    assert regression_loss(x, y).item() == pytest.approx(1e-8, rel=1e-3)


def test_regression_gradient() -> None:
    """2 (cos x - y) / |x| for unit rows, at right angles to x; finite where they agree."""
    x, y = unit_rows(4, 5, seed=1).requires_grad_(), unit_rows(4, 5, seed=2)
    regression_loss(x, y).backward()
    with torch.no_grad():
        cosine = (x * y).sum(dim=1, keepdim=True)
        expected = 2 * (cosine * x - y) / 4
    torch.testing.assert_close(x.grad, expected, **EXACT)
    assert torch.autograd.gradcheck(regression_loss, (x, y.requires_grad_()))
    same = unit_rows(4, 5, seed=1).requires_grad_()
    regression_loss(same, same.detach()).backward()
    torch.testing.assert_close(same.grad, torch.zeros_like(same), **EXACT)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_regression_in_half_precision(dtype: torch.dtype, scale: float) -> None:
    """Squares of 1e4 overflow float16, squares of 1e-4 vanish in it."""
    x, y = ((scale * normal(6, 64, seed=seed)).to(dtype) for seed in (1, 2))
    loss = regression_loss(x, y)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(loop(x.double(), y.double()), rel=1e-4)
    assert torch.isfinite(regression_loss(torch.zeros_like(x), y))


def test_regression_passes_nan_on() -> None:
    x, y = normal(3, 4, seed=1), normal(3, 4, seed=2)
    x[0, 0] = math.nan
    assert regression_loss(x, y).isnan()


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [
        (normal(3, 4), normal(2, 4), "y"),
        (normal(4), normal(4), "x"),
        (normal(3, 4), [[1.0] * 4] * 3, "y"),
    ],
)
def test_regression_refuses(x, y, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must"):
        regression_loss(x, y)


def test_regression_equals_lightly() -> None:
    """2 + 2 times lightly's negative cosine."""
    x, y = normal(6, 5, seed=1), normal(6, 5, seed=2)
    expected = 2 + 2 * lightly().NegativeCosineSimilarity()(x, y)
    torch.testing.assert_close(regression_loss(x, y), expected, **EXACT)


# --- the networks ---------------------------------------------------------------------------


def encoder(width: int = 6) -> nn.Module:
    """An encoder of vectors with batch normalization, which takes part in the traps."""
    return nn.Sequential(nn.Linear(4, width), nn.BatchNorm1d(width), nn.Tanh())


def views(n: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return normal(n, 4, seed=seed), normal(n, 4, seed=seed + 1000)


def built(tau: float = 0.9) -> BYOL:
    """A float64 BYOL after a few steps, so that online and target differ."""
    torch.manual_seed(0)
    byol = BYOL(encoder(), 8, 5, tau).double()
    optimizer = torch.optim.SGD(byol.parameters(), lr=0.3)
    for step in range(3):
        train(byol, optimizer, step)
    return byol


def train(byol: BYOL, optimizer: torch.optim.Optimizer, seed: int) -> float:
    loss = byol(*views(seed=seed))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    byol.update_target_network()
    return loss.item()


def parts(byol: BYOL) -> list[tuple[nn.Module, nn.Module]]:
    """Pairs of a target's part and the online part that it follows."""
    return [
        (byol.target_encoder, byol.online_encoder),
        (byol.target_projector, byol.online_projector),
    ]


# --- the loss of both directions ------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_loss_and_gradient_with_constant_targets(training: bool) -> None:
    """Two copies: one does it step by step with targets that are mere numbers."""
    byol = built().train(training)
    other, (x1, x2) = copy.deepcopy(byol), (x.requires_grad_() for x in views(seed=7))
    byol.zero_grad()
    loss = byol(x1, x2)
    loss.backward()
    gradients = [x1.grad, x2.grad]
    assert gradients[0] is not None
    assert gradients[1] is not None
    x1.grad = x2.grad = None

    target = nn.Sequential(other.target_encoder, other.target_projector)
    online = nn.Sequential(other.online_encoder, other.online_projector, other.online_predictor)
    z1, z2 = target(x1).tolist(), target(x2).tolist()
    terms = [
        1 - F.cosine_similarity(online(x), torch.tensor(z, dtype=x.dtype)).mean()
        for x, z in ((x1, z2), (x2, z1))
    ]
    other.zero_grad()
    sum(terms).backward()
    torch.testing.assert_close(loss, sum(terms), **EXACT)
    assert loss.shape == ()
    for mine, x in zip(gradients, (x1, x2)):
        torch.testing.assert_close(mine, x.grad, **EXACT)
    for (name, mine), theirs in zip(byol.named_parameters(), other.parameters()):
        if name.startswith("online"):
            assert mine.grad is not None, name
            torch.testing.assert_close(mine.grad, theirs.grad, **EXACT)


def test_gradient_reaches_the_whole_online_network_and_no_target() -> None:
    byol = built()
    byol.zero_grad()
    byol(*views(seed=7)).backward()
    for name, parameter in byol.named_parameters():
        if name.startswith("target"):
            assert parameter.grad is None, name
            assert not parameter.requires_grad, name
        elif name not in ("online_projector.hidden.bias", "online_predictor.hidden.bias"):
            # (Batch normalization takes away what a bias before it adds.)
            assert parameter.grad is not None, name
            assert parameter.grad.abs().sum() > 0, name


def test_online_and_target_share_nothing() -> None:
    byol = built()
    online = {p.data_ptr() for p in byol.online_encoder.parameters()}
    assert all(p.requires_grad for p in byol.online_encoder.parameters())
    assert online.isdisjoint(p.data_ptr() for p in byol.target_encoder.parameters())


def test_projector_and_predictor_are_perceptrons_with_a_norm() -> None:
    byol = built()
    for part in (byol.online_projector, byol.online_predictor, byol.target_projector):
        assert sum(p.ndim == 2 for p in part.parameters()) == 2
        assert sum(isinstance(module, nn.BatchNorm1d) for module in part.modules()) == 1


def test_the_encoder_that_is_handed_over_is_the_one_that_learns() -> None:
    mine = encoder().double()
    before, byol = mine[0].weight.detach().clone(), BYOL(mine, 8, 5)
    train(byol, torch.optim.SGD(byol.parameters(), lr=0.3), 0)
    assert not torch.equal(mine[0].weight, before)


def test_the_target_starts_as_a_copy() -> None:
    byol = BYOL(encoder(), 8, 5).double()
    byol(*views())
    for target, online in parts(byol):
        for mine, theirs in zip(target.parameters(), online.parameters(), strict=True):
            assert torch.equal(mine, theirs)
    # Its statistics have seen the same two views, once each.
    for target, online in parts(byol):
        assert_unchanged(target, snapshot(online))


# --- any encoder ----------------------------------------------------------------------------


def resnet() -> nn.Module:
    network = torchvision.models.resnet18()
    network.fc = nn.Identity()
    return network


@pytest.mark.parametrize(
    ("make", "shape", "width"),
    [
        (nn.Identity, (16,), 16),
        (lambda: nn.Linear(16, 7), (16,), 7),
        (lambda: nn.LazyLinear(7), (16,), 7),
        (lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten()), (1, 6, 5), 36),
        (lambda: nn.Sequential(nn.LazyConv2d(2, 3), nn.Flatten()), (3, 4, 4), 8),
        (resnet, (3, 32, 32), 512),
    ],
    ids=["identity", "linear", "lazy", "convolution", "lazy convolution", "resnet"],
)
def test_the_output_of_any_encoder_is_measured(make, shape, width) -> None:
    """The target starts as a copy, but for an encoder's own lazy layers."""
    byol = BYOL(make(), 8, 5)
    lazy = any(is_lazy(parameter) for parameter in byol.online_encoder.parameters())
    optimizer = torch.optim.Adam(byol.parameters(), lr=0.01)
    for step in range(2):
        loss = byol(torch.randn(2, *shape), torch.randn(2, *shape))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        byol.tau = cosine_momentum(step, 2, 0.99)
        byol.update_target_network()
    assert byol.online_projector.hidden.weight.shape == (8, width)
    assert torch.isfinite(loss)
    for target, online in parts(byol)[lazy:]:
        for mine, theirs in zip(target.parameters(), online.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs, atol=0.03, rtol=0)


def test_an_encoder_need_not_tell_its_size() -> None:
    try:
        byol = BYOL(nn.Sequential(nn.Linear(4, 6)).double(), 8, 5)
    except AttributeError as error:
        pytest.fail(f"the encoder is asked for something: {error}")
    assert torch.isfinite(byol(*views()))


def test_before_the_first_batch() -> None:
    """Optimizer, copy, type, state dict: none of them needs to wait for a batch."""
    torch.manual_seed(0)
    byol = BYOL(encoder(), 8, 5)
    assert is_lazy(byol.online_projector.hidden.weight)
    optimizers = [
        torch.optim.SGD(byol.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1),
        torch.optim.AdamW(byol.parameters(), lr=0.1),
    ]
    twin = copy.deepcopy(byol).double()
    fresh = BYOL(encoder(), 8, 5)
    fresh.load_state_dict(byol.state_dict())
    assert is_lazy(fresh.online_projector.hidden.weight)
    byol(*(x.float() for x in views())).backward()
    weight = byol.online_projector.hidden.weight
    for optimizer in optimizers:
        before = weight.clone()
        optimizer.step()
        assert (weight - before).abs().min() > 0
    assert is_lazy(twin.online_projector.hidden.weight)
    assert torch.isfinite(twin(*views()))


def test_heads_are_where_the_encoder_is() -> None:
    """And of its type, whether the encoder moves before or after."""
    for byol in (BYOL(encoder().double(), 8, 5), BYOL(encoder(), 8, 5).double()):
        assert byol(*views()).dtype == torch.float64
    byol = BYOL(encoder().to("meta"), 8, 5)
    assert {p.device.type for p in byol.parameters()} == {"meta"}


def test_under_autocast() -> None:
    """Networks in bfloat16, the loss in float32, close to the one in full precision."""
    byol, (x1, x2) = built().float(), (x.float() for x in views(seed=7))
    expected = copy.deepcopy(byol)(x1, x2)
    with torch.autocast("cpu", torch.bfloat16):
        loss = byol(x1, x2)
    loss.backward()
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected, rtol=0.05, atol=0.02)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu() -> None:
    """The module may move before its first batch; optimizer and state stay connected."""
    byol = BYOL(encoder(), 8, 5, 0.9)
    optimizer = torch.optim.SGD(byol.parameters(), lr=0.3)
    byol.to("cuda")
    x1, x2 = (x.float().to("cuda") for x in views())
    before = [byol(x1, x2).item(), byol.online_projector.hidden.weight.clone()]
    for _ in range(5):
        loss = byol(x1, x2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        byol.update_target_network()
    assert loss.device.type == "cuda"
    assert not torch.equal(byol.online_projector.hidden.weight, before[1])
    fresh = BYOL(encoder(), 8, 5)
    fresh.load_state_dict(byol.state_dict())
    on_cpu = fresh.eval()(x1.cpu(), x2.cpu())
    torch.testing.assert_close(on_cpu, byol.eval()(x1, x2).cpu(), rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match=r"^x1 must be on cuda"):
        byol(x1.cpu(), x2.cpu())


# --- the target follows ---------------------------------------------------------------------


@given(taus=st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_follows_the_recurrence(taus) -> None:
    """tau old + (1 - tau) online, over several steps of a schedule, with the new weights."""
    byol = built()
    optimizer = torch.optim.SGD(byol.parameters(), lr=0.3)
    expected = [p.detach().clone() for p in byol.target_network.parameters()]
    for seed, tau in enumerate(taus):
        byol.tau = tau
        train(byol, optimizer, seed)
        online = [p.detach() for _, one in parts(byol) for p in one.parameters()]
        expected = [tau * old + (1 - tau) * new for old, new in zip(expected, online)]
    actual = [p for one, _ in parts(byol) for p in one.parameters()]
    for mine, theirs in zip(actual, expected, strict=True):
        torch.testing.assert_close(mine, theirs, **EXACT)
        assert mine.grad is None


def test_an_update_leaves_the_online_network_and_all_buffers_alone() -> None:
    byol = built()
    before = snapshot(byol)
    byol.update_target_network()
    changed = {n for n, t in byol.state_dict().items() if not torch.equal(t, before[n])}
    parameters = {name for name, _ in byol.named_parameters() if name.startswith("target")}
    assert changed <= parameters
    # A bias before a normalization has no gradient, so it may be equal on both sides.
    assert changed >= {name for name in parameters if name.endswith("weight")}


def test_forward_does_not_move_the_target_parameters() -> None:
    byol = built()
    before = [p.clone() for p in byol.parameters()]
    byol(*views(seed=7)).backward()
    assert all(torch.equal(now, then) for now, then in zip(byol.parameters(), before))


def test_the_target_gathers_its_own_batch_statistics() -> None:
    """In training mode both see two batches a step; equal weights end with equal statistics."""
    byol = built(tau=0.0)
    for _ in range(100):
        byol.update_target_network()
        byol(*views(8, seed=3))
    for target, online in parts(byol):
        for mine, theirs in zip(target.modules(), online.modules(), strict=True):
            if isinstance(mine, nn.BatchNorm1d):
                assert mine.num_batches_tracked == theirs.num_batches_tracked == 206
                torch.testing.assert_close(mine.running_mean, theirs.running_mean)
                torch.testing.assert_close(mine.running_var, theirs.running_var)
    byol.eval()
    before, x = snapshot(byol), views(seed=5)[0]
    torch.testing.assert_close(byol.target_network(x), byol.online_network(x))
    byol(*views(seed=7))
    assert_unchanged(byol, before)


# --- a state that is saved ------------------------------------------------------------------


def test_saved_and_restored() -> None:
    """A fresh module that never saw a batch continues exactly where the other stopped."""
    byol, file = built(), io.BytesIO()
    torch.save(byol.state_dict(), file)
    file.seek(0)
    fresh = BYOL(encoder(), 8, 5, 0.9).double()
    fresh.load_state_dict(torch.load(file))
    assert not any(p.requires_grad for p in fresh.target_network.parameters())
    losses = [
        [train(one, torch.optim.SGD(one.parameters(), lr=0.3), seed) for seed in (7, 8)]
        for one in (byol, fresh)
    ]
    assert losses[0] == losses[1]
    assert_unchanged(fresh, snapshot(byol))


def test_a_copy_is_independent() -> None:
    byol = built()
    before, twin = snapshot(byol), copy.deepcopy(byol)
    train(twin, torch.optim.SGD(twin.parameters(), lr=0.3), 7)
    assert_unchanged(byol, before)


# --- bad input ------------------------------------------------------------------------------

X1, X2 = views()


def nan_in(x: torch.Tensor, value: float = math.nan) -> torch.Tensor:
    x = x.clone()
    x[1, 2] = value
    return x


@pytest.mark.parametrize(
    ("x1", "x2", "name"),
    [
        (X1, X2[:3], "x2"),
        (X1[:1], X2[:1], "x1"),
        (X1, (255 * X2).to(torch.uint8), "x2"),
        (X1.to("meta"), X2.to("meta"), "x1"),
        (X1.tolist(), X2, "x1"),
        (nan_in(X1), X2, "x1"),
        (X1, nan_in(X2), "x2"),
    ],
)
def test_bad_views(x1, x2, name: str) -> None:
    byol = built()
    before = snapshot(byol)
    with pytest.raises(ValueError, match=rf"^{name} must"):
        byol(x1, x2)
    assert_unchanged(byol, before)
    fresh = BYOL(encoder(), 8, 5).double()
    with pytest.raises(ValueError, match=rf"^{name} must"):
        fresh(x1, x2)
    assert is_lazy(fresh.online_projector.hidden.weight)


def test_in_evaluation_mode_one_image_is_enough_and_nan_passes() -> None:
    byol = built().eval()
    assert torch.isfinite(byol(X1[:1], X2[:1]))
    assert byol(nan_in(X1), X2).isnan()


@pytest.mark.parametrize(
    ("make", "got"),
    [
        (lambda: nn.Unflatten(1, (2, 2)), r"\(5, 2, 2\)"),
        (lambda: nn.Flatten(0), r"\(20,\)"),
        (lambda: nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (10, 2))), r"\(10, 2\)"),
        (lambda: nn.LSTM(4, 3), "tuple"),
    ],
    ids=["maps", "one vector", "other rows", "tuple"],
)
def test_an_encoder_must_return_vectors(make, got: str) -> None:
    """The refusal tells the shape, or the type of what has none."""
    byol = BYOL(make(), 8, 5).double()
    with pytest.raises(ValueError, match=rf"^encoder must return shape \(5, F\), got {got}$"):
        byol(X1, X2)
    assert is_lazy(byol.online_projector.hidden.weight)


@pytest.mark.parametrize("tau", [-0.1, 1.1, math.nan, math.inf])
def test_bad_tau(tau: float) -> None:
    with pytest.raises(ValueError, match=r"^tau must"):
        BYOL(encoder(), 8, 5, tau)
    byol = built()
    byol.tau = tau
    before = snapshot(byol)
    with pytest.raises(ValueError, match=r"^tau must"):
        byol.update_target_network()
    assert_unchanged(byol, before)


@pytest.mark.parametrize("part", ["online_encoder.0.weight", "online_projector.output.weight"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_broken_online_network_does_not_enter_the_target(part: str, value: float) -> None:
    """Not even the part of it that is still sound: the update is all or nothing."""
    byol = built()
    with torch.no_grad():
        byol.get_parameter(part)[0, 0] = value
    before = [p.clone() for p in byol.target_network.parameters()]
    with pytest.raises(ValueError, match="finite"):
        byol.update_target_network()
    now = byol.target_network.parameters()
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(now, before))


def test_an_update_before_the_first_batch_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^target_network must have seen a batch"):
        BYOL(encoder(), 8, 5).update_target_network()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": lambda x: x}, "encoder must be a torch.nn.Module, got function$"),
        ({"encoder": "resnet"}, "encoder must be a torch.nn.Module, got str$"),
        ({"hidden_dim": 0}, "hidden_dim must"),
        ({"output_dim": 2.5}, "output_dim must"),
    ],
)
def test_bad_arguments(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        BYOL(**({"encoder": encoder(), "hidden_dim": 8, "output_dim": 5} | change))


def test_defaults() -> None:
    byol = BYOL(nn.Linear(3, 2))
    byol(torch.randn(2, 3), torch.randn(2, 3))
    assert byol.tau == 0.99
    assert byol.online_projector.hidden.weight.shape == (4096, 2)
    assert byol.online_projector.output.weight.shape == (256, 4096)
    assert byol.online_predictor.hidden.weight.shape == (4096, 256)
    assert byol.online_predictor.output.weight.shape == (256, 4096)
    assert BYOL.regression_loss is regression_loss
