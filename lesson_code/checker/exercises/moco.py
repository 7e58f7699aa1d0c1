"""The exercise of MoCo: what it returns, and what becomes of it over several steps.

The published class draws its first queue and the order of its keys at random. Probes put known
columns into the queue, and look at nothing that depends on the order.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.checker.exercise import Calls, Exercise, Probe, ReaderError, Seen, normal
from lesson_code.moco import MoCo

#: Four keys of two numbers: to the right, up, to the left, down.
_CROSS = torch.tensor([[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]])

_START = """\
encoder = nn.Linear(2, 2, bias=False)  # its weight is torch.eye(2)
model = MoCo(encoder, dim=2, K=4, m=0.5, T=0.5)
model.queue.copy_(torch.tensor([[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]))
"""


#: What a class is told that returns the loss alone.
_PAIR = "a pair (logits, labels)"


def _linear(weight: torch.Tensor) -> nn.Linear:
    net = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    with torch.no_grad():
        net.weight.copy_(weight)
    return net


def _built(
    make: Callable[..., Any],
    encoder: nn.Module | None = None,
    queue: torch.Tensor = _CROSS,
    **settings: Any,
) -> Any:
    """A model of the reader with known columns in its queue."""
    dim, size = queue.shape
    encoder = encoder or _linear(torch.eye(dim))
    model = make(encoder=encoder, dim=dim, K=size, **{"m": 0.5, "T": 0.5} | settings)
    own = getattr(model, "queue", None)
    if not isinstance(own, torch.Tensor) or sorted(own.shape) != sorted(queue.shape):
        raise ReaderError(
            "has no attribute `queue`, which the checker fills and reads: it must have the shape "
            f"(dim, K) = {tuple(queue.shape)}"
        )
    with torch.no_grad():
        own.copy_(queue if own.shape == queue.shape else queue.T)
    torch.default_generator.manual_seed(1)
    return model


def _named(result: Any) -> Seen:
    """What a forward pass has returned, by name."""
    if result is None:
        raise ReaderError("returns None")
    if isinstance(result, (tuple, list)) and len(result) == 2:
        logits, labels = (torch.as_tensor(item) for item in result)
        return {"logits": logits, "labels": labels, "returned": _PAIR}
    found = torch.as_tensor(result)
    return {"returned": f"one tensor of shape {tuple(found.shape)}", "loss": found}


def _step(model: Any, im_q: torch.Tensor, im_k: torch.Tensor) -> Seen:
    """A forward pass on copies, so that no model can spoil the images of the next."""
    return _named(model(im_q.clone(), im_k.clone()))


def _loss(seen: Seen) -> torch.Tensor:
    found = F.cross_entropy(seen["logits"], seen["labels"]) if "logits" in seen else seen["loss"]
    assert isinstance(found, torch.Tensor)
    return found


def _positive(seen: Seen) -> torch.Tensor:
    """The logits of the right answers, one for each query."""
    found: torch.Tensor = seen["logits"].gather(1, seen["labels"][:, None].long()).squeeze(1)
    return found


def _positives(when: str, seen: Seen) -> Seen:
    """The logits of the right answers under a name; of a class that returns a loss, the loss."""
    if "logits" not in seen:
        return {f"loss {when}": _loss(seen)}
    return {f"positives {when}": _positive(seen)}


def _in_any_order(when: str, seen: Seen) -> Seen:
    """The same whatever the order of the columns in the queue; a loss is so already."""
    if "logits" not in seen or seen["logits"].ndim != 2:
        return {f"{name} {when}": item for name, item in seen.items()}
    column = seen["labels"][:, None].long()
    # Sorted, the column taken out comes first.
    others = seen["logits"].detach().scatter(1, column, -torch.inf).sort(dim=1).values
    return {f"positives {when}": _positive(seen), f"negatives {when}, sorted": others[:, 1:]}


def _by_hand(make: Callable[..., Any]) -> Seen:
    return _step(_built(make), torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))


def _two_rows(make: Callable[..., Any]) -> Seen:
    im_q = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    return _step(_built(make), im_q, torch.tensor([[4.0, 3.0], [0.6, 0.8]]))


def _six_rows(make: Callable[..., Any]) -> Seen:
    queue = F.normalize(normal(1, 3, 8), dim=0)
    model = _built(make, _linear(normal(2, 3, 4)), queue, T=0.07)
    return _step(model, normal(3, 6, 4), normal(4, 6, 4))


def _second_step(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))


def _around_the_end(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    for angle in (0.1, 0.4, 0.7):
        angles = torch.tensor([0.0, 1.0, 2.0]) + angle
        keys = torch.stack([angles.cos(), angles.sin()], dim=1)
        _step(model, keys, keys)
    return _step(model, torch.eye(2), torch.eye(2))


def _more_than_the_queue(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    angles = torch.tensor([0.0, 0.3, 0.6, 0.9, 1.2, 1.5])
    keys = torch.stack([angles.cos(), angles.sin()], dim=1)
    _step(model, keys, keys)
    # Where the last four lie is free; which of them go first is seen a step later.
    return {
        **_in_any_order("then", _step(model, torch.eye(2), torch.eye(2))),
        **_in_any_order("a step later", _step(model, torch.eye(2), torch.eye(2))),
    }


def _following(make: Callable[..., Any]) -> Seen:
    """The key encoder follows a query encoder that has been moved once."""
    first, second = _linear(torch.eye(2)), nn.Linear(2, 2)
    with torch.no_grad():
        second.weight.copy_(torch.eye(2))
        second.bias.zero_()
    model = _built(make, nn.Sequential(first, second), m=0.75)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
        second.bias.copy_(torch.tensor([0.0, -1.0]))
    one = torch.tensor([[1.0, 0.0]])
    seen: Seen = {}
    for number in (1, 2, 3):
        seen |= _positives(f"of step {number}", _step(model, one, one))
    return seen


def _gradients(make: Callable[..., Any]) -> Seen:
    encoder = _linear(torch.tensor([[1.0, 0.0], [0.5, 1.0]]))
    model = _built(make, encoder)
    im_q, im_k = (torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]], requires_grad=True))
    loss: Any = _loss(_named(model(im_q, im_k)))
    if loss.requires_grad:
        try:
            loss.mean().backward()
        except RuntimeError as error:
            if "inplace" not in str(error):
                raise
            return {"gradient in encoder": "none: the queue has changed before backward()"}
    with_gradient = [p for p in model.parameters() if p.grad is not None]
    weight = encoder.weight.grad
    return {
        "gradient in encoder": torch.zeros(2, 2) if weight is None else weight,
        "gradient in im_k": torch.zeros(1, 2) if im_k.grad is None else im_k.grad,
        "shapes of parameters with a gradient": [tuple(p.shape) for p in with_gradient],
    }


def _evaluation(make: Callable[..., Any]) -> Seen:
    encoder = _linear(torch.eye(2))
    model = _built(make, encoder)
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    model.eval()
    _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))


def _statistics(make: Callable[..., Any]) -> Seen:
    """Batch normalization: statistics are each encoder's own, and those of the batch at first."""
    encoder = nn.Sequential(_linear(torch.tensor([[1.0, 0.5], [0.0, 1.0]])), nn.BatchNorm1d(2))
    model = _built(make, encoder, m=0.5)
    im_q, im_k = normal(5, 4, 2), 2 * normal(6, 4, 2) + 3
    trained = _positives("in training", _step(model, im_q, im_k))
    _step(model, im_q, im_k)
    model.eval()
    return trained | _positives("in evaluation", _step(model, im_q, im_k))


class _InParts(nn.Module):
    """Centers each four images, as batch normalization does on one of several devices."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = _linear(torch.tensor([[1.0, 0.5], [-0.5, 1.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.linear(part - part.mean(dim=0)) for part in torch.split(x, 4)])


def _mixed(make: Callable[..., Any]) -> Seen:
    encoder = _InParts()
    model = _built(make, encoder, F.normalize(normal(7, 2, 20), dim=0))
    im_q, im_k = normal(8, 16, 2), normal(9, 16, 2)
    query, key = (F.normalize(copy.deepcopy(encoder)(x)) for x in (im_q, im_k))
    seen = _step(model, im_q, im_k)
    if "logits" not in seen:
        return {"keys are encoded in their own order": "cannot be seen from a loss"}
    away = (_positive(seen) - (query * key).sum(dim=1) / 0.5).abs().max()
    return {"keys are encoded in their own order": bool(away < 1e-3)}


def _first_queue(make: Callable[..., Any]) -> Seen:
    """Queries along the axes read the queue number by number."""
    model = make(encoder=_linear(torch.eye(2)), dim=2, K=32, m=0.5, T=0.5)
    seen = _step(model, torch.eye(2), torch.eye(2))
    if "logits" not in seen or seen["logits"].shape != (2, 33):
        return {"mean squared length of a column": "cannot be seen"}
    logits = seen["logits"].detach()
    last = int(seen["labels"][0]) == 32
    columns = (logits[:, :-1] if last else logits[:, 1:]) / 2
    squares = columns.square().sum(dim=0)
    return {
        "mean squared length of a column": squares.mean(),
        "all of length one": bool((squares - 1).abs().max() < 1e-3),
    }


def _resumed(make: Callable[..., Any]) -> Seen:
    """A second model takes over from the state dict of the first."""
    model = _built(make)
    _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    other = _built(make, queue=-_CROSS.flip(1))
    other.load_state_dict(copy.deepcopy(model.state_dict()), strict=False)
    _step(other, torch.tensor([[1.0, 0.0]]), torch.tensor([[4.0, 3.0]]))
    return _step(other, torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))


def _two_models(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    _built(make, queue=_CROSS.roll(1, dims=1))
    return _step(model, torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))


def _images_afterwards(make: Callable[..., Any]) -> Seen:
    im_q, im_k = torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]])
    _built(make)(im_q, im_k)
    return {"im_q afterwards": im_q, "im_k afterwards": im_k}


def _layout(make: Callable[..., Any]) -> Seen:
    model = _built(make)
    _step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return {"queue": model.queue.detach().clone(), "queue_ptr": int(getattr(model, "queue_ptr", 0))}


def _defaults(make: Callable[..., Any]) -> Seen:
    encoder = _linear(torch.eye(2))
    try:
        model = make(encoder=encoder, dim=2, K=4)
    except TypeError:
        return {"positives": "no defaults"}
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    one = torch.tensor([[1.0, 0.0]])
    first = _positives("of step 1", _step(model, one, one))
    return first | _positives("of step 2", _step(model, one, one))


def _elsewhere(make: Callable[..., Any]) -> Seen:
    """The device meta holds no numbers, but a tensor knows that it is there."""
    key = "labels are where the logits are"
    try:
        model = _built(make).to("meta").eval()
        seen = _named(model(torch.empty(3, 2, device="meta"), torch.empty(3, 2, device="meta")))
        return {key: seen["labels"].device == seen["logits"].device}
    except Exception:  # it asks for numbers, which says nothing of devices
        return {key: True}


_moco = Calls(MoCo)

EXERCISES = (
    Exercise(
        reference=MoCo,
        family="moco",
        page="module-1/1.3-contrast-to-distillation/moco.md",
        methods=(
            "__init__",
            "forward",
            "encode",
            "update_key_encoder",
            "encode_shuffled_keys",
            "contrast",
            "enqueue",
        ),
        aliases={
            "encoder": "base_encoder backbone base net model",
            "dim": "feature_dim out_dim d width",
            "K": "queue_size size num_negatives",
            "m": "momentum ema",
            "T": "temperature tau temp",
        },
        hints=(
            "A step has five parts: encode queries, move the key encoder, encode keys, compare, "
            "enqueue. In evaluation mode two of them are left out.",
            "The key encoder is `copy.deepcopy(encoder)` whose parameters do not require a "
            "gradient; it moves by `ema_update`. Keys are encoded under `torch.no_grad()`.",
            "The queue and its pointer are buffers, so that they are saved and move with the "
            "model: `self.register_buffer`. A column is a key, and has length one from the start.",
            "Logits: the key of the same image first, then all columns, divided by T. So every "
            "label is 0. Take them against the old queue, and against a copy: `enqueue` writes "
            "in place, and the backward pass comes later.",
            "Columns to replace: `(pointer + torch.arange(n)) % K`; of more than K keys the last "
            "K. Then the pointer moves on by n, modulo K.",
        ),
        probes=(
            Probe(
                "one query, by hand",
                _by_hand,
                _START + "model(torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))",
            ),
            Probe(
                "two queries",
                _two_rows,
                _START + "im_q = torch.tensor([[3.0, 4.0], [0.0, 2.0]])\n"
                "model(im_q, torch.tensor([[4.0, 3.0], [0.6, 0.8]]))",
            ),
            Probe(
                "the second step",
                _second_step,
                _START + "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))\n"
                "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))  # this one",
            ),
            Probe(
                "after three steps of three keys",
                _around_the_end,
                _START + "three steps, each with three keys of length one\n"
                "model(torch.eye(2), torch.eye(2))  # this one",
            ),
            Probe(
                "after six keys at once",
                _more_than_the_queue,
                _START + "one step with six keys of length one\n"
                "model(torch.eye(2), torch.eye(2))  # this one, and once more",
            ),
            Probe(
                "the key encoder follows",
                _following,
                "encoder: two linear layers that change nothing; dim=2, K=4, m=0.75, T=0.5\n"
                "then the first weight becomes torch.tensor([[0.0, 1.0], [2.0, 0.0]]),\n"
                "and the second bias torch.tensor([0.0, -1.0])\n"
                "x = torch.tensor([[1.0, 0.0]])\nmodel(x, x)  # three times",
            ),
            Probe(
                "six queries of a random encoder",
                _six_rows,
                "encoder: 4 to 3 numbers, dim=3, K=8, T=0.07; im_q, im_k of shape (6, 4)",
            ),
            Probe(
                "gradients",
                _gradients,
                _START + "encoder.weight is torch.tensor([[1.0, 0.0], [0.5, 1.0]])\n"
                "im_q, im_k = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]])\n"
                "F.cross_entropy(*model(im_q, im_k)).backward()",
            ),
            Probe(
                "evaluation changes nothing",
                _evaluation,
                _START + "encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))\n"
                "model.eval()\n"
                "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))  # twice",
            ),
            Probe(
                "batch normalization",
                _statistics,
                "encoder: linear, then nn.BatchNorm1d(2); two steps in training, one look in "
                "evaluation",
                rtol=1e-3,
                atol=1e-4,
            ),
            Probe(
                "normalization over parts of a batch",
                _mixed,
                "encoder: subtracts the mean of each four images, then linear; 16 images",
            ),
            Probe(
                "the first queue",
                _first_queue,
                "MoCo(nn.Linear(2, 2), dim=2, K=32), as it is built",
            ),
            Probe(
                "training resumed",
                _resumed,
                _START + "a step, then its state_dict() loaded into another model, and two steps "
                "of that; the logits of the second",
            ),
            Probe(
                "two models at once",
                _two_models,
                _START + "another model with another queue\n"
                "model(torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))",
            ),
            Probe(
                "images afterwards",
                _images_afterwards,
                _START + "model(torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]]))",
            ),
            Probe(
                "how the queue is laid out",
                _layout,
                _START + "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))",
                remark="The queue or its pointer is laid out in another way than the published "
                "one, of shape (dim, K) with a key in each column. It works alike, but a "
                "checkpoint of one does not fit the other.",
            ),
            Probe(
                "without m and T",
                _defaults,
                "MoCo(encoder, dim=2, K=4)",
                remark="Built without `m` and `T` it does not use the documented ones, 0.999 and "
                "0.07.",
            ),
            Probe(
                "on another device",
                _elsewhere,
                'model.to("meta"), in evaluation mode',
                remark="Labels are made on the CPU, wherever the logits are: on a GPU it stops.",
            ),
            _moco.refuses(
                "a temperature of 0",
                "A temperature of 0 is accepted, and logits are infinite then. An error that "
                "names the argument saves a search.",
                _linear(torch.eye(2)),
                2,
                4,
                m=0.5,
                T=0.0,
            ),
        ),
    ),
)
