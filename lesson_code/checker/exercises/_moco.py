"""How probes build a model of MoCo, and read what it returns."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.checker.exercise import ReaderError, Seen

#: Four keys of two numbers: to the right, up, to the left, down.
CROSS = torch.tensor([[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]])

#: What a class is told that returns the loss alone.
_PAIR = "a pair (logits, labels)"


def linear(weight: torch.Tensor) -> nn.Linear:
    net = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    with torch.no_grad():
        net.weight.copy_(weight)
    return net


def built(
    make: Callable[..., Any],
    encoder: nn.Module | None = None,
    queue: torch.Tensor = CROSS,
    **settings: Any,
) -> Any:
    """A model of the reader with known columns in its queue."""
    dim, size = queue.shape
    encoder = encoder or linear(torch.eye(dim))
    settings = {"dim": dim, "K": size, "m": 0.5, "T": 0.5} | settings
    model = made(make, encoder, settings)
    own = queue_of(model, (dim, size))
    with torch.no_grad():
        own.copy_(queue if own.shape == queue.shape else queue.T)
    torch.default_generator.manual_seed(1)
    return model


def made(make: Callable[..., Any], encoder: nn.Module, settings: dict[str, Any]) -> Any:
    """A model around an encoder; official code wants a class instead, and builds two."""

    def built_anew(*_: Any, **__: Any) -> nn.Module:
        return encoder if next(count) == 0 else copy.deepcopy(encoder)

    count = itertools.count()
    try:
        return make(encoder=encoder, **settings)
    except TypeError as error:
        if "num_classes" not in str(error):
            raise
    return make(encoder=built_anew, **settings)


def queue_of(model: Any, shape: tuple[int, int]) -> torch.Tensor:
    """The queue of a reader's model.

    Raises:
        ReaderError: if it has none of this shape.
    """
    own = getattr(model, "queue", None)
    if not isinstance(own, torch.Tensor) or sorted(own.shape) != sorted(shape):
        raise ReaderError(
            "has no attribute `queue`, which the checker fills and reads: it must have the shape "
            f"(dim, K) = {shape}"
        )
    return own


def named(result: Any) -> Seen:
    """What a forward pass has returned, by name."""
    if result is None:
        raise ReaderError("returns None")
    if isinstance(result, dict):
        result = result.get("loss", next(iter(result.values()), None))
    if isinstance(result, (tuple, list)) and len(result) == 2:
        logits, labels = (torch.as_tensor(item) for item in result)
        return {"logits": logits, "labels": labels, "returned": _PAIR}
    found = torch.as_tensor(result)
    return {"returned": f"one tensor of shape {tuple(found.shape)}", "loss": found}


def step(model: Any, im_q: torch.Tensor, im_k: torch.Tensor) -> Seen:
    """A forward pass on copies, so that no model can spoil the images of the next."""
    return named(model(im_q.clone(), im_k.clone()))


def turned(make: Callable[..., Any], *angles: torch.Tensor) -> Any:
    """A model that has taken a step with keys of length one at each of these angles."""
    model = built(make)
    for each in angles:
        keys = torch.stack([each.cos(), each.sin()], dim=1)
        step(model, keys, keys)
    return model


def loss(seen: Seen) -> torch.Tensor:
    found = F.cross_entropy(seen["logits"], seen["labels"]) if "logits" in seen else seen["loss"]
    assert isinstance(found, torch.Tensor)
    return found


def positive(seen: Seen) -> torch.Tensor:
    """The logits of the right answers, one for each query."""
    found: torch.Tensor = seen["logits"].gather(1, seen["labels"][:, None].long()).squeeze(1)
    return found


def positives(when: str, seen: Seen) -> Seen:
    """The logits of the right answers under a name; of a class that returns a loss, the loss."""
    if "logits" not in seen:
        return {f"loss {when}": loss(seen)}
    return {f"positives {when}": positive(seen)}


def in_any_order(when: str, seen: Seen) -> Seen:
    """The same whatever the order of the columns in the queue; a loss is so already."""
    if "logits" not in seen or seen["logits"].ndim != 2:
        return {f"{name} {when}": item for name, item in seen.items()}
    column = seen["labels"][:, None].long()
    # Sorted, the column taken out comes first.
    others = seen["logits"].detach().scatter(1, column, -torch.inf).sort(dim=1).values
    return {f"positives {when}": positive(seen), f"negatives {when}, sorted": others[:, 1:]}
