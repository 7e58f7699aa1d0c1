"""How probes build a model of BYOL with known weights, and take steps of training with it."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from lesson_code.checker.exercise import Probe, ReaderError, Seen, normal, probe

#: Sizes that differ, so that a matrix can be told by its shape.
IN, FEATURES, HIDDEN, OUT = 3, 5, 12, 4
ENCODER = (FEATURES, IN)
LAYERS = {
    ENCODER: "encoder",
    (HIDDEN, FEATURES): "first layer of the projector",
    (HIDDEN, OUT): "first layer of the predictor",
    (OUT, HIDDEN): "both output layers, added",
}
V1 = normal(11, 6, IN)
V2 = V1 + 0.7 * normal(12, 6, IN)


_MODEL = (
    "encoder = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5))\n"
    "byol = BYOL(encoder, hidden_dim=12, output_dim=4, tau={tau}), known weights in every matrix"
)
TRAINED = "a step of gradient descent on byol(x1, x2)"


def of_model(
    name: str, does: str, tau: float = 0.5, remark: str = ""
) -> Callable[[Callable[[Any], Seen]], Probe]:
    """A probe of a model with known weights."""
    return probe(name, _MODEL.format(tau=tau), does, remark=remark, rtol=1e-3, atol=1e-4)


class _Encoder(nn.Sequential):
    """One layer with batch normalization; it tells its size, as hardly any encoder does."""

    output_dim = FEATURES


def small_encoder(kind: Callable[..., nn.Module] = _Encoder) -> nn.Module:
    net = kind(nn.Linear(IN, FEATURES), nn.BatchNorm1d(FEATURES))
    write(net)
    return net


def write(net: nn.Module) -> None:
    """Known numbers into all matrices, by shape; other vectors than a normalization's to zero."""
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.reset_running_stats()
                continue
            for parameter in module.parameters(recurse=False):
                parameter.grad = None
                if parameter.ndim == 2:
                    rows, columns = parameter.shape
                    parameter.copy_(normal(100 * rows + columns, rows, columns, scale=0.6))
                else:
                    parameter.zero_()


def unseen(make: Callable[..., Any], tau: float = 0.5, encoder: nn.Module | None = None) -> Any:
    """A small model that has seen no batch."""
    return make(encoder=encoder or small_encoder(), hidden_dim=HIDDEN, output_dim=OUT, tau=tau)


def built(make: Callable[..., Any], tau: float = 0.5, encoder: nn.Module | None = None) -> Any:
    """A small model with known weights, which has seen one batch."""
    model = unseen(make, tau, encoder)
    model(V1.clone(), V2.clone())
    write(model)
    return model


def set_tau(model: Any, before: float, tau: float) -> None:
    """A later tau, wherever a model keeps the one it was built with, under whatever name."""
    model.tau = tau
    for holder in (model, *(it for it in vars(model).values() if hasattr(it, "__dict__"))):
        for name, item in vars(holder).items():
            if isinstance(item, float) and item == before and not name.startswith("_"):
                setattr(holder, name, tau)


def loss(model: Any, x1: torch.Tensor = V1, x2: torch.Tensor = V2) -> torch.Tensor:
    """A forward pass on copies, so that no model can spoil the views of the next."""
    result = model(x1.clone(), x2.clone())
    if isinstance(result, dict):
        result = result.get("loss", next(iter(result.values()), None))
    if isinstance(result, (tuple, list)) and result:
        if len(result) > 2 and all(getattr(item, "ndim", 0) == 2 for item in result):
            raise ReaderError(
                f"returns {len(result)} matrices, and the loss of the batch is asked for: "
                "compute it in `forward`, and return it alone or first"
            )
        result = result[0]
    if result is None:
        raise ReaderError("returns None")
    return torch.as_tensor(result)


def optimized(model: Any) -> list[nn.Parameter]:
    """What an optimizer would hold; to import one of torch takes two seconds."""
    return [p for p in model.parameters() if p.requires_grad]


def train(
    model: Any, optimized: list[nn.Parameter], x1: torch.Tensor = V1, x2: torch.Tensor = V2
) -> torch.Tensor:
    """A step of training without an update of the target; the loss before it.

    A bias of the output layers is left at zero: whether there is one is a matter of taste.
    """
    before = loss(model, x1, x2)
    for parameter in optimized:
        parameter.grad = None
    if before.requires_grad:
        torch.autograd.backward(before.sum())
    with torch.no_grad():
        for parameter in optimized:
            if parameter.grad is not None and parameter.shape != (OUT,):
                parameter.sub_(parameter.grad, alpha=0.3)
    return before.detach()


def matrices(model: Any) -> Iterator[nn.Parameter]:
    return (p for p in model.parameters() if p.ndim == 2)
