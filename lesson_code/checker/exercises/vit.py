"""The exercise of the vision transformer: attention in several heads."""

import re
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lesson_code.checker.exercise import Calls, Exercise, Other, Probe, ReaderError, Seen, normal
from lesson_code.vit import attention


def _both(function: Callable[..., Any], given: dict[str, Any]) -> Seen:
    """What each token has gathered, and the weights."""
    result = function(**given)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise ReaderError("returns no pair of mixed tokens and weights")
    return {"mixed": result[0], "weights": result[1]}


def _pushed(function: Callable[..., Any], given: dict[str, Any]) -> Seen:
    leaf = given["qkv"].requires_grad_()
    parts = _both(function, given).values()
    total = torch.stack([(part * normal(2, *part.shape)).sum() for part in parts]).sum()
    if total.requires_grad:
        torch.autograd.backward(total)
    return {"gradient in qkv": torch.zeros_like(leaf) if leaf.grad is None else leaf.grad}


def _asked(name: str, qkv: Any, heads: int, how: Callable[..., Seen] = _both) -> Probe:
    return Calls(attention).asking(name, how, (qkv, heads), {})


class _Given(nn.Module):
    """Stands for a linear map, and gives what is asked about."""

    def __init__(self, result: torch.Tensor) -> None:
        super().__init__()
        self.result = result

    def forward(self, *_: Any) -> torch.Tensor:
        return self.result


def _in_a_layer(make: Any, qkv: torch.Tensor, heads: int) -> Any:
    """What a layer answers whose map to queries, keys and values gives these."""
    dim = qkv.shape[-1] // 3
    rest = {} if "head_dim" in make.reading.lacking else {"head_dim": dim // heads}
    layer = make(dim=dim, heads=heads, **rest).eval()
    maps = {name: it for name, it in layer.named_modules() if isinstance(it, nn.Linear)}
    first = next(iter(maps), "")
    fused = bool(maps) and maps[first].out_features == qkv.shape[-1]
    given = [qkv] if fused else [*qkv.chunk(3, dim=-1)]
    if not fused and [re.sub("^to_|^w", "", name.lower())[:1] for name in maps][:3] != [*"qkv"]:
        raise ReaderError("has no linear map to queries, keys and values, in this order")
    for name, module in [*layer.named_modules()][1:]:
        place: nn.Module = nn.Identity()
        if name in [*maps][: len(given)]:
            place = _Given(given[[*maps].index(name)])
        elif not isinstance(module, (nn.Linear, nn.LayerNorm)):
            continue
        layer.set_submodule(name, place)
    result = layer(normal(3, *qkv.shape[:2], dim).to(qkv.dtype))
    mixed = result[0] if isinstance(result, (tuple, list)) else result
    return mixed, attention(qkv, heads)[1]


_QKV = normal(1, 2, 5, 36)

EXERCISES = (
    Exercise(
        reference=attention,
        others=(
            Other(
                "attention_layer",
                "self, dim: int, heads: int, head_dim: int | None = None",
                _in_a_layer,
                "Its map to queries, keys and values was replaced by given ones, those before and "
                "behind by none; of what it returns, the mixed tokens were judged.",
                made=True,
            ),
        ),
        probes=(
            _asked("two tokens, one head", [[[2.0, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1]]], 1),
            _asked("two tokens, two heads", normal(4, 1, 2, 12), 2),
            _asked("three heads, two images", _QKV, 3),
            _asked("a single token", normal(5, 2, 1, 12), 2),
            _asked("large logits", 40 * _QKV, 3),
            _asked("which way qkv is pushed", _QKV, 3, _pushed),
            Calls(attention).untouched("qkv afterwards", _QKV, 3),
        ),
    ),
)
