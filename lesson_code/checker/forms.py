"""The forms in which people have their losses, each as one thing that can be called.

A function, a partial, a scripted or compiled function; an object with its settings as attributes;
a class with settings in its constructor and tensors in one method.
"""

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.match import BAGS, Parameters, Reading, readings
from lesson_code.checker.match import simple

_EMPTY = inspect.Parameter.empty
_SPARE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class Form:
    """What a reader wrote: its parameters by name, and how it is called with values for them."""

    name: str
    parameters: Parameters
    invoke: Callable[[dict[str, Any]], Any]


def forms(candidate: Any, exercise: Exercise) -> Form:
    """A candidate as something that can be called with the names of its own.

    Raises:
        ReaderError: if it cannot be called.
    """
    candidate = _plain(candidate)
    if not callable(candidate) and not (hasattr(candidate, "__dict__") and methods(candidate)):
        raise ReaderError(f"is a {type(candidate).__name__}, nothing that can be called")
    wants_class = inspect.isclass(exercise.reference)
    if inspect.isclass(candidate) and not wants_class:
        every = [_of_class(candidate, method, exercise) for method in methods(candidate)]
        if not every:
            raise ReaderError("has no method `forward` or `__call__`, and no other")
        return next((form for form in every if has_ways(form, exercise)), every[0])
    if not inspect.isroutine(candidate) and not isinstance(candidate, (type, functools.partial)):
        every = [_of_object(candidate, method) for method in methods(candidate)]
        if not every:
            return Form(type(candidate).__name__, _signature(candidate), lambda v: candidate(**v))
        return next((form for form in every if has_ways(form, exercise)), every[0])
    name = getattr(candidate, "__name__", "") or getattr(
        getattr(candidate, "func", None), "__name__", "it"
    )
    parameters = _signature(candidate)
    outside = {} if wants_class else _outside(candidate)

    def invoke(values: dict[str, Any]) -> Any:
        before = {key: outside[key][key] for key in outside.keys() & values.keys()}
        for key in before:
            outside[key][key] = values.pop(key)
        try:
            return _call(candidate, parameters, values)
        finally:
            for key, item in before.items():
                outside[key][key] = item

    return Form(name, {**_settings(outside), **parameters}, invoke)


def _outside(function: Any) -> dict[str, dict[str, Any]]:
    """Where numbers are kept that a function uses and that stand outside of it, in its file."""
    function = inspect.unwrap(function)
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    found: dict[str, dict[str, Any]] = {}
    used: tuple[str, ...] = getattr(code, "co_names", ())
    for name in used:
        bag = getattr(names.get(name), "__dict__", {}) if simple(name) in BAGS else {}
        found |= {key: bag for key in used if isinstance(bag.get(key), (int, float))}
        if isinstance(names.get(name), (int, float)):
            found[name] = names
    return found


def _settings(held: Mapping[str, Mapping[str, Any]]) -> dict[str, inspect.Parameter]:
    only = inspect.Parameter.KEYWORD_ONLY
    return {key: inspect.Parameter(key, only, default=bag[key]) for key, bag in held.items()}


def has_ways(form: Any, exercise: Exercise) -> bool:
    """Whether the arguments of an exercise have a place in a form, or in what a file defines."""
    try:
        return bool(ways(form if isinstance(form, Form) else forms(form, exercise), exercise))
    except ReaderError:
        return False


def ways(form: Form, exercise: Exercise) -> list[Reading]:
    """All ways to call a form, the likeliest first."""
    fillable = frozenset(name for name in form.parameters if simple(name) in FILL)
    return readings(form.parameters, exercise, fillable)


def template(form: Form | None, exercise: Exercise) -> str:
    """Three lines that make a function judgeable, for whoever has one that cannot be called."""
    wanted = inspect.signature(exercise.reference)
    parameters = [
        name if item.default is _EMPTY else f"{name}={item.default!r}"
        for name, item in wanted.parameters.items()
    ]
    name = form.name if form else "yours"
    own = ", ".join(form.parameters) if form else "..."
    if inspect.isclass(exercise.reference):
        return (
            f"class {exercise.name}({name}):\n"
            f"    def __init__(self, {', '.join(parameters)}):\n"
            f"        super().__init__(...)  # {name}({own})"
        )
    return (
        f"def {exercise.name}({', '.join(parameters)}):\n"
        f"    result = {name}(...)  # ({own})\n"
        "    return result  # as the exercise asks for it"
    )


def _plain(candidate: Any) -> Any:
    """The function behind a compiled one."""
    for name in ("_torchdynamo_orig_callable", "_orig_mod"):
        candidate = (
            vars(candidate).get(name, candidate) if hasattr(candidate, "__dict__") else candidate
        )
    return candidate


def _signature(function: Any) -> Parameters:
    """The parameters of a function; of a scripted one, those of its schema."""
    if schema := getattr(function, "schema", None):
        return {
            it.name: inspect.Parameter(
                it.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=it.default_value if it.has_default_value() else _EMPTY,
            )
            for it in schema.arguments
        }
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        any_names = inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)
        return {"arguments": any_names}


def _call(function: Any, parameters: Parameters, values: dict[str, Any]) -> Any:
    """Call a function by its own names; what has to go by position goes by position."""
    left, first = dict(values), []
    spread = any(it.kind is inspect.Parameter.VAR_POSITIONAL for it in parameters.values())
    for name, item in parameters.items():
        if item.kind is inspect.Parameter.VAR_POSITIONAL:
            first += left.pop(name, ())
        elif item.kind is inspect.Parameter.POSITIONAL_ONLY or spread:
            if item.kind is inspect.Parameter.KEYWORD_ONLY:
                continue
            if name not in left and (item.default is _EMPTY or not left.keys() & parameters.keys()):
                break
            first.append(left.pop(name, item.default))
    return function(*first, **left)


def methods(candidate: Any) -> list[str]:
    """What an object or a class may compute by: forward, a call, any other method of its own."""
    cls = candidate if inspect.isclass(candidate) else type(candidate)
    first = ["forward"] if getattr(cls, "forward", None) not in (None, nn.Module.forward) else []
    own = [
        name
        for name, item in vars(cls).items()
        if (name == "__call__" or not name.startswith("_"))
        and inspect.isroutine(getattr(cls, name))
        and name not in first
    ]
    return sorted([*first, *own], key=lambda name: name not in (*first, "__call__"))


def _bound(cls: type, method: str) -> dict[str, inspect.Parameter]:
    """The parameters of a method, without the object."""
    raw = inspect.getattr_static(cls, method)
    items = list(inspect.signature(getattr(cls, method)).parameters.items())
    bound = isinstance(raw, (staticmethod, classmethod))
    return dict(items if bound else items[1:])


def _of_class(cls: type, method: str, exercise: Exercise) -> Form:
    """A class whose settings are arguments of its constructor, or attributes that it sets."""
    call = _bound(cls, method)
    settings = {
        name: item
        for name, item in inspect.signature(cls).parameters.items()
        if item.kind not in _SPARE and name not in call
    }
    wanted = inspect.signature(exercise.reference).parameters
    free = [key for key, item in wanted.items() if item.default is not _EMPTY]
    known = {name for key in free for name in (key, *exercise.aliases.get(key, "").split())}
    used = getattr(getattr(cls, method), "__code__", None)
    held = known.intersection(used.co_names if used else ()) - {*call, *settings, *dir(cls)}

    def invoke(values: dict[str, Any]) -> Any:
        made = cls(**{name: item for name, item in values.items() if name in settings})
        for name in held & values.keys():
            if (item := values.pop(name)) is not None:
                own = getattr(made, name, None)
                is_tensor = isinstance(own, torch.Tensor) and isinstance(item, torch.Tensor)
                setattr(made, name, item.expand_as(own) * 1 if is_tensor else item)
        rest = {name: item for name, item in values.items() if name not in settings}
        return _call(getattr(made, method), call, rest)

    attributes = _settings({name: {name: None} for name in sorted(held)})
    return Form(cls.__name__, {**call, **_by_keyword(settings), **attributes}, invoke)


def _by_keyword(parameters: Parameters) -> dict[str, inspect.Parameter]:
    return {
        name: item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, item in parameters.items()
    }


def _of_object(thing: Any, method: str) -> Form:
    """An object whose settings are its attributes; each call gets a copy of it."""
    call = dict(inspect.signature(getattr(thing, method)).parameters)
    held = (
        {**vars(thing), **dict(thing.named_buffers())}
        if isinstance(thing, nn.Module)
        else vars(thing)
    )
    settings = {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=item)
        for name, item in held.items()
        if name not in call
        and name.isidentifier()
        and name != "training"
        and isinstance(item, (int, float, torch.Tensor))
    }

    def invoke(values: dict[str, Any]) -> Any:
        own = copy.deepcopy(thing)
        for name in settings.keys() & values.keys():
            if values[name] is not None:
                setattr(own, name, values.pop(name))
            else:
                values.pop(name)
        return _call(getattr(own, method), call, values)

    return Form(type(thing).__name__, {**call, **settings}, invoke)


def _width(arguments: Mapping[str, Any], tensors: list[torch.Tensor]) -> int:
    """How long a row is; of an encoder, what it returns."""
    nets = [item for item in arguments.values() if isinstance(item, nn.Module)]
    matrices = [it for net in nets for it in net.parameters() if it.ndim == 2]
    return tensors[0].shape[-1] if tensors else len(matrices[-1])


#: What a function may ask for beyond the arguments of an exercise, and what it is given.
FILL: Mapping[str, Callable[[Mapping[str, Any], list[torch.Tensor]], Any]] = {
    **dict.fromkeys(("batchsize", "bs"), lambda _, tensors: len(tensors[0])),
    **dict.fromkeys(
        ("numclasses", "nclasses", "classes"), lambda given, _: int(given["labels"].max()) + 1
    ),
    **dict.fromkeys(
        ("outdim", "outputdim", "numfeatures", "embeddingdim", "featuredim", "dim", "indim"), _width
    ),
    **dict.fromkeys(BAGS, lambda *_: None),
    "ncrops": lambda given, _: len(given.get("student_outputs", "1")),
    "warmupteachertemp": lambda given, _: given.get("temperature_t", 0.04),
    "nviews": lambda *_: 2,
    "globalstep": lambda *_: 10**9,  # the warm-up of a momentum is over
    **dict.fromkeys(("device",), lambda *_: "cpu"),
    **dict.fromkeys(("worldsize", "nepochs", "ngpu", "niterperep"), lambda *_: 1),
    "lowresolutionoutputs": lambda *_: [],
    **dict.fromkeys(("rank", "epoch", "warmupteachertempepochs"), lambda *_: 0),
    **dict.fromkeys(("endvalue", "finalvalue", "mend"), lambda *_: 1.0),
}
