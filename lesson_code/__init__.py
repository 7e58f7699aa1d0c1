"""Self-supervised learning in small, tested PyTorch functions, one concept a file.

Most names are imported when they are wanted, so that what a program loads, and what its result
depends on, is what it uses of the book. ``__init__.pyi`` says which module has which name.
"""

import ast
import functools
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


class _Package(ModuleType):
    """A package in which a function wins over the module that bears its name, once imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        is_module = isinstance(value, ModuleType)
        super().__setattr__(name, getattr(value, name, value) if is_module else value)


sys.modules[__name__].__class__ = _Package


@functools.cache
def _modules() -> dict[str, str]:
    """The module of each public name, in the order of the book."""
    stub = Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    return {
        alias.name: str(node.module)
        for node in ast.parse(stub).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def __getattr__(name: str) -> Any:
    """Import a public name, or list them all as ``__all__``."""
    if name == "__all__":
        return list(_modules())
    if name.startswith("_") or name not in _modules():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_modules()[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What completion offers: public names, whether imported yet or not."""
    return list(_modules())
