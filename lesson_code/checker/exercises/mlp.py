"""The exercise of BYOL's perceptron: a network with known weights, in training and evaluation."""

from collections.abc import Callable
from typing import Any

import torch

from lesson_code.checker.exercise import Exercise, Seen, normal, probe, probes
from lesson_code.checker.exercises._networks import kept, outputs, pushes, three_steps
from lesson_code.mlp import MLP

#: Sizes that differ, so that a matrix can be told by its shape.
_IN, _HIDDEN, _OUT = 3, 5, 4
_X, _Y = normal(1, 6, _IN), 2 * normal(2, 6, _IN) + 1


def _built(cls: Callable[..., Any], seed: int = 10) -> Any:
    """A small network with known weights, whatever its parameters are called."""
    return _filled(cls(in_dim=_IN, hidden_dim=_HIDDEN, out_dim=_OUT), seed)


def _filled(mlp: Any, seed: int = 10) -> Any:
    """Write known numbers into a new network: by shape, and by what a vector starts with.

    Vectors of ones are the scales of a normalization, and vectors of zeros its shifts.
    """
    with torch.no_grad():
        for parameter in mlp.parameters():
            shape = tuple(parameter.shape)
            if len(shape) == 2:
                parameter.copy_(normal(seed, *shape))
            elif bool((parameter == 1).all()):
                parameter.copy_(1 + 0.2 * normal(seed + 1, *shape))
            elif bool((parameter == 0).all()):
                parameter.copy_(0.2 * normal(seed + 2, *shape))
            else:
                parameter.copy_(normal(seed + 3, *shape))
    torch.default_generator.manual_seed(1)
    return mlp


_SIZES = "mlp = MLP(in_dim=3, hidden_dim=5, out_dim=4), known weights"


@probe("shape of the outputs", _SIZES, "mlp(x) with x of shape (6, 3)")
def _shape(cls: Callable[..., Any]) -> Seen:
    return {"shape of the outputs": tuple(outputs(_built(cls), _X).shape)}


@probe(
    "two rows by hand",
    "mlp = MLP(in_dim=1, hidden_dim=1, out_dim=1), both weights 2\n"
    "mlp(torch.tensor([[10.0], [30.0]]))",
)
def _by_hand(cls: Callable[..., Any]) -> Seen:
    """Two rows are normalized to -1 and 1, of which ReLU keeps the 1."""
    mlp = cls(in_dim=1, hidden_dim=1, out_dim=1)
    with torch.no_grad():
        for parameter in mlp.parameters():
            if parameter.ndim == 2:
                parameter.fill_(2.0)
            elif not bool((parameter == 1).all()):
                parameter.zero_()
    return {"outputs": outputs(mlp, torch.tensor([[10.0], [30.0]]))}


@probe("its parameters", _SIZES, "their sizes, from mlp.parameters()")
def _parameters(cls: Callable[..., Any]) -> Seen:
    shapes = [tuple(each.shape) for each in _built(cls).parameters()]
    return {
        "sizes of the matrices": sorted(shape for shape in shapes if len(shape) == 2),
        "sizes of the vectors": sorted(shape for shape in shapes if len(shape) == 1),
    }


@probe("a batch in training mode", _SIZES, "mlp(x) with x of shape (6, 3)")
def _training(cls: Callable[..., Any]) -> Seen:
    return {"outputs": outputs(_built(cls), _X)}


@probe("a batch in evaluation mode", _SIZES, "mlp.eval()(x), before any training")
def _evaluation(cls: Callable[..., Any]) -> Seen:
    return {"outputs": outputs(_built(cls).eval(), _X)}


@probe("evaluation after training", _SIZES, "mlp(y); mlp(y); mlp.eval()(x)")
def _evaluation_after_training(cls: Callable[..., Any]) -> Seen:
    mlp = _built(cls)
    outputs(mlp, _Y)
    outputs(mlp, _Y)
    return {"outputs": outputs(mlp.eval(), _X)}


@probe("the same batch twice", _SIZES, "mlp(x) and mlp(x), in training mode")
def _twice(cls: Callable[..., Any]) -> Seen:
    mlp = _built(cls)
    first, second = outputs(mlp, _X), outputs(mlp, _X)
    return {"both outputs are equal": torch.allclose(first, second)}


@probe("gradients", _SIZES, "(mlp(x) * fixed_numbers).sum().backward()")
def _gradients(cls: Callable[..., Any]) -> Seen:
    mlp = _built(cls)
    by_shape = {tuple(each.shape): each for each in mlp.parameters()}
    first, last = by_shape.get((_HIDDEN, _IN)), by_shape.get((_OUT, _HIDDEN))
    return pushes(mlp, _X, the_first_layer=first, the_output_layer=last)


@probe(
    "three steps of training",
    _SIZES,
    "three steps of gradient descent on all parameters, then mlp(x)",
)
def _three_steps(cls: Callable[..., Any]) -> Seen:
    return three_steps(_built(cls), _X, 0.05)


@probe(
    "the size left open",
    "mlp = MLP(in_dim=None, hidden_dim=5, out_dim=4)\nmlp(x) with x of shape (6, 3)",
    remark="It needs the size of its input. `nn.LazyLinear(hidden_dim)`, for an `in_dim` of None, "
    "takes it from the first batch, whatever the encoder gives.",
)
def _open_size(cls: Callable[..., Any]) -> Seen:
    try:
        mlp = cls(in_dim=None, hidden_dim=_HIDDEN, out_dim=_OUT)
        outputs(mlp.eval(), _X)
        return {"outputs": outputs(_filled(mlp), _X)}
    except TypeError:
        return {"outputs": "TypeError: None is no size"}


@probe(
    "a second network",
    _SIZES,
    "mlp.eval()(x) before and after a second network is made and trained",
)
def _a_second_one(cls: Callable[..., Any]) -> Seen:
    first = _built(cls)
    before = outputs(first.eval(), _X).detach()
    outputs(_built(cls, seed=50).train(), _Y)
    after = outputs(first.eval(), _X).detach()
    return {"outputs of the first": "as before" if torch.equal(before, after) else "others"}


@probe("rows afterwards", _SIZES, "mlp(x); is x still the same?")
def _rows_afterwards(cls: Callable[..., Any]) -> Seen:
    return kept(_built(cls), _X)


EXERCISES = (Exercise(reference=MLP, probes=(*probes(globals()),)),)
