"""Pretends that some tensors are on a GPU, so that a probe sees what stays behind on the CPU.

Torch's own device without numbers, meta, does so too, but its first use takes four seconds.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

#: What tensors that are elsewhere give as their device.
_ELSEWHERE = torch.device("meta")

#: What takes tensors of another device: an index, and what moves or copies.
_FREE = ("__getitem__", "to", "type_as", "copy_", "__get__", "set_")


class Elsewhere(TorchFunctionMode):
    """While it is on, tensors computed from these, or made beside them, are elsewhere too.

    Raises:
        RuntimeError: in whatever meets tensors of both places.
    """

    def __init__(self, *tensors: torch.Tensor) -> None:
        super().__init__()
        self.there = {id(tensor): tensor for tensor in tensors}

    def holds(self, tensor: torch.Tensor) -> bool:
        """Whether a tensor is elsewhere."""
        return id(tensor) in self.there

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = [*_tensors(args), *_tensors(kwargs.values())]
        there = [tensor for tensor in given if self.holds(tensor)]
        if func == torch.Tensor.device.__get__:
            return _ELSEWHERE if there else func(*args)
        name = getattr(func, "__name__", "")
        if there and name not in _FREE and any(t.ndim and not self.holds(t) for t in given):
            raise RuntimeError("expected device: tensors of two devices meet")
        moved = any(map(_is_elsewhere, [*args, *kwargs.values()]))
        result = func(*map(_here, args), **{key: _here(item) for key, item in kwargs.items()})
        if moved or (there and name != "cpu"):
            self.there |= {id(tensor): tensor for tensor in _tensors([result])}
        return result


def _is_elsewhere(item: Any) -> bool:
    return isinstance(item, torch.device) and item.type == _ELSEWHERE.type


def _here(item: Any) -> Any:
    return torch.device("cpu") if _is_elsewhere(item) else item


def _tensors(items: Iterable[Any]) -> Iterator[torch.Tensor]:
    for item in items:
        if isinstance(item, torch.Tensor):
            yield item
        elif isinstance(item, (list, tuple)):
            yield from _tensors(item)
