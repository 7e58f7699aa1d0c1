"""Checks of arguments, shared by every concept; a failure says what was expected."""

# --8<-- [start:imports]
import math

import torch

# --8<-- [end:imports]


# --8<-- [start:checks]
def check_batches(**tensors: torch.Tensor) -> None:
    """Require non-empty floating-point tensors of one shape on one device."""
    first_name, first = next(iter(tensors.items()))
    for name, tensor in tensors.items():
        if not isinstance(tensor, torch.Tensor):
            raise ValueError(f"{name} must be a tensor, got {type(tensor).__name__}")
        shape = tuple(tensor.shape)
        if tensor.ndim == 0 or tensor.numel() == 0:
            raise ValueError(f"{name} must be a non-empty batch, got shape {shape}")
        if not tensor.is_floating_point():
            raise ValueError(f"{name} must be floating point, got {tensor.dtype}")
        if tensor.shape != first.shape:
            raise ValueError(
                f"{name} must have the shape of {first_name}, "
                f"{tuple(first.shape)}, got {shape}"
            )
        if tensor.device != first.device:
            raise ValueError(
                f"{name} must be on {first.device} like {first_name}, "
                f"got {tensor.device}"
            )


def check_matrices(**tensors: torch.Tensor) -> None:
    """Require non-empty floating-point matrices of one shape on one device."""
    for name, tensor in tensors.items():
        if isinstance(tensor, torch.Tensor) and tensor.ndim != 2:
            shape = tuple(tensor.shape)
            raise ValueError(f"{name} must be a non-empty matrix, got shape {shape}")
    check_batches(**tensors)


def check_positive(**numbers: float) -> None:
    """Require finite numbers greater than zero (NaN is none)."""
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise ValueError(f"{name} must be a finite number above 0, got {number}")


def check_counts(**numbers: int) -> None:
    """Require whole numbers of at least one."""
    for name, number in numbers.items():
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"{name} must be a whole number above 0, got {number}")


def check_fraction(**numbers: float) -> None:
    """Require numbers from 0 to 1, both included (NaN is none)."""
    for name, number in numbers.items():
        if not 0 <= number <= 1:
            raise ValueError(f"{name} must be from 0 to 1, got {number}")


def check_finite(**tensors: torch.Tensor) -> None:
    """Require tensors without NaN and infinity, before they enter a lasting state."""
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity")


def check_labels(labels: torch.Tensor, rows: int, classes: int) -> None:
    """Require one integer class index from 0 to ``classes - 1`` for each row."""
    if not isinstance(labels, torch.Tensor):
        raise ValueError(f"labels must be a tensor, got {type(labels).__name__}")
    if labels.shape != (rows,):
        raise ValueError(f"labels must have shape ({rows},), got {tuple(labels.shape)}")
    if labels.dtype != torch.long:
        raise ValueError(f"labels must be torch.int64 indices, got {labels.dtype}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must be from 0 to {classes - 1}, "
            f"got {labels.min().item()} to {labels.max().item()}"
        )


# --8<-- [end:checks]
