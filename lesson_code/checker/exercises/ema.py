"""The exercise of the moving average of a network."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lesson_code.ema import ema_update
from lesson_code.checker.exercise import IN_FLOAT64, Exercise, Probe, Seen, normal
from lesson_code.checker.exercise import probe, probes, refused


class _One(nn.Module):
    """A network of a single number."""

    def __init__(self, value: float, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([value], dtype=dtype))


class _Nested(nn.Module):
    """A network with a parameter of its own, and a network within a network."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([value]))
        self.inner = nn.Sequential(_One(value), nn.Sequential(_One(10 * value)))


def _linear(weight: float, bias: float) -> nn.Linear:
    net = nn.Linear(1, 2)
    with torch.no_grad():
        net.weight.fill_(weight)
        net.bias.fill_(bias)
    return net


def _with_statistics(seed: int) -> nn.Sequential:
    """Two layers of batch normalization's network, with statistics that differ by the seed."""
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1, bias=False))
    with torch.no_grad():
        for number, tensor in enumerate([*net.parameters(), *net.buffers()]):
            if tensor.is_floating_point():
                tensor.copy_(normal(100 * seed + number, *tensor.shape))
            else:
                tensor.fill_(4)  # equal on both sides: a counter is not what is asked for
    return net


def _values(net: nn.Module) -> Seen:
    return {name: p.detach().clone() for name, p in net.named_parameters()}


def _by_hand(momentum: float) -> Callable[[Any], Seen]:
    def ask(update: Callable[..., Any]) -> Seen:
        target, online = _One(0.0), _One(1.0)
        update(target=target, online=online, momentum=momentum)
        return {"target": target.weight.detach(), "online": online.weight.detach()}

    return ask


def _shown(momentum: float) -> str:
    return f"target.weight = [0.0]\nonline.weight = [1.0]\nmomentum = {momentum}"


@probe(
    "three steps",
    "target.weight = [0.0]; online.weight = [1.0], [2.0], [-3.0] in turn\nmomentum = 0.75",
)
def _three_steps(update: Callable[..., Any]) -> Seen:
    target, seen = _One(0.0), {}
    for step, value in enumerate((1.0, 2.0, -3.0), start=1):
        update(target=target, online=_One(value), momentum=0.75)
        seen[f"target after step {step}"] = target.weight.detach().clone()
    return seen


@probe(
    "weights and biases",
    "target = nn.Linear(1, 2), weights 0 and biases 10\n"
    "online = nn.Linear(1, 2), weights 1 and biases 20\nmomentum = 0.9",
)
def _weights_and_biases(update: Callable[..., Any]) -> Seen:
    target = _linear(0.0, 10.0)
    update(target=target, online=_linear(1.0, 20.0), momentum=0.9)
    return _values(target)


@probe(
    "networks within networks",
    "a parameter of its own, one in a child, one in a child of a child: "
    "1, 1, 10 in target and 2, 2, 20 in online\nmomentum = 0.9",
)
def _nested(update: Callable[..., Any]) -> Seen:
    target = _Nested(1.0)
    update(target=target, online=_Nested(2.0), momentum=0.9)
    return _values(target)


@probe("a frozen target", f"target.requires_grad_(False)\n{_shown(0.9)}")
def _frozen(update: Callable[..., Any]) -> Seen:
    target, online = _One(0.0).requires_grad_(False), _One(1.0)
    update(target=target, online=online, momentum=0.9)
    return {
        "target": target.weight.detach(),
        "target requires a gradient": target.weight.requires_grad,
        "target is part of a graph": target.weight.grad_fn is not None,
    }


@probe(
    "gradients are left alone", f"(3 * online.weight + 2 * target.weight).backward()\n{_shown(0.9)}"
)
def _traces(update: Callable[..., Any]) -> Seen:
    target, online = _One(0.0), _One(1.0)
    torch.autograd.backward(3 * online.weight + 2 * target.weight)
    update(target=target, online=online, momentum=0.9)
    return {
        "target": target.weight.detach(),
        "gradient of target": target.weight.grad,
        "gradient of online": online.weight.grad,
        "target requires a gradient": target.weight.requires_grad,
    }


@probe(
    "parameters held by somebody else",
    "held = list(target.parameters()), before the update\n"
    "target = nn.Linear(1, 2), weights 0 and biases 10\n"
    "online = nn.Linear(1, 2), weights 1 and biases 20\nmomentum = 0.9",
)
def _held(update: Callable[..., Any]) -> Seen:
    target = _linear(0.0, 10.0)
    held = list(target.parameters())
    update(target=target, online=_linear(1.0, 20.0), momentum=0.9)
    return {"weight as held before": held[0].detach(), "bias as held before": held[1].detach()}


@probe("online goes on by itself", f"{_shown(0.9)}\nafter the update 100 is added to online.weight")
def _apart(update: Callable[..., Any]) -> Seen:
    target, online = _One(0.0), _One(1.0)
    update(target=target, online=online, momentum=0.9)
    with torch.no_grad():
        online.weight.add_(100.0)
    return {"target": target.weight.detach()}


@probe(
    "two targets in turn",
    "ema_update(first, [1.0], 0.9), ema_update(second, [8.0], 0.5), "
    "ema_update(first, [1.0], 0.9)\nfirst.weight = [0.0]\nsecond.weight = [4.0]",
)
def _two_pairs(update: Callable[..., Any]) -> Seen:
    first, second = _One(0.0), _One(4.0)
    update(target=first, online=_One(1.0), momentum=0.9)
    update(target=second, online=_One(8.0), momentum=0.5)
    update(target=first, online=_One(1.0), momentum=0.9)
    return {"first": first.weight.detach(), "second": second.weight.detach()}


@probe(
    "batch normalization",
    "nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1), with statistics that differ\n"
    "momentum = 0.5",
)
def _statistics(update: Callable[..., Any]) -> Seen:
    target, online = _with_statistics(1), _with_statistics(2)
    update(target=target, online=online, momentum=0.5)
    return {
        "running_mean": target[1].get_buffer("running_mean"),
        "running_var": target[1].get_buffer("running_var"),
        **_values(target),
    }


@probe("online afterwards", "nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)\nmomentum = 0.25")
def _online_afterwards(update: Callable[..., Any]) -> Seen:
    target, online = _with_statistics(1), _with_statistics(2)
    update(target=target, online=online, momentum=0.25)
    return {
        **{f"{name} of online": value for name, value in _values(online).items()},
        **{f"{name} of online": value.clone() for name, value in online.named_buffers()},
        "online requires a gradient": all(p.requires_grad for p in online.parameters()),
    }


@probe(
    "float64",
    "target.weight = [1/3]\nonline.weight = [2/7], float64\nmomentum = 0.996",
    remark=IN_FLOAT64,
    rtol=1e-8,
    atol=1e-10,
)
def _wide(update: Callable[..., Any]) -> Seen:
    target, online = _One(1 / 3, torch.float64), _One(2 / 7, torch.float64)
    update(target=target, online=online, momentum=0.996)
    return {"target": target.weight.detach()}


@probe(
    "an online network with one layer more",
    "target has one parameter, online two\nmomentum = 0.9",
    remark="Networks with different parameters are accepted, and what has no partner "
    "stays behind without a word. `zip(..., strict=True)` is enough to notice.",
)
def _other_structure(update: Callable[..., Any]) -> Seen:
    target, online = nn.Sequential(_One(0.0)), nn.Sequential(_One(1.0), _One(1.0))
    return {"refused": refused(lambda: update(target=target, online=online, momentum=0.9))}


@probe(
    "a momentum of 1.5",
    _shown(1.5),
    remark="A momentum above 1 is accepted: the target then runs away from the online "
    "network. An error that names the argument saves a search.",
)
def _outside(update: Callable[..., Any]) -> Seen:
    pair = {"target": _One(0.0), "online": _One(1.0)}
    return {"refused": refused(lambda: update(**pair, momentum=1.5))}


EXERCISES = (
    Exercise(
        reference=ema_update,
        complements={"momentum": "tau alpha rate share"},
        kept="target",
        probes=(
            Probe("one number, momentum 0.9", _by_hand(0.9), _shown(0.9)),
            Probe("one number, momentum 0.999", _by_hand(0.999), _shown(0.999), atol=1e-7),
            Probe("momentum 0.25", _by_hand(0.25), _shown(0.25)),
            Probe("momentum 1 keeps", _by_hand(1.0), _shown(1.0)),
            Probe("momentum 0 copies", _by_hand(0.0), _shown(0.0)),
            *probes(globals()),
        ),
    ),
)
