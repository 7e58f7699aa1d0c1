"""What tests of many functions ask alike, and their tensors, copies of a state and sizes."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

# Torch has no public name for what sees the results of all operations, those of autograd included.
from torch.utils._python_dispatch import TorchDispatchMode

# How many seconds a test waits for what must come: far above what the slowest machine needs, since
# it is there to end what hangs, not to judge what is slow.
PATIENCE = 900
HALVES = [torch.float16, torch.bfloat16]


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """Return standard normal numbers that depend on the seed and on nothing else."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


def unit_rows(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    """Return float64 rows of length one."""
    matrix = normal(rows, columns, seed=seed)
    return matrix / matrix.norm(dim=1, keepdim=True)


def snapshot(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Copy every parameter and buffer of a module."""
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def assert_unchanged(module: torch.nn.Module, before: dict[str, torch.Tensor]) -> None:
    """Assert that parameters and buffers still hold the very bits of the snapshot."""
    now = module.state_dict()
    assert now.keys() == before.keys()
    for name, tensor in now.items():
        assert torch.equal(tensor, before[name]), f"{name} has changed"


def rotation(dimension: int, seed: int = 0) -> torch.Tensor:
    """Return a random orthogonal float64 matrix."""
    return torch.linalg.qr(normal(dimension, dimension, seed=seed)).Q


class Sizes(TorchDispatchMode):
    """Keeps the size of the largest tensor that any operation returns."""

    largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.largest = max(self.largest, tensor.numel())
        return result


def lightly(module: str = "loss") -> Any:
    """A module of lightly, an optional peer; without it the test is skipped."""
    broken = (ImportError, RuntimeError)
    return pytest.importorskip(f"lightly.{module}", reason="lightly is optional", exc_type=broken)


def assert_same(
    ours: Callable[..., torch.Tensor],
    theirs: Callable[..., torch.Tensor],
    *leaves: torch.Tensor,
    **close: float,
) -> None:
    """Assert that two functions have one value, and one gradient in each of these tensors."""
    values, gradients = [], []
    for function in (ours, theirs):
        own = [leaf.detach().clone().requires_grad_() for leaf in leaves]
        values.append(function(*own))
        values[-1].backward()
        gradients.append([torch.zeros_like(x) if x.grad is None else x.grad for x in own])
    torch.testing.assert_close(*values, **close)
    torch.testing.assert_close(*gradients, **close)


def bad_pairs(first: str, second: str) -> list[tuple[Any, Any, str]]:
    """Two embeddings that no loss of pairs takes, and how the refusal begins."""
    fine = torch.ones(4, 3)
    return [
        (fine, torch.ones(5, 3), f"{second} must have the shape"),
        (torch.ones(2, 4, 3), torch.ones(2, 4, 3), f"{first} must be a non-empty matrix"),
        (torch.ones(1, 3), torch.ones(1, 3), f"{first} must have at least 2 rows"),
        (fine, [[1.0]], f"{second} must be a tensor"),
    ]


def assert_keeps_its_input(
    function: Callable[..., torch.Tensor], *inputs: torch.Tensor, **close: float
) -> None:
    """Assert that a function changes no argument, and takes strided ones for what they are."""
    before = [x.clone() for x in inputs]
    value = function(*inputs)
    assert all(map(torch.equal, inputs, before))
    strided = [x.T.contiguous().T for x in inputs]
    torch.testing.assert_close(function(*strided), value, **close)


def assert_half_becomes_single(
    function: Callable[..., torch.Tensor], *inputs: torch.Tensor, rel: float = 1e-4
) -> None:
    """Assert that a function computes half precision in float32, and keeps the other types."""
    for dtype in HALVES:
        half = [x.to(dtype) for x in inputs]
        value = function(*half)
        assert value.dtype == torch.float32
        assert torch.equal(value, function(*(x.float() for x in half)))
        exact = function(*(x.double() for x in half))
        assert exact.dtype == torch.float64
        assert value.item() == pytest.approx(exact.item(), rel=rel)


def assert_passes_nan_on(
    function: Callable[..., torch.Tensor], *inputs: torch.Tensor, **named: Any
) -> None:
    """Assert that NaN and infinity in any argument are NaN in the result, and not hidden."""
    for where, bad in itertools.product(range(len(inputs)), (math.nan, math.inf, -math.inf)):
        spoiled = [x.clone() for x in inputs]
        spoiled[where].view(-1)[-1] = bad
        assert function(*spoiled, **named).isnan().any()


def softmax(row: list[float], temperature: float) -> list[float]:
    """Spell the softmax out, the largest entry first so that nothing overflows."""
    top = max(row)
    weights = [math.exp((z - top) / temperature) for z in row]
    return [weight / math.fsum(weights) for weight in weights]
