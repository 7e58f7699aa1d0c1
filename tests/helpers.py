"""Small helpers of the tests: float64 tensors, copies and comparisons of a state, sizes."""

import torch

# Torch has no public name for what sees the results of all operations, those of autograd included.
from torch.utils._python_dispatch import TorchDispatchMode

# How many seconds a test waits for what must come: far above what the slowest machine needs, since
# it is there to end what hangs, not to judge what is slow.
PATIENCE = 900


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
