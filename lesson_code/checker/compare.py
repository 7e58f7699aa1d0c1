"""Compares what probes have seen, and writes it for a message."""

import math
from typing import Any

import torch

#: What a probe has seen: names and tensors, numbers, words.
Seen = dict[str, Any]

#: Larger tensors are described, not printed.
PRINTED = 24

#: What a number of float32 below this says is where it came from, not what it is.
ROUNDING = 1e-7


def difference(probe: Any, one: Seen, other: Seen, loosely: bool = False) -> str | None:
    """The first thing seen in which two answers differ, or None.

    With ``loosely`` all that is not finite is alike: which of infinite and NaN comes of a division
    by zero is a matter of the order of a few operations.
    """
    for key in dict.fromkeys([*one, *other]):
        if key not in one or key not in other or not _alike(one[key], other[key], probe, loosely):
            return key
    return None


def is_number(item: object) -> bool:
    """Whether something seen can be calculated with."""
    if isinstance(item, torch.Tensor):
        return item.numel() > 0 and not item.is_meta
    return isinstance(item, float)


def written(item: Any, digits: int = 6, together: bool = False) -> str:
    """A value for a message: short, exact where it is small, decimals with so many digits.

    With ``together`` all numbers of a tensor are rounded to the place where the largest one ends.
    """
    if isinstance(item, torch.Tensor):
        item = item.detach()
        if item.is_meta:
            return f"tensor of shape {tuple(item.shape)} on the device meta"
        if item.numel() == 1 and item.ndim == 0:
            return _number(item.item(), digits)
        if item.numel() <= PRINTED and item.ndim <= 2:
            largest = _largest(item) if together else 0.0
            return str(rounded(item.tolist(), min(digits, 5), largest))
        length = _number(item.double().norm().item(), digits)
        return f"tensor of shape {tuple(item.shape)} and length {length}"
    return _number(item, digits)


def _alike(one: Any, other: Any, probe: Any, loosely: bool) -> bool:
    if isinstance(one, (float, int)) and isinstance(other, torch.Tensor):
        one = torch.tensor(one, dtype=other.dtype)
    if isinstance(other, (float, int)) and isinstance(one, torch.Tensor):
        other = torch.tensor(other, dtype=one.dtype)
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        if one.shape != other.shape:
            return False
        if one.is_meta or other.is_meta:
            return one.is_meta and other.is_meta
        mine, its = (item.detach().double().cpu() for item in (one, other))
        if loosely:
            mine, its = (item.where(item.isfinite(), torch.nan) for item in (mine, its))
        return torch.allclose(mine, its, rtol=probe.rtol, atol=probe.atol, equal_nan=True)
    if isinstance(one, float) and isinstance(other, (float, int)):
        return _alike(torch.tensor(one), torch.tensor(float(other)), probe, loosely)
    return type(one) is type(other) and bool(one == other)


def _largest(item: torch.Tensor) -> float:
    """The largest number without its sign, of those that are finite; 0 if none is."""
    numbers = item.double().abs()
    numbers = numbers[numbers.isfinite()]
    return numbers.max().item() if numbers.numel() else 0.0


def rounded(item: Any, digits: int = 5, largest: float = 0.0) -> Any:
    """Decimals with so many digits; beside a ``largest`` one, no finer than that has them."""
    if isinstance(item, list):
        return [rounded(each, digits, largest) for each in item]
    if not isinstance(item, float):
        return item
    if largest > 0 and math.isfinite(item):
        return round(item, digits - 1 - math.floor(math.log10(largest))) + 0.0
    return float(_number(item, digits))


def _number(item: Any, digits: int) -> str:
    """A number as a message has it; what is only rounding is 0."""
    if not isinstance(item, float):
        return str(item)
    return "0" if abs(item) < ROUNDING else f"{item:.{digits}g}"
