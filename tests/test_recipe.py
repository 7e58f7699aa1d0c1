"""DINO's recipe: schedules against the official end points, groups, clipping, a frozen layer."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from lesson_code import DINOHead, clip_each_gradient, cosine_schedule, parameter_groups


@pytest.mark.parametrize(
    "arguments", [(5e-4, 1e-6, 50, 10), (0.04, 0.4, 7, 0), (0.996, 1.0, 1, 0), (1, 0, 3, 1)]
)
def test_schedule_against_numpy(arguments: tuple[float, float, int, int]) -> None:
    """The official code takes ``linspace`` with both ends, then an ``arange`` over its length."""
    start, end, total, warmup = arguments
    fall = np.cos(np.pi * np.arange(total - warmup) / (total - warmup))
    expected = [*np.linspace(0, start, warmup), *(end + 0.5 * (start - end) * (1 + fall))]
    assert cosine_schedule(*arguments) == pytest.approx(expected, abs=1e-15)


def test_schedule_by_hand_and_bad_ones() -> None:
    assert cosine_schedule(1.0, 0.0, 6, 3) == pytest.approx([0, 0.5, 1, 1, 0.75, 0.25])
    assert cosine_schedule(0.0, 1.0, 2) == pytest.approx([0, 0.5])
    for arguments, words in (
        ((math.nan, 0, 5), "start and end must be finite, got nan and 0"),
        ((1, math.inf, 5), "start and end must be finite, got 1 and inf"),
        ((1, 0, 0), "total_steps must be a whole number above 0"),
        ((1, 0, 5, 5), "warmup_steps must be a whole number from 0 to 4, got 5"),
    ):
        with pytest.raises(ValueError, match=words):
            cosine_schedule(*arguments)


def test_groups() -> None:
    """Matrices decay, a trained gain too; biases of any shape and norms do not."""
    head = DINOHead(4, 6, hidden_dim=3, bottleneck_dim=2)
    decayed, free = parameter_groups(head)
    assert [tuple(p.shape) for p in decayed["params"]] == [(3, 4), (3, 3), (2, 3), (6, 2)]
    assert [tuple(p.shape) for p in free["params"]] == [(3,), (3,), (2,)]
    assert free["weight_decay"] == 0 and "weight_decay" not in decayed
    gain = head.last_layer.parametrizations.weight.original0.requires_grad_()
    assert any(p is gain for p in parameter_groups(head)[0]["params"])
    module = nn.ModuleDict({"norm": nn.LayerNorm(3), "linear": nn.Linear(3, 2)})
    module["linear"].bias = nn.Parameter(torch.zeros(1, 2))
    assert [len(group["params"]) for group in parameter_groups(module)] == [1, 3]


def test_clipping_by_hand() -> None:
    gradients = [30.0, 40.0], None, [0.3, 0.4], [0.0, 0.0]
    module = nn.ParameterList([torch.zeros(2) for _ in gradients])
    for parameter, gradient in zip(module, gradients, strict=True):
        parameter.grad = None if gradient is None else torch.tensor(gradient)
    assert clip_each_gradient(module, 2.0) == pytest.approx([50.0, 0.5, 0.0])
    clipped = [p.grad if p.grad is None else pytest.approx(p.grad.tolist()) for p in module]
    assert clipped == [[1.2, 1.6], None, [0.3, 0.4], [0.0, 0.0]]
    module[0].grad *= math.nan
    assert math.isnan(clip_each_gradient(module)[0]) and module[0].grad.isnan().all()
    for bad in (0.0, math.nan):
        with pytest.raises(ValueError, match="max_norm must be a finite number above 0"):
            clip_each_gradient(module, bad)


def test_a_layer_stands_still_without_a_gradient_and_moves_with_a_zero() -> None:
    for none in (True, False):
        layer = nn.Linear(2, 2)
        before = layer.weight.clone()
        layer(torch.ones(1, 2)).sum().backward()
        layer.zero_grad(set_to_none=none)
        torch.optim.AdamW(layer.parameters(), lr=0.1, weight_decay=0.4).step()
        assert torch.equal(layer.weight, before) == none
