"""The exercise of the vision transformer: attention in several heads."""

from collections.abc import Callable
from typing import Any

import torch

from lesson_code.checker.exercise import Calls, Exercise, Probe, ReaderError, Seen, normal
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


_QKV = normal(1, 2, 5, 36)

EXERCISES = (
    Exercise(
        reference=attention,
        page="module-1/1.4-dino-piece-by-piece/vision-transformer.md",
        known_as="multi_head_attention self_attention scaled_dot_product_attention",
        minutes=20,
        hints=(
            "Begin with one head: which of the L tokens does each token ask, and how much does it "
            "take from each of them?",
            "Queries, keys and values are the three thirds of the last axis, and in each third the "
            "heads lie side by side: reshape to (N, L, 3, h, d), then bring h before L.",
            "The logits are `query @ key.transpose(2, 3)`, divided by the root of d, the length of "
            "a query of one head. Each row of the softmax must sum to 1 over the keys.",
            "Last put the heads side by side again: `mixed.transpose(1, 2)` has the shape "
            "(N, L, h, d), and its last two axes become one.",
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
