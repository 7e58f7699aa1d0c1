"""What a public function refuses, said before any state changes.

A concept's file writes its checks above a published region and hands them to ``guard`` (functions)
or ``guard_methods`` (classes). So a page shows the method alone, and the package refuses bad input.
"""

import copy
import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Class = TypeVar("Class", bound=type)


def guard(
    check: Callable[..., None],
) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Call ``check`` before the decorated function, with those arguments that it names.

    Args:
        check: raises for arguments that the function refuses. Its parameters bear names of the
            function's parameters, ``self`` of a method included; defaults are filled in.

    Returns:
        A decorator that leaves name, signature and docstring as they are.

    Raises:
        TypeError: when decorating, if ``check`` names a parameter that the function lacks.
    """
    wanted = tuple(inspect.signature(check).parameters)

    def decorate(
        function: Callable[Parameters, Result],
    ) -> Callable[Parameters, Result]:
        """Match names to positions once, so that a call costs little."""
        parameters = inspect.signature(function).parameters
        if unknown := [name for name in wanted if name not in parameters]:
            raise TypeError(
                f"{function.__name__} has no parameter {unknown[0]!r} to check"
            )
        place = {name: position for position, name in enumerate(parameters)}
        places = [place[name] for name in wanted]
        defaults = [parameter.default for parameter in parameters.values()]

        @functools.wraps(function)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            given = [*args, *defaults[len(args) :]]
            fits = len(given) == len(defaults) and kwargs.keys() <= place.keys()
            if fits:
                for name, value in kwargs.items():
                    given[place[name]] = value
            # A call that does not fit is left to Python, whose message names the function.
            if fits and all(value is not inspect.Parameter.empty for value in given):
                check(*[given[position] for position in places])
            return function(*args, **kwargs)

        return guarded

    return decorate


def guard_methods(**checks: Callable[..., None]) -> Callable[[Class], Class]:
    """Guard methods of the decorated class: ``@guard_methods(__init__=..., forward=...)``.

    Args:
        checks: for the name of a method of the class, what ``guard`` takes.

    Returns:
        A decorator that changes the class in place, static methods included.

    Raises:
        KeyError: when decorating, if the class itself defines no method of a name.
    """

    def decorate(cls: Class) -> Class:
        for name, check in checks.items():
            method: Any = cls.__dict__[name]
            if isinstance(method, staticmethod):
                setattr(cls, name, staticmethod(guard(check)(method.__func__)))
            else:
                setattr(cls, name, guard(check)(method))
        return cls

    return decorate


def first_output(encoder: torch.nn.Module, images: torch.Tensor) -> Any:
    """What an encoder returns for a batch; a copy runs, so that no statistic of it moves."""
    with torch.no_grad():
        return copy.deepcopy(encoder).eval()(images)


def check_batches(**tensors: torch.Tensor) -> None:
    """Require non-empty floating-point tensors of one shape on one device."""
    first_name, first = next(iter(tensors.items()))
    for name, tensor in tensors.items():
        if not isinstance(tensor, torch.Tensor):
            raise ValueError(f"{name} must be a tensor, got {type(tensor).__name__}")
        shape = tensor.shape
        if not shape or 0 in shape:
            raise ValueError(
                f"{name} must be a non-empty batch, got shape {tuple(shape)}"
            )
        if not tensor.is_floating_point():
            raise ValueError(f"{name} must be floating point, got {tensor.dtype}")
        if tensor is first:
            continue
        if shape != first.shape:
            raise ValueError(
                f"{name} must have the shape of {first_name}, "
                f"{tuple(first.shape)}, got {tuple(shape)}"
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
        # Quicker than a look at each number: a sum is finite only if every term is.
        if not (torch.isfinite(tensor.sum()) or torch.isfinite(tensor).all()):
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
