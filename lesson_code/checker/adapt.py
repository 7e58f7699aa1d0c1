"""Finds the reader's function and lets it be called by the names of the exercise."""

import importlib.util
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.register import closest, did_you_mean

#: The file of the reader as a module.
MODULE = "reader_file"

_EMPTY = inspect.Parameter.empty
_NO_SLOT = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def load(path: Path) -> types.ModuleType:
    """Run the reader's file; what it raises passes through."""
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None:
        raise ReaderError(f"is no Python file: {path.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module


def pick(module: types.ModuleType, exercise: Exercise, wanted: str = "") -> Any:
    """The function or class of a file that answers the exercise.

    Raises:
        ReaderError: if there is none, or several and none has a fitting name.
    """
    found = _defined(module, exercise)
    kind = "class" if inspect.isclass(exercise.reference) else "function"
    if wanted:
        if wanted not in vars(module):
            others = f"; it has {', '.join(found)}" if found else ""
            hint = did_you_mean(wanted, found) or others
            raise ReaderError(f"has no {wanted!r}{hint}")
        return vars(module)[wanted]
    if exercise.name in found:
        return found[exercise.name]
    if not found:
        item = vars(module).get(exercise.name)
        if item is not None and getattr(item, "__module__", "") == module.__name__:
            raise ReaderError(f"defines {exercise.name}, and it is no {kind}")
        if callable(item):
            raise ReaderError(f"imports {exercise.name} instead of defining it")
        if item is not None:
            raise ReaderError(f"sets {exercise.name} to a {type(item).__name__}, no {kind}")
        raise ReaderError(f"defines no {kind}; the exercise asks for `{exercise.name}`")
    if len(found) == 1:
        return next(iter(found.values()))
    near = closest(exercise.name, found, cutoff=0.6)
    if len(near) == 1 or (near and _simple(near[0]) == _simple(exercise.name)):
        return found[near[0]]
    raise ReaderError(
        f"defines {', '.join(found)}, and none is called {exercise.name}: "
        f"rename one, or name it with --name"
    )


def adapted(candidate: Any, exercise: Exercise) -> Callable[..., Any]:
    """The candidate, called by the exercise's names of arguments.

    Raises:
        ReaderError: if an argument of the exercise has no place, or the candidate wants more.
    """
    if candidate is exercise.reference:
        return exercise.reference
    if not callable(candidate):
        raise ReaderError(f"is a {type(candidate).__name__}, nothing that can be called")
    try:
        # A module's own signature is (*args, **kwargs); what counts is that of its forward.
        is_module = isinstance(candidate, nn.Module)
        signature = inspect.signature(candidate.forward if is_module else candidate)
    except (TypeError, ValueError):
        return candidate
    names = _places(signature, exercise)
    by_position = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY
    ]

    def call(**arguments: Any) -> Any:
        given = {names[key]: item for key, item in arguments.items()}
        first = []
        for name in by_position:
            default = signature.parameters[name].default
            if name not in given and (default is _EMPTY or not given.keys() & by_position):
                break
            first.append(given.pop(name, default))
        return candidate(*first, **given)

    return call


def _places(signature: inspect.Signature, exercise: Exercise) -> dict[str, str]:
    """For each argument of the exercise the name that the candidate has for it."""
    wanted = inspect.signature(exercise.reference).parameters
    own = {name: it for name, it in signature.parameters.items() if it.kind not in _NO_SLOT}
    takes_any = any(
        it.kind is inspect.Parameter.VAR_KEYWORD for it in signature.parameters.values()
    )
    names = _by_name(wanted, own, exercise)
    left = [name for name in own if name not in names.values()]
    for key in wanted:
        if key not in names and left and _may_stand_for(own[left[0]], wanted[key]):
            names[key] = left.pop(0)
    lacking = [key for key in wanted if key not in names]
    if lacking and takes_any:
        names |= {key: key for key in lacking}
        lacking = []
    if lacking:
        raise ReaderError(
            f"takes ({', '.join(own)}), and the exercise calls it with ({', '.join(wanted)}): "
            f"there is no place for {', '.join(lacking)}"
        )
    needed = [name for name in left if own[name].default is _EMPTY]
    if needed:
        raise ReaderError(
            f"also asks for {', '.join(needed)}; the exercise calls it with ({', '.join(wanted)})"
        )
    return names


def _by_name(
    wanted: Mapping[str, Any], own: Mapping[str, Any], exercise: Exercise
) -> dict[str, str]:
    """Arguments that have the exercise's name, or one that readers give instead."""
    names = {key: key for key in wanted if key in own}
    for key in wanted:
        if key in names:
            continue
        known = {_simple(alias) for alias in (key, *exercise.aliases.get(key, "").split())}
        for name in own:
            if name not in names.values() and _simple(name) in known:
                names[key] = name
                break
    return names


def _may_stand_for(own: inspect.Parameter, wanted: inspect.Parameter) -> bool:
    """By position: a default may not stand where the exercise always gives an argument."""
    asked = wanted.default is _EMPTY
    return not (asked and own.kind is inspect.Parameter.KEYWORD_ONLY)


def _defined(module: types.ModuleType, exercise: Exercise) -> dict[str, Any]:
    """What the file defines itself, of the kind the exercise asks for."""
    wants_class = inspect.isclass(exercise.reference)
    return {
        name: item
        for name, item in vars(module).items()
        if not name.startswith("_")
        and callable(item)
        and getattr(item, "__module__", "") == module.__name__
        and inspect.isclass(item) == wants_class
    }


def _simple(name: str) -> str:
    return name.lower().replace("_", "")
