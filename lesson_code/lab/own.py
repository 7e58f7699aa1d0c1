"""Methods and networks of one's own: entered under a name, or found in a file."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from lesson_code.lab.run import LabError, nearest

Made = TypeVar("Made", bound=Callable[..., Any])
REGISTERED: dict[str, Callable[..., Any]] = {}
_files: dict[Path, ModuleType] = {}


def register(name: str) -> Callable[[Made], Made]:
    """Give a method or a network of your own a name, by which runs call it: a decorator.

    A class derived from ``Method`` is a method. Anything else is a network: called with
    ``channels`` and ``size`` of the images, as far as it has such arguments, it returns a
    module that maps ``(N, C, H, W)`` to features ``(N, D)``.

    Args:
        name: the method or network of a ``Run``; what had it before, gives it up.
    """

    def enter(made: Made) -> Made:
        REGISTERED[name] = made
        return made

    return enter


def find(name: str) -> Callable[..., Any] | None:
    """What is registered under a name, or stands in a file, as in ``mine.py:MyMethod``.

    Returns:
        None if the name is of neither kind.

    Raises:
        LabError: if there is no such file, it cannot be loaded, or has no such name.
    """
    file, colon, inside = name.rpartition(":")
    if not colon or not file.endswith(".py"):
        return REGISTERED.get(name)
    module = _loaded(Path(file).expanduser().absolute())
    if inside not in vars(module):
        own = [key for key, made in vars(module).items() if made_in(made, module)]
        raise nearest(inside, own, f"name in {file}")
    found: Callable[..., Any] = vars(module)[inside]
    return found


def files() -> list[Path]:
    """The files from which something was taken."""
    return [*_files]


def made_in(made: object, module: ModuleType) -> bool:
    """Whether a module has made a class or a function itself."""
    return getattr(made, "__module__", None) == module.__name__


def _loaded(path: Path) -> ModuleType:
    if path in _files:
        return _files[path]
    if not path.is_file():
        from lesson_code.lab.telling import nearby

        raise LabError(f"there is no file {path}{nearby(path)}")
    name = f"own_{len(_files)}_{path.stem}"  # two files may have one name
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up; what stands beside the file can be imported.
    sys.modules[name] = module
    sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        raise LabError(f"{path} cannot be loaded: {reason}") from error
    _files[path] = module
    return module
