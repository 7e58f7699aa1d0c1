"""What can be said of a wrong function that is like no bug: a factor, a sign, a lost gradient."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.checker.answers import RAISED, Answers, expected
from lesson_code.checker.compare import Seen, difference, is_number
from lesson_code.checker.exercise import Exercise, Probe

#: Probes that must agree before a pattern is told; fewer may agree by chance.
ENOUGH = 3


def diagnosis(yours: Answers, right: Answers, probes: Sequence[Probe], layers: str = "") -> str:
    """How two answers differ in the required probes, and what is known of ``layers``."""
    wrong = [
        (probe, key)
        for probe in probes
        for key in right.to(probe)
        if difference(probe, _only(yours, probe, key), _only(right, probe, key))
    ]
    keys = [key for _, key in wrong]
    if keys and all(key.startswith("gradient in ") for key in keys):
        return _of_gradients(yours, wrong)
    if keys and all(key.endswith(" afterwards") for key in keys):
        names = dict.fromkeys(key.removesuffix(" afterwards") for key in keys)
        return f"All values are right, but it changes {' and '.join(names)}, which is the caller's."
    pairs = list(_values(yours, right, probes))
    shape = _reduction(pairs) or _shape(pairs) or _form(pairs)
    if shape:
        return f"{shape} {layers}".strip()
    size = _size(pairs)
    way = (not size and _lengths(pairs)) or _way(yours, right, wrong)
    told = (_settings(wrong, probes), _entries(pairs), size, way, layers)
    return " ".join(filter(None, told)) or _words(yours, right, wrong)


def _only(seen: Answers, probe: Probe, key: str) -> Seen:
    return {name: item for name, item in seen.to(probe).items() if name == key}


def _of_gradients(yours: Answers, wrong: list[tuple[Probe, str]]) -> str:
    names = " and ".join(dict.fromkeys(key.removeprefix("gradient in ") for _, key in wrong))
    lost = all(
        isinstance(found := yours.to(probe).get(key), torch.Tensor) and not found.any()
        for probe, key in wrong
    )
    if lost:
        return (
            f"All values are right, but no gradient reaches {names}: is something detached, under "
            "`no_grad`, or turned into a Python number or a NumPy array on the way?"
        )
    return f"All values are right, but the gradient in {names} is not."


def _values(
    yours: Answers, right: Answers, probes: Sequence[Probe]
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """What both answered where numbers are expected: yours, and the right one.

    Gradients and what became of the arguments are not values of the function.
    """
    for probe in probes:
        for key, item in right.to(probe).items():
            if key.startswith("gradient in ") or key.endswith(" afterwards"):
                continue
            mine = yours.to(probe).get(key)
            if is_number(item) and is_number(mine):
                yield (
                    torch.as_tensor(mine).detach().double(),
                    torch.as_tensor(item).detach().double(),
                )


def _reduction(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """Whether the mean or the sum of what is returned would be right."""
    wider = [(mine, item) for mine, item in pairs if mine.ndim > item.ndim and item.numel() == 1]
    if len(wider) < min(ENOUGH, len(pairs)) or not wider:
        return ""
    for name, reduced in (("mean", torch.Tensor.mean), ("sum", torch.Tensor.sum)):
        if all(_close(reduced(mine), item.reshape(())) for mine, item in wider):
            return f"It returns several numbers where one is expected; their {name} is right."
    return ""


def _shape(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """Whether no value has the shape that is expected."""
    if not pairs or any(mine.shape == item.shape for mine, item in pairs):
        return ""
    mine, item = pairs[0]
    wanted = "a single number" if item.ndim == 0 else f"shape {tuple(item.shape)}"
    return f"It returns a tensor of shape {tuple(mine.shape)}, and {wanted} is expected."


def _form(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """Whether every value is the same multiple of the right one, or lies the same beside it."""
    comparable = [(m, i) for m, i in pairs if m.shape == i.shape and i.isfinite().all()]
    if len(comparable) < ENOUGH:
        return ""
    mine, item = (
        torch.cat([each.flatten() for each in side]) for side in zip(*comparable, strict=True)
    )
    place = item.abs().argmax()
    factor, offset = (mine / item)[place].item(), (mine - item)[place].item()
    telling = sum(bool(i.abs().max() > 1e-6) for _, i in comparable) >= ENOUGH
    if telling and abs(factor) > 1e-6 and abs(factor - 1) > 1e-3 and _close(mine, factor * item):
        if abs(factor + 1) < 1e-3:
            return "On every probe it is minus the expected value: the sign is wrong."
        return f"On every probe it is {factor:.4g} times the expected value."
    if abs(offset) > 1e-4 and _close(mine, item + offset):
        word = "more" if offset > 0 else "less"
        return f"On every probe it is {abs(offset):.4g} {word} than expected."
    return ""


def _way(yours: Answers, right: Answers, wrong: list[tuple[Probe, str]]) -> str:
    """Whether gradients point the right way, though they are not right."""
    every = [(yours.to(p).get(key), right.to(p)[key]) for p, key in wrong if "gradient in" in key]
    cosines = [
        float(F.cosine_similarity(mine.double().flatten(), item.double().flatten(), dim=0))
        for mine, item in every
        if isinstance(mine, torch.Tensor) and mine.shape == item.shape
    ]
    if not cosines or min(cosines) < 0.7 and max(cosines) > -0.7:
        return ""
    way = "about the right way" if cosines[0] > 0 else "the opposite way"
    return f"Its gradients point {way} (cosines {min(cosines):.2f} to {max(cosines):.2f})."


def _words(yours: Answers, right: Answers, wrong: list[tuple[Probe, str]]) -> str:
    """What is wrong, where it is no number: the names of what was seen, and words beside words."""
    parts = []
    for probe, key in wrong[:3]:
        mine, item = yours.to(probe).get(key), right.to(probe)[key]
        plain = isinstance(mine, (str, bool, int)) and isinstance(item, (str, bool, int))
        parts.append(f"“{key}”" + (f" is {mine}, not {item}" if plain else ""))
    more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return f"What differs: {'; '.join(dict.fromkeys(parts))}{more}." if parts else ""


def _settings(wrong: list[tuple[Probe, str]], probes: Sequence[Probe]) -> str:
    """The setting, such as a temperature, that tells right probes from wrong ones."""
    failed = {probe.name for probe, _ in wrong}
    told = [probe for probe in probes if probe.arguments]
    good = [probe for probe in told if probe.name not in failed]
    bad = [probe for probe in told if probe.name in failed]
    if not good or not bad:
        return ""
    for key in bad[0].arguments:
        values = [{_setting(probe.arguments.get(key)) for probe in some} for some in (good, bad)]
        if not values[0] & values[1] and None not in values[0] | values[1]:
            words = [" or ".join(sorted(map(str, some))[:3]) for some in values]
            return f"It is right where {key} is {words[0]}, and wrong where it is {words[1]}."
    rows = [{_rows(probe) for probe in some} for some in (good, bad)]
    if max(rows[0]) < min(rows[1]):
        return f"It is right for up to {max(rows[0])} rows, and wrong for {min(rows[1])} and more."
    return ""


def _setting(item: object) -> str | None:
    """A setting in words; None for what is no setting."""
    if isinstance(item, (bool, int, float)):
        return f"{item:g}" if not isinstance(item, bool) else str(item)
    return "left out" if item is None else "given" if isinstance(item, torch.Tensor) else None


def _rows(probe: Probe) -> int:
    sizes = [len(item) for item in probe.arguments.values() if isinstance(item, torch.Tensor)]
    return max(sizes, default=0)


def _entries(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """Which rows of a result are wrong, where it has rows and some are right."""
    for mine, item in pairs:
        if item.ndim and mine.shape == item.shape and len(item) > 1 and not _close(mine, item):
            bad = [row for row in range(len(item)) if not _close(mine[row], item[row])]
            if len(bad) < len(item):
                return f"Of {len(item)} rows, these are wrong: {', '.join(map(str, bad[:8]))}."
    return ""


def _size(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """Whether values are too large or too small, by how much, and how often."""
    numbers = [
        (mine.item(), item.item())
        for mine, item in pairs
        if mine.numel() == item.numel() == 1 and mine.isfinite().all() and item.isfinite().all()
    ]
    apart = [mine - item for mine, item in numbers if abs(mine - item) > 1e-4 * (1 + abs(item))]
    if len(apart) < 2:
        return ""
    low, high = min(map(abs, apart)), max(map(abs, apart))
    word = "large" if min(apart) > 0 else "small" if max(apart) < 0 else ""
    by = f"by {low:.3g} to {high:.3g}, on {len(apart)} of {len(numbers)} probes"
    told = f"Its value is too {word}, {by}." if word else f"Its value is off {by}, both ways."
    if all(mine * item < 0 for mine, item in numbers if abs(item) > 1e-4):
        told += " Its sign is the opposite one."
    return told


def _lengths(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """What is right of results that are rows of numbers: directions, or order and sign."""
    apart = [(m, i) for m, i in pairs if m.shape == i.shape and i.ndim and not _close(m, i)]
    rows = [(m, i) for m, i in apart if m.shape[-1] > 2 and m.isfinite().all()]
    if not rows or len(rows) < len(apart):
        return ""
    cosines = torch.cat([F.cosine_similarity(m, i, dim=-1).flatten() for m, i in rows])
    if cosines.min() > 1 - 1e-6:
        times = torch.cat([(m.norm(dim=-1) / i.norm(dim=-1)).flatten() for m, i in rows])
        low, high = times.min().item(), times.max().item()
        by = f"{low:.4g}" if high - low < 1e-3 * high else f"{low:.3g} to {high:.3g}"
        return f"Its rows point the right way; their lengths are {by} times the expected ones."
    sorted_ = [m.flatten()[i.flatten().argsort()] for m, i in rows]
    if all((each.diff() > -1e-6).all() and each.amax() > each.amin() for each in sorted_):
        return "Its numbers have the right order, as if something were done to each at the end."
    if cosines.min() > 0.8:
        return f"Its rows point about the right way (cosines from {cosines.min():.2f} on)."
    return ""


def _close(one: torch.Tensor, other: torch.Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-3, atol=1e-6)


class Watched:
    """A class whose innermost layers are heard while it answers a probe."""

    notes = ()

    def __init__(self, make: Any, probe: Probe) -> None:
        self.make, self.probe, self.model = make, probe, nn.Module()
        self.gave: dict[str, torch.Tensor] = {}
        self.every: list[torch.Tensor] = []  # what layers took, too
        Answers(self).to(probe)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Make the object, and listen."""
        made = self.make(*given, **named)
        self.model = made if isinstance(made, nn.Module) else self.model
        for name, layer in self.model.named_modules():
            inner = {key for key, _ in layer.named_children()} - {"parametrizations"}
            if name and not inner and "parametrizations" not in name:
                kind = type(layer).__name__.removeprefix("Parametrized")
                layer.register_forward_hook(partial(self._hear, f"`{name}` ({kind})"))
        return made

    def _hear(self, name: str, _: Any, took: Any, gave: Any) -> None:
        self.every += [it.detach().clone() for it in (*took, gave) if isinstance(it, torch.Tensor)]
        if isinstance(gave, torch.Tensor):
            self.gave.pop(name, None)  # the last call counts, and its place among the others
            self.gave[name] = self.every[-1]

    @property
    def shapes(self) -> Counter[str]:
        """Of its parameters; how a matrix lies does not count."""
        every = (it.shape for it in self.model.parameters() if not nn.parameter.is_lazy(it))
        return Counter(" x ".join(str(n) for n in sorted(shape) if n > 1) for shape in every)


def watched(make: Any, answers: Answers, exercise: Exercise) -> Watched | None:
    """A wrong class, watched in the first probe that shows another value."""
    for probe in answers.required(exercise) if isinstance(exercise.reference, type) else ():
        mine, right = answers.to(probe), expected(exercise).to(probe)
        values = {key: item for key, item in right.items() if not key.startswith("gradient in ")}
        if RAISED not in mine and difference(probe, {k: mine.get(k) for k in values}, values):
            return Watched(make, probe)
    return None


def of_layers(mine: Watched | None, exercise: Exercise) -> str:
    """What parameters and layers say of where a network differs, or nothing."""
    if not mine or not mine.gave:
        return ""
    right = Watched(exercise.reference, mine.probe)
    beside = {"more": mine.shapes - right.shapes, "fewer": right.shapes - mine.shapes}
    told = [f"{word}: {', '.join(some.elements())}" for word, some in beside.items() if some]
    shapes = (
        f"Its parameters are others than the published ones ({'; '.join(told)}). " if told else ""
    )
    agree = ""
    for name, gave in mine.gave.items():
        alike = [each.double() for each in right.every if each.shape == gave.shape]
        if not any(torch.allclose(each, gave.double(), 1e-4, 1e-5) for each in alike):
            told_ = f"up to {agree}, and no longer at {name}"
            return shapes + (agree and f"Its layers give what the published ones give {told_}.")
        agree = name
    return f"{shapes}All its layers give what the published ones give; look behind {agree}."
