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

from lesson_code.checker.exercise import Calls, Exercise, Seen, normal, probe, probes
from lesson_code.checker.exercises import _moco as models
from lesson_code.checker.exercises._devices import Elsewhere
from lesson_code.moco import MoCo

_START = """\
encoder = nn.Linear(2, 2, bias=False)  # its weight is torch.eye(2)
model = MoCo(encoder, dim=2, K=4, m=0.5, T=0.5)
model.queue.copy_(torch.tensor([[1.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, -1.0]]))"""


@probe(
    "one query, by hand", _START, "model(torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))"
)
def _by_hand(make: Callable[..., Any]) -> Seen:
    return models.step(models.built(make), torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))


@probe(
    "two queries",
    _START,
    "im_q = torch.tensor([[3.0, 4.0], [0.0, 2.0]])\n"
    "model(im_q, torch.tensor([[4.0, 3.0], [0.6, 0.8]]))",
)
def _two_rows(make: Callable[..., Any]) -> Seen:
    im_q = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    return models.step(models.built(make), im_q, torch.tensor([[4.0, 3.0], [0.6, 0.8]]))


@probe(
    "the second step",
    _START,
    "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))\n"
    "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))  # this one",
)
def _second_step(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))


@probe(
    "after three steps of two keys",
    _START,
    "three steps, each with two keys of length one\nmodel(torch.eye(2), torch.eye(2))  # this one",
)
def _around(make: Callable[..., Any]) -> Seen:
    model = models.turned(make, *(torch.tensor([0.0, 1.0]) + by for by in (0.1, 0.4, 0.7)))
    return models.step(model, torch.eye(2), torch.eye(2))


_MULTIPLE = (
    "It takes only batches that divide the queue, as the official code does; an error says so. "
    "`(pointer + torch.arange(n)) % K` takes any."
)


@probe(
    "after three steps of three keys",
    _START,
    "three steps, each with three keys of length one\n"
    "model(torch.eye(2), torch.eye(2))  # this one",
    beyond=_MULTIPLE,
)
def _around_the_end(make: Callable[..., Any]) -> Seen:
    model = models.turned(make, *(torch.tensor([0.0, 1.0, 2.0]) + by for by in (0.1, 0.4, 0.7)))
    return models.step(model, torch.eye(2), torch.eye(2))


@probe(
    "after six keys at once",
    _START,
    "one step with six keys of length one\n"
    "model(torch.eye(2), torch.eye(2))  # this one, and once more",
    beyond=_MULTIPLE,
)
def _more_than_the_queue(make: Callable[..., Any]) -> Seen:
    model = models.turned(make, torch.tensor([0.0, 0.3, 0.6, 0.9, 1.2, 1.5]))
    # Where the last four lie is free; which of them go first is seen a step later.
    return {
        **models.in_any_order("then", models.step(model, torch.eye(2), torch.eye(2))),
        **models.in_any_order("a step later", models.step(model, torch.eye(2), torch.eye(2))),
    }


@probe(
    "the key encoder follows",
    "encoder: two linear layers that change nothing; dim=2, K=4, m=0.75, T=0.5\n"
    "then the first weight becomes torch.tensor([[0.0, 1.0], [2.0, 0.0]]),\n"
    "and the second bias torch.tensor([0.0, -1.0])\n"
    "x = torch.tensor([[1.0, 0.0]])\nmodel(x, x)  # three times",
)
def _following(make: Callable[..., Any]) -> Seen:
    """The key encoder follows a query encoder that has been moved once."""
    first, second = models.linear(torch.eye(2)), nn.Linear(2, 2)
    with torch.no_grad():
        second.weight.copy_(torch.eye(2))
        second.bias.zero_()
    model = models.built(make, nn.Sequential(first, second), m=0.75)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
        second.bias.copy_(torch.tensor([0.0, -1.0]))
    one = torch.tensor([[1.0, 0.0]])
    seen: Seen = {}
    for number in (1, 2, 3):
        seen |= models.positives(f"of step {number}", models.step(model, one, one))
    return seen


@probe(
    "six queries of a random encoder",
    "encoder: 4 to 3 numbers, dim=3, K=12, T=0.07; im_q, im_k of shape (6, 4)",
)
def _six_rows(make: Callable[..., Any]) -> Seen:
    queue = F.normalize(normal(1, 3, 12), dim=0)
    model = models.built(make, models.linear(normal(2, 3, 4)), queue, T=0.07)
    return models.step(model, normal(3, 6, 4), normal(4, 6, 4))


@probe(
    "gradients",
    _START,
    "encoder.weight is torch.tensor([[1.0, 0.0], [0.5, 1.0]])\n"
    "im_q, im_k = torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]])\n"
    "F.cross_entropy(*model(im_q, im_k)).backward()",
)
def _gradients(make: Callable[..., Any]) -> Seen:
    encoder = models.linear(torch.tensor([[1.0, 0.0], [0.5, 1.0]]))
    model = models.built(make, encoder)
    im_q, im_k = (torch.tensor([[1.0, 2.0]]), torch.tensor([[2.0, 1.0]], requires_grad=True))
    loss: Any = models.loss(models.named(model(im_q, im_k)))
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


@probe(
    "evaluation changes nothing",
    _START,
    "encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))\n"
    "model.eval()\n"
    "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))  # twice",
)
def _evaluation(make: Callable[..., Any]) -> Seen:
    encoder = models.linear(torch.eye(2))
    model = models.built(make, encoder)
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    model.eval()
    models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))


@probe(
    "batch normalization",
    "encoder: linear, then nn.BatchNorm1d(2); two steps in training, one look in evaluation",
    rtol=1e-3,
    atol=1e-4,
)
def _statistics(make: Callable[..., Any]) -> Seen:
    """Batch normalization: statistics are each encoder's own, and those of the batch at first."""
    encoder = nn.Sequential(
        models.linear(torch.tensor([[1.0, 0.5], [0.0, 1.0]])), nn.BatchNorm1d(2)
    )
    model = models.built(make, encoder, m=0.5)
    im_q, im_k = normal(5, 4, 2), 2 * normal(6, 4, 2) + 3
    trained = models.positives("in training", models.step(model, im_q, im_k))
    models.step(model, im_q, im_k)
    model.eval()
    return trained | models.positives("in evaluation", models.step(model, im_q, im_k))


class _InParts(nn.Module):
    """Centers each four images, as batch normalization does on one of several devices."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = models.linear(torch.tensor([[1.0, 0.5], [-0.5, 1.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.linear(part - part.mean(dim=0)) for part in torch.split(x, 4)])


@probe(
    "normalization over parts of a batch",
    "encoder: subtracts the mean of each four images, then linear; 16 images",
)
def _mixed(make: Callable[..., Any]) -> Seen:
    encoder, queue = _InParts(), F.normalize(normal(7, 2, 32), dim=0)
    model = models.built(make, encoder, queue)
    im_q, im_k = normal(8, 16, 2), normal(9, 16, 2)
    query, key = (F.normalize(copy.deepcopy(encoder)(x)) for x in (im_q, im_k))
    seen = models.step(model, im_q, im_k)
    own = (query * key).sum(dim=1, keepdim=True) / 0.5
    if "logits" in seen:
        away = (models.positive(seen) - own.squeeze(1)).abs().max()
    else:
        logits = torch.cat([own, query @ queue / 0.5], dim=1)
        labels = torch.zeros(16, dtype=torch.long)
        away = (seen["loss"].detach() - F.cross_entropy(logits, labels)).abs()
    return {"keys are encoded in their own order": bool(away < 1e-3)}


@probe("the first queue", "MoCo(nn.Linear(2, 2), dim=2, K=32), as it is built")
def _first_queue(make: Callable[..., Any]) -> Seen:
    model = models.made(make, models.linear(torch.eye(2)), {"dim": 2, "K": 32, "m": 0.5, "T": 0.5})
    queue = models.queue_of(model, (2, 32))
    squares = queue.detach().square().sum(dim=queue.shape.index(2))
    return {
        "mean squared length of a column": squares.mean(),
        "all of length one": bool((squares - 1).abs().max() < 1e-3),
    }


@probe(
    "training resumed",
    _START,
    "a step, then its state_dict() loaded into another model, and two steps "
    "of that; the logits of the second",
)
def _resumed(make: Callable[..., Any]) -> Seen:
    """A second model takes over from the state dict of the first."""
    model = models.built(make)
    models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    other = models.built(make, queue=-models.CROSS.flip(1))
    other.load_state_dict(copy.deepcopy(model.state_dict()), strict=False)
    models.step(other, torch.tensor([[1.0, 0.0]]), torch.tensor([[4.0, 3.0]]))
    return models.step(other, torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]]))


@probe(
    "two models at once",
    _START,
    "another model with another queue\n"
    "model(torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))",
)
def _two_models(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    models.built(make, queue=models.CROSS.roll(1, dims=1))
    return models.step(model, torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]]))


@probe("images afterwards", _START, "model(torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]]))")
def _images_afterwards(make: Callable[..., Any]) -> Seen:
    im_q, im_k = torch.tensor([[3.0, 4.0]]), torch.tensor([[4.0, 3.0]])
    models.built(make)(im_q, im_k)
    return {"im_q afterwards": im_q, "im_k afterwards": im_k}


@probe(
    "how the queue is laid out",
    _START,
    "model(torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))",
    remark="The queue or its pointer is laid out in another way than the published "
    "one, of shape (dim, K) with a key in each column. It works alike, but a "
    "checkpoint of one does not fit the other.",
)
def _layout(make: Callable[..., Any]) -> Seen:
    model = models.built(make)
    models.step(model, torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0, 4.0]]))
    return {"queue": model.queue.detach().clone(), "queue_ptr": int(getattr(model, "queue_ptr", 0))}


@probe(
    "without m and T",
    "MoCo(encoder, dim=2, K=4)",
    remark="Built without `m` and `T` it does not use the documented ones, 0.999 and 0.07.",
)
def _defaults(make: Callable[..., Any]) -> Seen:
    encoder = models.linear(torch.eye(2))
    try:
        model = make(encoder=encoder, dim=2, K=4)
    except TypeError:
        return {"positives": "no defaults"}
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))
    one = torch.tensor([[1.0, 0.0]])
    first = models.positives("of step 1", models.step(model, one, one))
    return first | models.positives("of step 2", models.step(model, one, one))


@probe(
    "on another device",
    'model.to("cuda"), in evaluation mode',
    remark="Labels are made on the CPU, wherever the logits are: on a GPU it stops.",
)
def _elsewhere(make: Callable[..., Any]) -> Seen:
    model = models.built(make).eval()
    images = torch.ones(3, 2), torch.eye(3, 2)
    model(*images)
    with Elsewhere(*images, *model.parameters(), *model.buffers()) as elsewhere:
        try:
            seen = models.named(model(*images))
        except RuntimeError as error:
            return {"stays on one device": "expected device" not in str(error)}
        return {"stays on one device": elsewhere.holds(seen.get("labels", seen.get("loss")))}


_moco = Calls(MoCo)

EXERCISES = (
    Exercise(
        reference=MoCo,
        values=((2, 0),),
        probes=(
            *probes(globals()),
            _moco.refuses(
                "a temperature of 0",
                "logits are infinite then",
                models.linear(torch.eye(2)),
                2,
                4,
                m=0.5,
                T=0.0,
            ),
        ),
    ),
)
