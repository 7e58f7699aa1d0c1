"""Whether two functions differ by what a loss is free in: a factor, a summand, a sum for a mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lesson_code.checker.answers import RAISED, Answers
from lesson_code.checker.compare import Seen, difference
from lesson_code.checker.exercise import Probe

#: Factors that published losses have, and that change a learning rate only.
USUAL = (0.25, 0.5, 1.0, 2.0, 4.0)

#: So many numbers must agree, since a factor and a summand are free.
ENOUGH = 4


@dataclass(frozen=True)
class Fit:
    """``scale`` times the other value plus ``shift``, all of it times N where ``summed``."""

    scale: float = 1.0
    shift: float = 0.0
    summed: bool = False

    @property
    def plain(self) -> bool:
        """Whether both values are the same."""
        return self == Fit()

    @property
    def usual(self) -> bool:
        """Whether published code has this form; any other factor asks for a look."""
        return self.scale in USUAL and self.shift in range(-8, 9)

    def applied(self, probe: Probe, seen: Seen) -> Seen:
        """What a probe would have seen in this form."""
        factor = self.scale * (_rows(probe) or 1 if self.summed else 1)
        return {
            key: item * factor + (0 if key.startswith("gradient in ") else self.shift)
            if isinstance(item, torch.Tensor) and item.is_floating_point()
            else item
            for key, item in seen.items()
        }

    def __str__(self) -> str:
        parts = ["the sum over the batch, not the mean"] if self.summed else []
        parts += [f"times {self.scale:.4g}"] if self.scale != 1 else []
        parts += [f"{'plus' if self.shift > 0 else 'minus'} {abs(self.shift):.4g}"] * bool(
            self.shift
        )
        return ", ".join(parts)


@dataclass(frozen=True)
class _Pair:
    mine: torch.Tensor
    other: torch.Tensor
    rows: int
    is_gradient: bool


def fitted(yours: Answers, other: Answers, probes: Sequence[Probe], form: str) -> Fit | None:
    """The fit in which two answer all of these probes alike, or None.

    Asks no further after a contradiction; ``form`` says what is free, of ``scale`` and ``shift``.
    """
    pairs: list[_Pair] = []
    found: list[Fit] = []
    for probe in probes:
        mine, seen = yours.to(probe), other.to(probe)
        if RAISED in mine or RAISED in seen or mine.keys() != seen.keys():
            if difference(probe, mine, seen):
                return None
            continue
        for key, item in seen.items():
            pair = _pair(probe, key, mine[key], item) if form else None
            if pair:
                pairs.append(pair)
            elif difference(probe, {key: mine[key]}, {key: item}):
                return None
        found = [fit for summed in (False, True) if (fit := _solved(pairs, form, summed))]
        if pairs and not found:
            return None
    told = sum(bool(pair.other.abs().max() > 1e-6) for pair in pairs)
    return Fit() if not pairs else found[0] if told >= ENOUGH else None


def _pair(probe: Probe, key: str, mine: object, other: object) -> _Pair | None:
    """Two numbers or gradients to compare up to a form; None for what must be the same."""
    is_gradient = key.startswith("gradient in ")
    if key.endswith(" afterwards"):
        return None
    one, two = (
        torch.as_tensor(each) if isinstance(each, (float, torch.Tensor)) else None
        for each in (mine, other)
    )
    if one is None or two is None or one.shape != two.shape or not two.is_floating_point():
        return None
    if not (is_gradient or two.ndim == 0) or not (one.isfinite().all() and two.isfinite().all()):
        return None
    return _Pair(
        one.detach().double().flatten(), two.detach().double().flatten(), _rows(probe), is_gradient
    )


def _rows(probe: Probe) -> int:
    """How many images a probe gives to the function."""
    for item in probe.arguments.values():
        first = item[0] if isinstance(item, (list, tuple)) and item else item
        if isinstance(first, torch.Tensor) and first.ndim:
            return len(first)
    return 0


def _solved(pairs: list[_Pair], form: str, summed: bool) -> Fit | None:
    """The factor and the summand of these pairs, if there are such."""
    scaled = [
        (pair.mine / (pair.rows if summed else 1), pair.other, pair.is_gradient)
        for pair in pairs
        if pair.rows or not summed
    ]
    if not scaled:
        return Fit(summed=summed)
    scale = _scale(scaled, free_shift="shift" in form)
    if not scale > 1e-6:
        return None
    shift = 0.0
    values = [(mine, other) for mine, other, is_gradient in scaled if not is_gradient]
    if "shift" in form and values:
        shift = _round(float((values[0][0] - scale * values[0][1]).mean()))
    for mine, other, is_gradient in scaled:
        away = mine - scale * other - (0.0 if is_gradient else shift)
        if away.abs().max() > 3e-4 * (scale * other.abs().max() + abs(shift)) + 2e-5 * scale:
            return None
    return Fit(_round(scale), shift, summed)


def _scale(scaled: list[tuple[torch.Tensor, torch.Tensor, bool]], free_shift: bool) -> float:
    """The factor, from the largest gradient, or from the values that are farthest apart."""
    gradients = [(mine, other) for mine, other, is_gradient in scaled if is_gradient]
    largest = max(gradients, key=lambda pair: float(pair[1].norm()), default=None)
    if largest and float(largest[1].norm()) > 1e-5:
        return float((largest[0] @ largest[1]) / (largest[1] @ largest[1]))
    values = [(float(m.mean()), float(o.mean())) for m, o, is_gradient in scaled if not is_gradient]
    low, high = (pick(values, key=lambda pair: pair[1], default=(0.0, 0.0)) for pick in (min, max))
    if free_shift:
        return (high[0] - low[0]) / (high[1] - low[1]) if high[1] - low[1] > 1e-4 else 1.0
    mine, other = max(values, key=lambda pair: abs(pair[1]), default=(0.0, 0.0))
    return mine / other if abs(other) > 1e-6 else 1.0


def _round(number: float) -> float:
    """A number as its author wrote it, where it nearly is one of few digits."""
    near = round(number * 8) / 8
    return near if abs(number - near) < 1e-3 else number
