"""Probes: small questions to a function, asked alike of the reader's, of the right one and of bugs.

A probe calls the function and notes what is to be seen: values, gradients, a type, what became of
an argument. Two functions that answer all probes alike are the same as far as an exercise goes.
"""

import inspect
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch

from lesson_code.checker.compare import Seen as Seen
from lesson_code.checker.contents import Entry, entries
from lesson_code.checker.source import body_of, in_python

IN_FLOAT64 = (
    "For float64 arguments it computes in float32 somewhere. New tensors take the type of the "
    "arguments with `torch.zeros_like(x)`, `x.new_zeros(n)` or `dtype=x.dtype`."
)


A_SEARCH = "An error that names the argument saves a search."


#: What every probe of a call takes beside the function's own arguments.
_SETTINGS = ("shows", "remark", "beyond", "rtol", "atol")


class ReaderError(Exception):
    """The function under test does something that no answer can be read from; says what."""


class NoPlace(ReaderError):
    """A function has no place for what a probe hands over; it is judged by the other probes."""


@dataclass(frozen=True)
class Probe:
    """One question.

    It may be ``beyond`` ordinary use: there a right function may raise or overflow, of which that
    is said then, but an answer that is wrong still counts.
    """

    name: str  # a few words, unique in its exercise
    ask: Callable[[Any], Seen]  # what it saw of a candidate; lets pass what the candidate raises
    shows: str = ""  # the arguments or steps, for the message that shows a difference
    remark: str = ""  # set where a difference is no error; the advice that is then given
    beyond: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of the one call, if it is one
    rtol: float = 1e-4  # relative tolerance of numbers, and the absolute one
    atol: float = 1e-5


class Calls:
    """Probes that call a function once, written as one calls it, without what most calls share.

    A list of numbers stands for the tensor of them. Beside the function's own arguments each
    probe takes ``shows``, ``remark``, ``beyond``, ``rtol`` and ``atol`` of ``Probe``.

    Args:
        function: the published one, whose signature says what an argument by position is.
        shared: arguments of every call that does not give another.
    """

    def __init__(self, function: Callable[..., Any], **shared: Any) -> None:
        self.signature = inspect.signature(function)
        self.shared = shared

    def arguments(self, given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments of one call by name, in the order of the signature."""
        every = self.shared | self.signature.bind_partial(*given, **named).arguments
        return {key: _meant(every[key]) for key in self.signature.parameters if key in every}

    def asking(
        self,
        name: str,
        ask: Callable[[Callable[..., Any], dict[str, Any]], Seen],
        given: Sequence[Any],
        named: Mapping[str, Any],
    ) -> Probe:
        """A probe that asks with copies of the arguments, so that no call can spoil the next."""
        arguments = self.arguments(given, {k: v for k, v in named.items() if k not in _SETTINGS})
        settings = {key: named[key] for key in _SETTINGS if key in named}
        settings = {"shows": in_python(arguments), "arguments": arguments} | settings
        return Probe(name, lambda function: ask(function, _fresh(arguments)), **settings)

    def value(self, name: str, *given: Any, **named: Any) -> Probe:
        """What the function returns for these arguments."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            return {"value": returned(function(**fresh))}

        return self.asking(name, ask, given, named)

    def gradient(self, name: str, of: str, *given: Any, **named: Any) -> Probe:
        """The gradient of the result (a tensor's weighted sum) in the arguments named in ``of``.

        Of an argument that is a list of tensors, the gradient in each of them.
        """

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            leaves: dict[str, torch.Tensor] = {}
            for key in of.split():
                each = fresh[key] if isinstance(fresh[key], list) else [fresh[key]]
                names = [f"{key}[{i}]" for i in range(len(each))] if each is fresh[key] else [key]
                leaves |= dict(zip(names, (item.requires_grad_() for item in each), strict=True))
            result = returned(function(**fresh))
            if isinstance(result, torch.Tensor) and result.requires_grad:
                torch.autograd.backward((result * _weights(result)).sum())
            return {
                f"gradient in {key}": torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
                for key, leaf in leaves.items()
            }

        return self.asking(name, ask, given, named)

    def untouched(self, name: str, *given: Any, **named: Any) -> Probe:
        """What the arguments hold after the call; tensors with and without gradient."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            passed = {k: v for k, v in fresh.items() if isinstance(v, torch.Tensor)}
            function(**fresh)
            return {f"{key} afterwards": item for key, item in passed.items()}

        return self.asking(name, ask, given, named)

    def unchanged(self, name: str, *given: Any, **named: Any) -> Probe:
        """Whether tensors, and tensors in lists, are as before after the call."""

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            passed = {k: v for k, v in fresh.items() if isinstance(v, (torch.Tensor, list))}
            before, lists = _fresh(passed), {key: [*passed[key]] for key in passed}
            function(**fresh)
            return {
                f"{key} afterwards": _state(passed[key], lists[key], before[key]) for key in passed
            }

        return self.asking(name, ask, given, named)

    def precise(self, name: str, *given: Any, **named: Any) -> Probe:
        """What the function returns in float64, to eight digits; a difference is a remark."""
        wide = _cast(self.arguments(given, named), torch.float64)
        return self.value(name, **wide, remark=IN_FLOAT64, rtol=1e-8, atol=1e-10)

    def half(self, name: str, remark: str, *given: Any, **named: Any) -> Probe:
        """What the function returns for float16 arguments; a difference is a remark."""
        narrow = _cast(self.arguments(given, named), torch.float16)
        return self.value(name, **narrow, remark=remark, rtol=0.02, atol=0.02)

    def refuses(self, name: str, so: str, *given: Any, **named: Any) -> Probe:
        """Whether the function refuses arguments without a sensible answer; if not, a remark.

        ``so`` is what comes of accepting them, or a remark of several sentences.
        """
        told = f"{name[0].upper()}{name[1:]} is accepted, and {so}. {A_SEARCH}"

        def ask(function: Callable[..., Any], fresh: dict[str, Any]) -> Seen:
            return {"refused": refused(lambda: function(**fresh))}

        return self.asking(name, ask, given, {**named, "remark": so if so[-1] == "." else told})


def refused(call: Callable[[], Any]) -> bool:
    """Whether a call ends in an error as bad input deserves it."""
    try:
        call()
    except (ValueError, RuntimeError, AssertionError, TypeError, LookupError):
        return True
    return False


def probe(name: str, *does: str, **settings: Any) -> Callable[[Callable[[Any], Seen]], Probe]:
    """Make a function a probe of state: it builds an object, takes steps and says what it sees.

    Args:
        name: of the probe.
        does: lines that a message shows; without any, the function's own.
        settings: others of ``Probe``.
    """

    def made(ask: Callable[[Any], Seen]) -> Probe:
        return Probe(name, ask, "\n".join(does) or body_of(ask), **settings)

    return made


def probes(module: Mapping[str, Any]) -> tuple[Probe, ...]:
    """The probes that a module defines by functions, in its order."""
    return tuple(item for item in module.values() if isinstance(item, Probe))


def normal(seed: int, *shape: int, scale: float = 1.0) -> torch.Tensor:
    """Numbers of a standard normal distribution that depend on nothing but the seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * scale


def returned(result: Any) -> Any:
    """The result, if it is one that can be compared."""
    if result is None:
        raise ReaderError("returns None")
    if isinstance(result, torch.Tensor):
        dense = result if result.layout is torch.strided else result.to_dense()
        return dense.as_subclass(torch.Tensor)
    if isinstance(result, (bool, int, float)):
        return result
    try:
        import numpy as np

        if isinstance(result, (np.ndarray, np.generic)):
            return torch.as_tensor(result)
    except ImportError:  # pragma: no cover
        pass
    raise ReaderError(f"returns a {type(result).__name__}")


def _fresh(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Copies, so that no call can spoil the next."""
    return {k: _changed(item, lambda it: it.detach().clone()) for k, item in arguments.items()}


def _cast(arguments: Mapping[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    """The arguments, tensors of decimals in another type."""

    def cast(item: torch.Tensor) -> torch.Tensor:
        return item.to(dtype) if item.is_floating_point() else item

    return {key: _changed(item, cast) for key, item in arguments.items()}


def _meant(item: Any) -> Any:
    """The tensor of a list of numbers; everything else as it is."""
    first = item
    while isinstance(first, list) and first:
        first = first[0]
    return torch.tensor(item) if first is not item and isinstance(first, (int, float)) else item


def _state(now: Any, parts: Sequence[torch.Tensor], before: Any) -> str:
    """What became of an argument: of a list, of its length and of the tensors it held."""
    if isinstance(now, torch.Tensor):
        same = torch.equal(now, before)
    elif len(now) != len(before):
        return f"a list of {len(now)}"
    else:
        same = all(torch.equal(one, other) for one, other in zip(parts, before, strict=True))
    return "as before" if same else "changed"


def _changed(item: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(item, (list, tuple)):
        return type(item)(_changed(each, change) for each in item)
    return change(item) if isinstance(item, torch.Tensor) else item


def _weights(result: torch.Tensor) -> torch.Tensor:
    """Different weights for the entries of a result, so that no gradient hides behind another."""
    if result.numel() == 1:
        return torch.ones_like(result)
    return torch.linspace(0.5, 1.5, result.numel(), dtype=result.dtype).view_as(result)


@dataclass(frozen=True)
class Other:
    """Another form in which published code answers an exercise.

    Args:
        name: under which its arguments have their other names.
        takes: its arguments, as in the head of a function.
        use: answers for the exercise: takes what is called like that, and the exercise's arguments.
        told: what a reader is told of it.
        made: whether a class is asked for, of which this is the constructor.
        published: for a bug, where published code of this form has it by intention.
    """

    name: str
    takes: str
    use: Callable[..., Any]
    told: str
    made: bool = False
    published: Mapping[str, str] = field(default_factory=dict)

    def exercise(self) -> "Exercise":
        """What is asked for in this form; an argument with a default may be missing."""
        names: dict[str, Any] = {}
        exec(f"def takes({self.takes}) -> 'tuple': ...", names)
        names["takes"].__name__ = self.name
        form = type(self.name, (), {"__init__": names["takes"]}) if self.made else names["takes"]
        parameters = inspect.signature(form).parameters.items()
        free = tuple(key for key, item in parameters if item.default is None)
        return Exercise(form, (), optional=free)


@cache
def _aliases() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("aliases.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Exercise:
    """What the reader writes, and how it is judged.

    Args:
        reference: the published function or class.
        probes: from the smallest to the largest; the first that differs is shown.
        optional: parameters that a right function may do without.
        views: parameters that a function may take together, in one.
        complements: for a share, names under which readers give that of the other side.
        form: what a right function is free in: ``scale``, ``shift`` or both.
        values: for a class whose loss is trained with, the scale and the shift that it may have.
        unless: for a bug, where its code is right.
        published: for a bug, where published code has it by intention; it is told as a convention.
        unit_rows: whether published code often expects rows of length one.
        methods: for a method that probes call, other names of it.
        kept: an argument that a class may keep a copy of, to change that instead.
        others: forms in which it has other arguments, or other results.
    """

    reference: Any
    probes: tuple[Probe, ...]
    optional: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    complements: Mapping[str, str] = field(default_factory=dict)
    form: str = ""
    values: tuple[tuple[float, float], ...] = ()
    unless: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, str] = field(default_factory=dict)
    unit_rows: bool = False
    methods: Mapping[str, str] = field(default_factory=dict)
    kept: str = ""
    others: tuple["Other", ...] = ()

    @property
    def name(self) -> str:
        """The name of the published function or class."""
        return str(self.reference.__name__)

    @property
    def told(self) -> Entry:
        """What ``exercises.toml`` says of it; nothing of another form of one."""
        return entries().get(self.name, Entry(self.name, "", "", ()))

    @property
    def aliases(self) -> Mapping[str, str]:
        """For a parameter, other names that readers give it, in one text."""
        return _aliases().get(self.name, {})

    @property
    def family(self) -> str:
        """The concept it belongs to, such as ``simclr``."""
        return str(self.reference.__module__.rpartition(".")[2])

    @property
    def required(self) -> tuple[Probe, ...]:
        """The probes that must be answered right."""
        return tuple(probe for probe in self.probes if not probe.remark)

    @property
    def remarked(self) -> tuple[Probe, ...]:
        """The probes in which a difference is worth a remark only."""
        return tuple(probe for probe in self.probes if probe.remark)
