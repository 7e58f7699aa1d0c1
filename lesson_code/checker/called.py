"""A reader's function as the probes call it: by the exercise's names, and one result of several."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.checker.exercise import Exercise, NoPlace, Other, ReaderError
from lesson_code.checker.fill import FILL, SIZES
from lesson_code.checker.forms import Form, methods
from lesson_code.checker.match import BAGS, CROPS, LABELS, Reading, meant
from lesson_code.checker.match import simple, told

_EMPTY = inspect.Parameter.empty


class Called:
    """A reader's function, called by the exercise's names of arguments.

    ``notes`` says how it was called and what was taken of its result, where that needs saying.
    """

    def __init__(
        self,
        form: Form,
        reading: Reading,
        exercise: Exercise,
        reduce: str = "",
        unit: bool = False,
        value: tuple[float, float] = (1, 0),
        full: bool = False,
    ) -> None:
        self.form, self.reading, self.exercise = form, reading, exercise
        self.reduce, self.unit, self.value, self.full = reduce, unit, value, full
        self.read = ""
        # Both directions at once may be an option, which probes of one do without.
        self.switch = getattr(form.parameters.get("symmetric"), "default", None) is True

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the call."""
        how = "" if self.reading.by_name else told(self.reading, self.form.name)
        rows = "rows of length one were handed over" if self.unit else ""
        off = "symmetric=False was handed over" if self.switch else ""
        full = "It computes in half precision, and was judged as in float32." * self.full
        return tuple(filter(None, (how and f"Called as `{how}`.", self.read, rows, off, full)))

    def __call__(self, **arguments: Any) -> Any:
        """Call it with the exercise's arguments, and take of its result what is asked for."""
        if self.unit:
            arguments = {key: _unit(item) for key, item in arguments.items()}
        result = self.form.invoke(self._values(arguments))
        if inspect.isclass(self.exercise.reference):
            return self._in_usual_form(_with_methods(result, self.exercise))
        return self._reduced(self._taken(result))

    def _values(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Values for the reader's own names."""
        reading, views = self.reading, self.exercise.views
        given = {
            key: 1 - item if key in reading.turned else item for key, item in arguments.items()
        }
        wanted = inspect.signature(self.exercise.reference).parameters
        bag = any(simple(name) in BAGS for name in reading.filled)
        for key in () if bag else reading.lacking:
            usual = wanted[key].default
            _without(key, given.get(key, usual), usual, reading.lacking)
        for key in reading.lacking:
            given.pop(key, None)
        for key, name in reading.places.items():
            needed = name in self.form.parameters and self.form.parameters[name].default is _EMPTY
            if needed and given.get(key) is None and wanted[key].default is not _EMPTY:
                is_center = wanted[key].default is None and key == "center"
                row = _tensors(arguments)[0][0] if is_center else None  # a center of zeros
                given[key] = wanted[key].default if row is None else torch.zeros_like(row)
        if reading.packed == CROPS:
            given = {k: torch.cat(v) if isinstance(v, list) else v for k, v in given.items()}
        elif reading.packed:
            given[views[0]] = _packed([given.pop(key) for key in views], reading.packed)
        for key in [key for key, item in given.items() if item is None]:
            own = self.form.parameters.get(reading.places[key])
            if own and own.default is not _EMPTY:  # what stands for nothing, such as 0.0
                del given[key]
        values = {reading.places[key]: item for key, item in given.items()}
        if reading.rest:
            first = next(key for key in self.exercise.complements if key in given)
            values[reading.rest] = 1 - given[first]
        for name in [name for name in values if "sched" in name.lower()]:
            values[name] = _Schedule(values[name])
        for name, item in self.form.parameters.items():
            free = simple(name) in SIZES and name not in reading.places.values()
            if free and name not in values and isinstance(item.default, int):
                values[name] = FILL[simple(name)](arguments, _tensors(arguments))
        for name in reading.filled:
            values[name] = _filled(name, arguments, self.exercise, packed=bool(reading.packed))
        return values | ({"symmetric": False} if self.switch else {})

    def _in_usual_form(self, model: Any) -> Any:
        """A model whose loss has the scale and the shift of the published one."""
        scale, shift = self.value
        if self.value != (1, 0) and isinstance(model, nn.Module):
            model.register_forward_hook(
                lambda _, __, out: (
                    (loss - shift) / scale
                    if getattr(loss := self._taken(out), "ndim", 1) == 0
                    else out
                )
            )
        return model

    def _taken(self, result: Any) -> Any:
        """Of several results the one that is asked for."""
        if "tuple" in str(inspect.signature(self.exercise.reference).return_annotation):
            return result
        if isinstance(result, Mapping):
            keys = [key for key in result if "loss" in str(key).lower()] or list(result)
            if len(keys) >= 1:
                self.read = f"Of what it returns, `{keys[0]!s}` was taken."
                return result[keys[0]]
        if isinstance(result, (tuple, list)) and result:
            return self._of_several(list(result))
        loss = getattr(result, "loss", None)
        return loss if isinstance(loss, torch.Tensor) else result

    def _of_several(self, items: list[Any]) -> Any:
        first, second = items[0], items[1] if len(items) > 1 else None
        if (
            isinstance(first, torch.Tensor)
            and isinstance(second, torch.Tensor)
            and first.ndim == 2
            and second.shape == first.shape[:1]
            and not second.is_floating_point()
        ):
            self.read = "It returns logits and labels; their cross-entropy was taken."
            return F.cross_entropy(first, second)
        self.read = "It returns several things; the first was taken."
        return first

    def _reduced(self, result: Any) -> Any:
        if not self.reduce or not isinstance(result, torch.Tensor) or result.ndim == 0:
            return result
        if self.reduce == "first column":
            self.read = "It returns a ranking; its first column was taken."
            return result[:, 0] if result.ndim == 2 else result
        self.read = "It returns a number for each row; their mean was taken."
        return result.mean()


class _Schedule(float):
    """A number as a schedule gives it: whatever the step, by a call or an index."""

    def __getitem__(self, _: Any) -> float:
        return float(self)

    __call__ = __getitem__


class Through:
    """A reader's function in another form, asked as the exercise asks."""

    def __init__(self, called: Called, other: Other) -> None:
        self.called, self.other, self.form = called, other, called.form

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the call."""
        return (*self.called.notes, self.other.told)

    def __call__(self, **arguments: Any) -> Any:
        """Answer for the exercise."""
        return self.other.use(self.called, **arguments)


def _with_methods(model: Any, exercise: Exercise) -> Any:
    """A model with the methods that probes call, under the names that they call.

    Raises:
        ReaderError: if it has none that could be meant.
    """
    for wanted, others in exercise.methods.items():
        if callable(getattr(model, wanted, None)):
            continue
        own = {*dir(model)} - {*dir(nn.Module)} | {*methods(model)}
        known = {simple(name): name for name in own if callable(getattr(model, name, None))}
        found = next((known[name] for name in map(simple, others.split()) if name in known), "")
        if not found:
            asked = ", ".join(f"`{name}`" for name in exercise.methods)
            raise ReaderError(
                f"has no method `{wanted}`; the probes call {asked}, and it has "
                f"{', '.join(sorted(known.values())) or 'none of its own'}"
            )
        object.__setattr__(model, wanted, getattr(model, found))
    return model


def _packed(views: list[torch.Tensor], way: str) -> Any:
    match way:
        case "rows one view after the other":
            return torch.cat(views)
        case "views on axis 1":
            return torch.stack(views, dim=1)
        case "pair by pair":
            return torch.stack(views, dim=1).flatten(0, 1)
    return views


def _unit(item: Any) -> Any:
    """Rows of length one, where there are rows."""
    is_rows = isinstance(item, torch.Tensor) and item.ndim == 2 and item.is_floating_point()
    return F.normalize(item) if is_rows else item


def _without(key: str, value: Any, usual: Any, lacking: tuple[str, ...]) -> None:
    """Make up for an argument that has no place, or say that it cannot be seen.

    A number beside a tensor that has no place either belongs to it, as a weight to its term.
    """
    if isinstance(value, torch.Generator):
        torch.default_generator.manual_seed(value.initial_seed())
    elif isinstance(value, torch.Tensor) or (value != usual and len(lacking) == 1):
        raise NoPlace(f"has no place for {key}")


def _tensors(arguments: Mapping[str, Any]) -> list[torch.Tensor]:
    every = [each for it in arguments.values() for each in (it if isinstance(it, list) else [it])]
    return [item for item in every if isinstance(item, torch.Tensor)]


class _Bag:
    """Settings as a parser gives them: the arguments of a call under any of their names."""

    def __init__(self, arguments: Mapping[str, Any], exercise: Exercise) -> None:
        self._arguments, self._exercise = arguments, exercise

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def get(self, name: str, _: Any = None) -> Any:
        """As of a dictionary."""
        return getattr(self, name)

    def __getattr__(self, name: str) -> Any:
        if simple(name) in BAGS:
            return self
        wanted = inspect.signature(self._exercise.reference).parameters
        if key := meant(name, wanted, self._exercise):
            return self._arguments.get(key, wanted[key].default)
        if simple(name) in FILL:
            return FILL[simple(name)](self._arguments, _tensors(self._arguments))
        raise ReaderError(f"asks its settings for `{name}`, which the exercise does not know")


def _filled(name: str, arguments: Mapping[str, Any], exercise: Exercise, packed: bool) -> Any:
    """A value for a parameter that the exercise does not know."""
    tensors = _tensors(arguments)
    if packed and simple(name) in LABELS:
        return torch.arange(len(tensors[0])).repeat(2)
    if simple(name) in BAGS:
        return _Bag(arguments, exercise)
    if simple(name) not in FILL:
        return True  # a switch
    return FILL[simple(name)](arguments, tensors)
