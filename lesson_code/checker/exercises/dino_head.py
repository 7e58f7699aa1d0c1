"""The exercise of DINO's head."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import torch

from lesson_code.dino_head import DINOHead
from lesson_code.checker.exercise import Exercise, Seen, normal, probe, probes
from lesson_code.checker.exercises._networks import kept, outputs, pushes, three_steps

#: Sizes that differ, so that a parameter can be told by its shape.
_IN, _OUT, _HIDDEN, _BOTTLENECK = 3, 6, 5, 4
_PROTOTYPES = (_OUT, _BOTTLENECK)
_X = normal(1, 4, _IN)


def _built(cls: Callable[..., Any], **sizes: int) -> Any:
    """A small head with known weights, whatever its parameters are called."""
    given = {"in_dim": _IN, "out_dim": _OUT, "hidden_dim": _HIDDEN, "bottleneck_dim": _BOTTLENECK}
    return _filled(cls(**(given | sizes)))


def _filled(head: Any, seed: int = 10) -> Any:
    """Write the same numbers into the parameters of each shape, in their order.

    Gains, one number for each row or column of a weight, stay as they are.
    """
    seen: dict[tuple[int, ...], int] = {}
    with torch.no_grad():
        for parameter in head.parameters():
            shape = tuple(parameter.shape)
            parameter.grad = None
            if len(shape) == 2 and 1 in shape:
                continue
            if shape == _PROTOTYPES[::-1]:  # one prototype a column
                parameter.copy_(normal(seed, *_PROTOTYPES).T)
                continue
            seen[shape] = seen.get(shape, -1) + 1
            parameter.copy_(normal(seed + seen[shape], *shape))
    return head


def _of_shape(head: Any, *shapes: tuple[int, ...]) -> Iterator[torch.nn.Parameter]:
    return (each for each in head.parameters() if tuple(each.shape) in shapes)


_SIZES = "head = DINOHead(in_dim=3, out_dim=6, hidden_dim=5, bottleneck_dim=4), known weights"


@probe("shape of the outputs", _SIZES, "head(x) with x of shape (4, 3)")
def _shape(cls: Callable[..., Any]) -> Seen:
    return {"shape of the outputs": tuple(outputs(_built(cls), _X).shape)}


@probe(
    "one image",
    _SIZES,
    "head(x) with x of shape (1, 3)",
    beyond="It takes no single image while it trains, since it has batch normalization. DINO's "
    "head has none.",
)
def _one_image(cls: Callable[..., Any]) -> Seen:
    return {"outputs": outputs(_built(cls), _X[:1])}


@probe("four images", _SIZES, "head(x) with x of shape (4, 3)")
def _four_images(cls: Callable[..., Any]) -> Seen:
    return {"outputs": outputs(_built(cls), _X)}


@probe("features a hundred times larger", _SIZES, "the largest of head(100 * x), in absolute value")
def _large_features(cls: Callable[..., Any]) -> Seen:
    largest = outputs(_built(cls), 100 * _X).abs().max()
    return {"largest output, rounded": round(float(largest), 2)}


@probe(
    "other sizes", "head = DINOHead(in_dim=2, out_dim=9, hidden_dim=7, bottleneck_dim=3)\nhead(x)"
)
def _other_sizes(cls: Callable[..., Any]) -> Seen:
    head = _built(cls, in_dim=2, out_dim=9, hidden_dim=7, bottleneck_dim=3)
    return {"outputs": outputs(head, _X[:, :2])}


@probe("gradients", _SIZES, "(head(x) * fixed_numbers).sum().backward()")
def _gradients(cls: Callable[..., Any]) -> Seen:
    head = _built(cls)
    seen = pushes(
        head,
        _X,
        the_prototypes=next(_of_shape(head, _PROTOTYPES, _PROTOTYPES[::-1]), None),
        the_first_layer=next(_of_shape(head, (_HIDDEN, _IN)), None),
    )
    of_prototypes = seen["gradient in the prototypes"]
    if getattr(of_prototypes, "shape", None) == _PROTOTYPES[::-1]:  # one prototype a column
        seen["gradient in the prototypes"] = of_prototypes.T
    return seen


@probe(
    "three steps of training",
    _SIZES,
    "three steps of gradient descent on all parameters, then head(x)",
)
def _three_steps(cls: Callable[..., Any]) -> Seen:
    return three_steps(_built(cls), _X, 0.2)


@probe("a second head", _SIZES, "other weights written into a second head; head(x) of the first")
def _a_second_one(cls: Callable[..., Any]) -> Seen:
    first = _built(cls)
    before = outputs(first, _X).detach()
    _filled(_built(cls), seed=50)
    after = outputs(first, _X).detach()
    return {"outputs of the first": "as before" if torch.equal(before, after) else "others"}


@probe("features afterwards", _SIZES, "head(x); is x still the same?")
def _features_afterwards(cls: Callable[..., Any]) -> Seen:
    return kept(_built(cls), _X)


@probe(
    "first weights",
    "head = DINOHead(in_dim=40, out_dim=8, hidden_dim=80, bottleneck_dim=30)",
    remark="The three layers do not start as DINO's do: "
    "`nn.init.trunc_normal_(layer.weight, std=0.02)`, and biases of zero.",
)
def _first_weights(cls: Callable[..., Any]) -> Seen:
    head = cls(in_dim=40, out_dim=8, hidden_dim=80, bottleneck_dim=30)
    weights = [each.detach() for each in _of_shape(head, (80, 40), (80, 80), (30, 80))]
    biases = [each.detach() for each in _of_shape(head, (80,), (30,))]
    spread = [0.015 < float(each.std()) < 0.025 for each in weights]
    return {
        "weights of the three layers start with a spread of 0.02": bool(spread) and all(spread),
        "their biases start at 0": not any(bool(each.any()) for each in biases),
    }


@probe(
    "default sizes",
    "head = DINOHead(in_dim=3, out_dim=6)",
    remark="Its default sizes are not the documented ones: 2048 hidden units, a bottleneck of 256.",
)
def _default_sizes(cls: Callable[..., Any]) -> Seen:
    try:
        head = cls(in_dim=3, out_dim=6)
    except TypeError:
        return {"sizes of its matrices": "no defaults"}
    shapes = {tuple(each.shape) for each in head.parameters() if each.ndim == 2}
    return {"sizes of its matrices": sorted(shape for shape in shapes if 1 not in shape)}


@probe(
    "zeros in bfloat16",
    _SIZES,
    "head.to(torch.bfloat16), features and biases of zero",
    remark="A bottleneck of zeros has no direction, and dividing by its length gives "
    "NaN. `F.normalize` divides by 1e-12 at least.",
)
def _half(cls: Callable[..., Any]) -> Seen:
    head = copy.deepcopy(_built(cls)).to(torch.bfloat16)
    first = outputs(head, torch.zeros(2, _IN, dtype=torch.bfloat16))
    for each in _of_shape(head, (_HIDDEN,), (_BOTTLENECK,)):
        each.data.zero_()
    zero = outputs(head, torch.zeros(2, _IN, dtype=torch.bfloat16))
    return {"finite": bool(first.isfinite().all() and zero.isfinite().all())}


EXERCISES = (Exercise(reference=DINOHead, probes=(*probes(globals()),)),)
