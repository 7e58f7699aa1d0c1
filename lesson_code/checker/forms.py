"""The forms in which people have their losses, each as one thing that can be called.

A function, a partial, a scripted or compiled function; an object with its settings as attributes;
a class with settings in its constructor and tensors in one method.
"""

import asyncio
import contextlib
import copy
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.fill import FILL
from lesson_code.checker.match import BAGS, Reading, meant, readings
from lesson_code.checker.match import simple, words_of
from lesson_code.checker.parts import Part, attributes_of, part_of
from lesson_code.checker.signature import SPARE, Parameters, made_by, signature

_EMPTY = inspect.Parameter.empty


@dataclass(frozen=True)
class Form:
    """What a reader wrote: its parameters by name, and how it is called with values for them.

    ``doubt`` says why one that is wrong may be right all the same; ``made`` and ``use`` are how an
    object of a class is made and called.
    """

    name: str
    parameters: Parameters
    invoke: Callable[[dict[str, Any]], Any]
    doubt: str = ""
    made: str = ""
    use: str = ""


def forms(candidate: Any, exercise: Exercise) -> list[Form]:
    """A candidate as something that can be called with the names of its own, the likeliest first.

    Raises:
        ReaderError: if it cannot be called.
    """
    candidate = _plain(candidate)
    if not callable(candidate) and not (hasattr(candidate, "__dict__") and methods(candidate)):
        raise ReaderError(f"is a {type(candidate).__name__}, nothing that can be called")
    wants_class = inspect.isclass(exercise.reference)
    if inspect.isclass(candidate) and not wants_class:
        every = list(_of_class(candidate, exercise))
        if not every:
            raise ReaderError("has no method `forward` or `__call__`, and no other")
        return [form for form in every if has_ways(form, exercise)] or every[:1]
    if not inspect.isroutine(candidate) and not isinstance(candidate, (type, functools.partial)):
        every = [_of_object(candidate, method) for method in methods(candidate)]
        if not every:
            return [Form(type(candidate).__name__, signature(candidate), lambda v: candidate(**v))]
        return [next((form for form in every if has_ways(form, exercise)), every[0])]
    name = getattr(candidate, "__name__", "") or getattr(
        getattr(candidate, "func", None), "__name__", "it"
    )
    if not wants_class and (made := made_by(candidate)):
        return [_of_maker(name, candidate, made)]
    parameters = signature(candidate)
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

    return [Form(name, {**_settings(outside), **parameters}, invoke)]


def _of_maker(name: str, function: Any, call: Parameters) -> Form:
    """A function that makes the one that is asked for, by settings of its own."""
    settings = {key: item for key, item in signature(function).items() if key not in call}

    def invoke(values: dict[str, Any]) -> Any:
        made = function(**{key: item for key, item in values.items() if key in settings})
        return _call(made, call, {key: item for key, item in values.items() if key in call})

    made, use = f"{name}({', '.join(settings)})", f"({', '.join(call)})"
    return Form(name, {**call, **_by_keyword(settings)}, invoke, "", made, use)


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
        every = [form] if isinstance(form, Form) else forms(form, exercise)
    except ReaderError:
        return False
    for each in every:
        with contextlib.suppress(ReaderError):
            if ways(each, exercise):
                return True
    return False


def ways(form: Form, exercise: Exercise) -> list[Reading]:
    """All ways to call a form, the likeliest first."""
    fillable = frozenset(
        name for name in form.parameters if simple(name) in FILL or re.match("(use|with)_", name)
    )
    return readings(form.parameters, exercise, fillable)


def _plain(candidate: Any) -> Any:
    """The function behind a compiled one."""
    for name in ("_torchdynamo_orig_callable", "_orig_mod"):
        candidate = (
            vars(candidate).get(name, candidate) if hasattr(candidate, "__dict__") else candidate
        )
    return candidate


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
    result = function(*first, **left)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


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
    return dict(items if isinstance(raw, (staticmethod, classmethod)) else items[1:])


def _of_class(cls: type, exercise: Exercise) -> Iterator[Form]:
    """A class by each of its methods, built whole or as far as the method needs it.

    Of a class that is no loss itself, the methods come first whose names say that they are.
    """
    public = methods(cls)
    first = public[0] if public else ""
    own = [name for name, item in vars(cls).items() if name[:2] != "__" and callable(item)]
    telling = [name for name in own if _tells(name, exercise) and name != first]
    able = bool(first) and has_ways(_wholly(cls, first, exercise), exercise)
    if able:
        telling = [name for name in telling if len(_bound(cls, name)) >= len(_bound(cls, first))]
    order = [*telling, *(public[:1] if able else public)]
    if first and telling:
        used = set[str]().union(*(attributes_of(cls, name) for name in telling))
        rest = attributes_of(cls, first) - used - {*telling, *dir(cls)}
        if rest - _held(cls, first, exercise):
            order.remove(first)  # it has a network of its own
        elif rest or re.search("loss|criterion", cls.__name__, re.IGNORECASE):
            order.insert(0, first)
    for method in dict.fromkeys(order):
        part = part_of(cls, method)
        partly = [_partly(cls, method, part, exercise)] if part else []
        wholly = [_wholly(cls, method, exercise)] if method in public else []
        yield from partly or wholly if method in telling else [*wholly, *partly]
    if exercise.kept:
        calls = ("forward", "__call__", "step")
        updates = [name for name in public if name in calls or _tells(name, exercise)]
        yield from (_keeping(cls, method, exercise) for method in updates)


def _tells(name: str, exercise: Exercise) -> bool:
    """Whether the name of a method says that it is what an exercise asks for."""
    asked = words_of(" ".join((exercise.name, exercise.told.known_as)).replace(" ", "_"))
    return any(
        one == other or (len(one) > 4 and other.startswith(one))
        for one in words_of(name)
        for other in asked
    )


def _wholly(cls: type, method: str, exercise: Exercise) -> Form:
    """A class whose settings are arguments of its constructor, or attributes that it sets."""
    call = _bound(cls, method)
    settings = {
        name: item
        for name, item in inspect.signature(cls).parameters.items()
        if item.kind not in SPARE and name not in call
    }
    held = _held(cls, method, exercise) - {*call, *settings, *dir(cls)}

    def invoke(values: dict[str, Any]) -> Any:
        made = cls(**{name: item for name, item in values.items() if name in settings})
        _set(made, held, values)
        rest = {name: item for name, item in values.items() if name not in settings}
        return _call(getattr(made, method), call, rest)

    attributes = _settings({name: {name: None} for name in sorted(held)})
    parameters = {**call, **_by_keyword(settings), **attributes}
    return Form(cls.__name__, parameters, invoke, "", *_in_words(cls, method))


def _held(cls: type, method: str, exercise: Exercise) -> set[str]:
    """The attributes that a method uses and that are arguments of the exercise by their names."""
    wanted = inspect.signature(exercise.reference).parameters
    free = [key for key, item in wanted.items() if item.default is not _EMPTY]
    known = {name for key in free for name in (key, *exercise.aliases.get(key, "").split())}
    used = getattr(getattr(cls, method), "__code__", None)
    return known & {*attributes_of(cls, method), *(used.co_names if used else ())}


def _set(made: Any, held: set[str], values: dict[str, Any]) -> None:
    """Set the attributes of an object for which there are values, and take those out."""
    for name in held & values.keys():
        if (item := values.pop(name)) is not None:
            own = getattr(made, name, None)
            is_tensor = isinstance(own, torch.Tensor) and isinstance(item, torch.Tensor)
            setattr(made, name, item.expand_as(own) * 1 if is_tensor else item)


def _partly(cls: type, method: str, part: Part, exercise: Exercise) -> Form:
    """A method of a class, with no more of its object than it needs."""
    call, only = _bound(cls, method), inspect.Parameter.KEYWORD_ONLY
    settings = {name: item for name, item in part.parameters.items() if name not in call}
    filled = {name for name in part.unset if simple(name) in FILL} - {*call, *settings}
    held = _held(cls, method, exercise) - {*call, *settings, *filled, *dir(cls)}

    def invoke(values: dict[str, Any]) -> Any:
        made = part.make(values)
        for name in filled & values.keys():
            setattr(made, name, values[name])
        _set(made, held, values)
        return _call(getattr(made, method), call, {k: v for k, v in values.items() if k in call})

    attributes = _settings({name: {name: None} for name in sorted(held)})
    attributes |= {name: inspect.Parameter(name, only) for name in sorted(filled)}
    bags = {n: it.replace(name="kwargs") for n, it in settings.items() if it.kind is SPARE[1]}
    parameters = {**call, **_by_keyword(settings | bags), **attributes}
    return Form(f"{cls.__name__}.{method}", parameters, invoke, "", *_in_words(cls, method))


def _in_words(cls: type, method: str) -> tuple[str, str]:
    """How an object of a class is made, and how its method is called, by their own names."""
    name = "" if method in ("forward", "__call__") else f".{method}"
    built = [k for k, it in inspect.signature(cls).parameters.items() if it.kind not in SPARE]
    return f"{cls.__name__}({', '.join(built)})", f"{name}({', '.join(_bound(cls, method))})"


def _keeping(cls: type, method: str, exercise: Exercise) -> Form:
    """A class that keeps a copy of a network, which it averages: as if the copy were handed over.

    Where the method takes no network, the first one is changed after the copy was made.
    """
    named = _bound(cls, method)
    called = {name: "parameters" if name == "params" else name for name in named}
    call = {called[name]: item for name, item in named.items()}  # params are no settings here
    built = dict(inspect.signature(cls).parameters)
    wanted = inspect.signature(exercise.reference).parameters
    first = next((k for k in built if meant(k, wanted, exercise) != "momentum"), "")
    settings = _by_keyword({k: item for k, item in built.items() if k not in (first, *call)})
    only, kept = inspect.Parameter.KEYWORD_ONLY, exercise.kept
    takes = [name for name, item in call.items() if item.default is _EMPTY]
    asked = {} if takes else {"online": inspect.Parameter("online", only)}

    def invoke(values: dict[str, Any]) -> Any:
        target, net = values[kept], copy.deepcopy(values[kept])
        net.requires_grad_(True)
        for name in [name for name in values if "param" in name]:
            values[name] = [*values[name].parameters()]  # a network's, where a name asks for those
        own: Any = [*net.parameters()] if "param" in first else net
        built_with = {k: v for k, v in values.items() if k in settings}
        made = cls(**built_with | ({first: own} if first else {}))
        for name in ("register", "initialize"):
            if (not takes or not first) and callable(getattr(made, name, None)):
                getattr(made, name)(*[] if first else [net])
        if asked:
            _copy(net.state_dict(), values["online"].state_dict())
        given = {name: values[key] for name, key in called.items() if key in values}
        result = _call(getattr(made, method), named, given)
        if asked:
            _copy(values["online"].state_dict(), net.state_dict())
        _copy(target.state_dict(), _kept(made, net))
        return result

    parameters = {kept: inspect.Parameter(kept, only)} | asked | call | settings
    late = [name for name in built if re.search("after|every|start|warm|step|tau", name)]
    doubt = f"changes its average by a schedule of its own ({', '.join(late)})" if late else ""
    return Form(f"{cls.__name__}.{method}", parameters, invoke, doubt)


@torch.no_grad()
def _copy(into: Mapping[str, torch.Tensor], values: Mapping[str, torch.Tensor]) -> None:
    for name in into.keys() & values.keys():
        into[name].copy_(values[name])


def _kept(made: Any, net: nn.Module) -> Mapping[str, torch.Tensor]:
    """The numbers of a network that an object keeps: in a network, a mapping or a list.

    Raises:
        ReaderError: if it keeps none, or keeps them as a part of a graph.
    """
    names = [name for name, _ in net.named_parameters()]
    for item in [*vars(made).values(), *getattr(made, "_modules", {}).values()]:
        found: Any = item
        if isinstance(item, nn.Module) and item is not net:
            found = dict(item.named_parameters()) | dict(item.named_buffers())
        elif isinstance(item, (list, tuple)) and len(item) == len(names):
            found = dict(zip(names, item, strict=True))
        if isinstance(found, Mapping) and {*names} <= found.keys():
            if any(getattr(found[name], "grad_fn", None) is not None for name in names):
                raise ReaderError("keeps its average as part of a graph: use `torch.no_grad()`")
            return found
    raise ReaderError("keeps no average of the network that it is given")


def _by_keyword(parameters: Parameters) -> dict[str, inspect.Parameter]:
    return {
        name: item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for name, item in parameters.items()
    }


def _of_object(thing: Any, method: str) -> Form:
    """An object whose settings are its attributes; each call gets a copy of it."""
    call = dict(inspect.signature(getattr(thing, method)).parameters)
    buffers = dict(thing.named_buffers()) if isinstance(thing, nn.Module) else {}
    held = vars(thing) | buffers
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
            if (item := values.pop(name)) is not None:
                setattr(own, name, item)
        return _call(getattr(own, method), call, values)

    return Form(type(thing).__name__, {**call, **settings}, invoke)
