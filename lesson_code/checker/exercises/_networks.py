"""What the exercises of small networks share: outputs, gradients, training."""

from typing import Any

import torch

from lesson_code.checker.exercise import Seen, normal, returned


def outputs(net: Any, x: torch.Tensor) -> torch.Tensor:
    """What a network returns for a copy of x."""
    return torch.as_tensor(returned(net(x.clone())))


def pushes(net: Any, x: torch.Tensor, **parameters: torch.Tensor | None) -> Seen:
    """The gradients of a weighted sum of the outputs, in x and in parameters by name."""
    leaf = x.clone().requires_grad_()
    result = torch.as_tensor(returned(net(leaf)))
    if result.requires_grad:
        torch.autograd.backward((result * normal(3, *result.shape)).sum())
    return {
        f"gradient in {name.replace('_', ' ')}": _pushed(each)
        for name, each in {"x": leaf, **parameters}.items()
    }


def _pushed(leaf: torch.Tensor | None) -> torch.Tensor | str:
    if leaf is None:
        return "not there"
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def three_steps(net: Any, x: torch.Tensor, rate: float) -> Seen:
    """The outputs after three steps of gradient descent on all parameters."""
    learned = [each for each in net.parameters() if each.requires_grad]
    for _ in range(3):
        result = outputs(net, x)
        if not result.requires_grad:
            break
        loss = (result * normal(3, *result.shape)).sum()
        gradients = torch.autograd.grad(loss, learned, allow_unused=True)
        with torch.no_grad():
            for each, push in zip(learned, gradients, strict=True):
                if push is not None:
                    each.sub_(rate * push)
    return {"outputs afterwards": outputs(net, x)}


def kept(net: Any, x: torch.Tensor) -> Seen:
    """Whether the network leaves its argument as it was."""
    given = x.clone()
    net(given)
    return {"x afterwards": "as before" if torch.equal(given, x) else "changed"}
