"""Several processes that train together, started by ``torchrun``; alone, all of it does nothing.

Each process encodes its part of the batch, then all embeddings are gathered and every process
computes the loss of the whole batch. The backward pass of the gathering sums the gradients that
the processes send, and DistributedDataParallel averages over the processes: together that is
exactly the gradient of the loss on one device. (A plain gathering, which cuts the gradient,
returns one part in ``world_size`` of it.)
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from lesson_code.lab.run import LabError

# How long a process waits for the others before it gives up: while the first one judges
# the trained network, the others wait.
PATIENCE = timedelta(minutes=30)
_alone = 0


def rank() -> int:
    """The number of this process, 0 when it is alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() and not _alone else 1


@contextmanager
def alone() -> Iterator[None]:
    """Let each process train for itself for a while, all the same."""
    global _alone
    _alone += 1
    try:
        yield
    finally:
        _alone -= 1


def share(batch: torch.Tensor) -> torch.Tensor:
    """This process's part of a batch; the parts in the order of ranks are the batch."""
    if world() == 1:
        return batch
    size = len(batch) // world()
    return batch[rank() * size : (rank() + 1) * size]


class _Gather(torch.autograd.Function):
    """All-gather with gradients: each process gets the sum of what all say of its rows."""

    @staticmethod
    def forward(ctx: Any, rows: torch.Tensor) -> torch.Tensor:
        return gather_keys(rows)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        total = gradient.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return share(total)


def gather(rows: torch.Tensor) -> torch.Tensor:
    """The rows of all processes, rank by rank; gradients flow back to where rows came from."""
    if world() == 1:
        return rows
    gathered: torch.Tensor = _Gather.apply(rows)
    return gathered


@torch.no_grad()
def gather_keys(rows: torch.Tensor) -> torch.Tensor:
    """The rows of all processes without gradient."""
    if world() == 1:
        return rows
    parts = [torch.empty_like(rows) for _ in range(world())]
    dist.all_gather(parts, rows.contiguous())
    return torch.cat(parts)


def mean(number: float) -> float:
    """The mean of a number over all processes: the same on each of them."""
    if world() == 1:
        return number
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    total = torch.tensor(number, dtype=torch.float64, device=device)
    dist.all_reduce(total)
    return total.item() / world()


def from_first(value: Any) -> Any:
    """What the first process has; the others wait for it."""
    if world() == 1:
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def started_by_torchrun() -> bool:
    """Whether the environment asks for several processes."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def usable(name: str) -> torch.device:
    """The device of a name.

    Raises:
        LabError: if torch cannot use it here.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise LabError(f"device must be such as cpu, cuda or cuda:1, got {name!r}") from None
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise LabError("device must be cpu here: torch finds no CUDA GPU")
        if (device.index or 0) >= torch.cuda.device_count():
            count = torch.cuda.device_count()
            raise LabError(f"device must be cuda:0 to cuda:{count - 1} here, got {name!r}")
    elif device.type == "mps":
        if not torch.backends.mps.is_available():
            raise LabError("device must be cpu here: torch finds no MPS device")
    elif device.type != "cpu":
        raise LabError(f"device must be cpu, cuda or mps, got {name!r}")
    return device


@contextmanager
def group(name: str) -> Iterator[torch.device]:
    """Join the other processes if there are any, and leave them at the end.

    Raises:
        LabError: if the device cannot be used here.
    """
    if not started_by_torchrun() or dist.is_initialized():
        yield usable(name)
        return
    if name == "cuda":
        name = f"cuda:{os.environ['LOCAL_RANK']}"
    device = usable(name)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield device
    finally:
        dist.destroy_process_group()
