"""What a reader sees of a probe: its arguments and its code, as Python."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from lesson_code.checker.compare import PRINTED, rounded


def in_python(arguments: Mapping[str, Any]) -> str:
    """One line an argument: tensors as Python where they are small, else by their shape."""
    return "\n".join(f"{key} = {_argument(item)}" for key, item in arguments.items())


def _argument(item: Any) -> str:
    if isinstance(item, (list, tuple)) and any(isinstance(each, torch.Tensor) for each in item):
        return "[" + ", ".join(_argument(each) for each in item) + "]"
    if isinstance(item, torch.Tensor):
        if item.numel() <= PRINTED and item.ndim <= 2:
            kind = "" if item.dtype in (torch.float32, torch.int64) else f", dtype={item.dtype}"
            return f"torch.tensor({rounded(item.tolist())}{kind})"
        kind = str(item.dtype).removeprefix("torch.")
        return f"a tensor of shape {tuple(item.shape)}, {kind}"
    return repr(item)


def body_of(function: Callable[..., Any]) -> str:
    """The lines of a function below its signature, of one line, and a docstring of one."""
    lines = inspect.getsource(function).splitlines()
    while not lines.pop(0).lstrip().startswith("def "):
        pass
    first = lines[0].strip()
    if first.startswith('"""') and first.endswith('"""'):
        lines = lines[1:]
    return inspect.cleandoc("\n" + "\n".join(lines))
