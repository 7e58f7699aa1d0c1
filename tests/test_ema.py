"""The moving average against a recurrence, by hand, a peer, and everything it must refuse."""

import copy
import math

import pytest
import torch
from helpers import assert_unchanged, normal, snapshot
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lesson_code import ema_update


def network(seed: int, dtype: torch.dtype = torch.float64) -> nn.Module:
    """Return a small network with parameters of several shapes and with buffers."""
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2, bias=False)).to(dtype)
    with torch.no_grad():
        for number, tensor in enumerate([*net.parameters(), *net.buffers()]):
            if tensor.is_floating_point():
                tensor.copy_(normal(*tensor.shape, seed=100 * seed + number))
            else:
                tensor.fill_(seed)
    return net


class One(nn.Module):
    """A network of a single number."""

    def __init__(self, value: float, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([value], dtype=dtype))


@pytest.mark.parametrize(("momentum", "expected"), [(0.999, 0.001), (0.9, 0.1), (0.25, 0.75)])
def test_by_hand(momentum: float, expected: float) -> None:
    """From 0 toward 1 one step goes 1 - m."""
    target = One(0.0)
    ema_update(target, One(1.0), momentum)
    assert target.weight.item() == pytest.approx(expected, abs=1e-15)


@given(
    momentum=st.floats(0, 1),
    start=st.floats(-1e6, 1e6),
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8),
)
def test_recurrence(momentum, start, values) -> None:
    target, expected = One(start), start
    for value in values:
        ema_update(target, One(value), momentum)
        expected = momentum * expected + (1 - momentum) * value
        assert target.weight.item() == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.996, 1.0])
def test_every_parameter_moves_and_nothing_else(momentum: float) -> None:
    target, online = network(1), network(2)
    old, new = snapshot(target), snapshot(online)
    ema_update(target, online, momentum)
    for name, parameter in target.named_parameters():
        expected = momentum * old[name] + (1 - momentum) * new[name]
        torch.testing.assert_close(parameter.detach(), expected, rtol=1e-12, atol=1e-12)
    for name, buffer in target.named_buffers():
        assert torch.equal(buffer, old[name]), f"buffer {name} has changed"
    assert_unchanged(online, new)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_what_is_exact(dtype: torch.dtype) -> None:
    """Momentum 1 keeps and 0 copies every bit; equal networks stay equal."""
    target, online = network(1, dtype), network(2, dtype)
    before = snapshot(target)
    ema_update(target, online, 1)
    assert_unchanged(target, before)
    ema_update(target, online, 0)
    for mine, other in zip(target.parameters(), online.parameters()):
        assert torch.equal(mine, other)
    before = snapshot(target)
    for momentum in (0.3, 0.9, 0.999):
        ema_update(target, online, momentum)
        assert_unchanged(target, before)


def test_keeps_the_very_parameters() -> None:
    """In place: an optimizer or another module that holds a parameter sees it move."""
    target = network(1)
    pointers = [p.data_ptr() for p in target.parameters()]
    view = target[0].weight.detach()[0]
    ema_update(target, network(2), 0.5)
    assert [p.data_ptr() for p in target.parameters()] == pointers
    assert torch.equal(view, target[0].weight.detach()[0])


def test_tied_parameters_move_once() -> None:
    target, online = (nn.Sequential(net, net) for net in (One(0.0), One(1.0)))
    ema_update(target, online, 0.9)
    assert target[0].weight.item() == pytest.approx(0.1, abs=1e-15)


def test_frozen_parameters_move_too() -> None:
    target, online = One(0.0).requires_grad_(False), One(1.0).requires_grad_(False)
    ema_update(target, online, 0.5)
    assert target.weight.item() == 0.5


def test_matched_by_name_whatever_their_order() -> None:
    target, online = nn.Module(), nn.Module()
    target.a, target.b = One(0.0), One(0.0)
    online.b, online.a = One(2.0), One(1.0)
    ema_update(target, online, 0.5)
    assert (target.a.weight.item(), target.b.weight.item()) == (0.5, 1.0)


def test_leaves_no_trace_in_autograd() -> None:
    target, online = One(0.0), One(1.0)
    ema_update(target, online, 0.5)
    assert target.weight.is_leaf and target.weight.requires_grad
    assert target.weight.grad_fn is None and target.weight.grad is None
    assert online.weight.grad is None


def test_networks_without_parameters_pass() -> None:
    ema_update(nn.Identity(), nn.ReLU(), 0.9)
    with pytest.raises(ValueError, match="momentum"):
        ema_update(nn.Identity(), nn.ReLU(), 2.0)


def test_empty_parameters_pass() -> None:
    class Empty(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.none = nn.Parameter(torch.empty(0, 3))
            self.some = nn.Parameter(torch.ones(2))

    ema_update(Empty(), Empty(), 0.5)


def test_largest_numbers_count_as_finite() -> None:
    """Their squares would not be."""
    largest = torch.finfo(torch.float64).max / 4
    target = One(largest)
    ema_update(target, One(largest), 0.5)
    assert target.weight.item() == largest


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.999])
def test_equals_torch_averaged_model(momentum: float) -> None:
    swa = torch.optim.swa_utils
    target, online = network(1), network(2)
    peer = swa.AveragedModel(copy.deepcopy(target), multi_avg_fn=swa.get_ema_multi_avg_fn(momentum))
    peer.update_parameters(target)  # the first update of this class copies
    for seed in range(3, 6):
        online = network(seed)
        peer.update_parameters(online)
        ema_update(target, online, momentum)
    for mine, other in zip(target.parameters(), peer.module.parameters()):
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("momentum", [-0.1, 1.0001, math.nan, math.inf])
def test_momentum_outside_is_refused(momentum: float) -> None:
    target, online = network(1), network(2)
    before = snapshot(target)
    with pytest.raises(ValueError, match="^momentum must be from 0 to 1"):
        ema_update(target, online, momentum)
    assert_unchanged(target, before)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 1.0])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", ["0.weight", "1.bias", "2.weight"])
def test_what_is_not_finite_does_not_enter(bad: float, where: str, momentum: float) -> None:
    target, online = network(1), network(2)
    with torch.no_grad():
        online.get_parameter(where).view(-1)[-1] = bad
    before = snapshot(target)
    with pytest.raises(ValueError, match=f"^online parameter {where} must be finite"):
        ema_update(target, online, momentum)
    assert_unchanged(target, before)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_nan_is_seen_in_every_precision(dtype: torch.dtype) -> None:
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            ema_update(One(0.0, dtype), One(bad, dtype), 0.9)


def grown(net: nn.Module) -> nn.Module:
    net.append(nn.Linear(2, 2).double())
    return net


def shrunk(net: nn.Module) -> nn.Module:
    return net[:2]


def reshaped(net: nn.Module) -> nn.Module:
    net[2] = nn.Linear(2, 4, bias=False).double()
    return net


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (grown, "3.bias, 3.weight"),
        (shrunk, "2.weight"),
        (reshaped, "2.weight"),
        (nn.Module.float, "0.bias, 0.weight, 1.bias, 1.weight, 2.weight"),
        (lambda net: net.to("meta"), "0.bias, 0.weight, 1.bias, 1.weight, 2.weight"),
    ],
    ids=["more", "fewer", "shape", "dtype", "device"],
)
def test_other_parameters_are_refused(change, named: str) -> None:
    target, online = network(1), change(network(2))
    before = snapshot(target)
    with pytest.raises(ValueError, match=f"^target must have .* they differ in {named}$"):
        ema_update(target, online, 0.9)
    assert_unchanged(target, before)
