"""Small inputs that several answers use."""

import torch
import torch.nn.functional as F


def unit(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    """Random directions, ``(rows, columns)``."""
    draws = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(rows, columns, generator=draws))


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random numbers of mean 0 and deviation 1."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def close(a: torch.Tensor | float, b: torch.Tensor | float, within: float = 1e-4) -> bool:
    """Whether two numbers differ by no more than ``within``."""
    a, b = (float(torch.as_tensor(one).detach()) for one in (a, b))
    return abs(a - b) <= within


def accuracy(guesses: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of guesses that are right."""
    return float((guesses == labels).double().mean())
