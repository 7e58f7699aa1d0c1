"""What a training run is, and what is written down about it."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lesson_code.guards import check_counts


class LabError(Exception):
    """Something that ends a run; the message says what happened and what to do."""


def nearest(name: str, known: Iterable[str], what: str) -> LabError:
    """The error for an unknown name, with the known ones that look most like it."""
    names = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.4)
    if name.lower() in names:
        close = [name.lower()]
    said = " or ".join(names[one] for one in close)
    hint = f"did you mean {said}?" if close else f"known: {', '.join(names.values())}"
    return LabError(f"no {what} {name!r}; {hint}")


VIEWS = ("artist",)


@dataclass(frozen=True)
class Run:
    """Everything that decides what a training run computes.

    Two runs that are equal give the same weights, bit for bit, on the same machine with
    the same number of threads.

    Attributes:
        method: such as ``simclr``; ``python -m lesson_code.lab list`` names them all.
        data: such as ``digits``.
        steps: how many optimizer steps.
        seed: decides the initial weights, the order of the images and their views.
        batch: how many images a step sees, over all processes together.
        lr: the highest learning rate; None takes the one chosen for the method.
        network: ``cnn``, ``vit`` or ``resnet18``, or any that ``build_encoder`` knows;
            None takes the method's usual one.
        width: channels of the first layer of the CNN; the others follow.
        augmentation: ``full``, ``geometric`` (no change of color or contrast), ``mild``,
            ``color`` (nothing else) or ``none``; None takes the method's usual one.
        images: train on the first so many training images only; None takes all.
        omit: classes whose images are left out of training.
        options: settings of the method, such as ``{"temperature": 0.2}``.
        size: height and width of photographs; None takes the data set's usual one.
        views: ``artist`` for every second view from another artist's drawing of the same
            thing; None takes all views from one image.
    """

    method: str
    data: str = "digits"
    steps: int = 200
    seed: int = 0
    batch: int = 256
    lr: float | None = None
    network: str | None = None
    width: int = 16
    augmentation: str | None = None
    images: int | None = None
    omit: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    size: int | None = None
    views: str | None = None

    def __post_init__(self) -> None:
        check_counts(steps=self.steps, batch=self.batch, width=self.width)
        for name in ("images", "size"):
            if (value := getattr(self, name)) is not None:
                check_counts(**{name: value})
        if not -(2**63) <= self.seed < 2**63:
            raise ValueError(f"seed must have at most 63 bits, got {self.seed}")
        if self.lr is not None and not 0 < self.lr < float("inf"):
            raise ValueError(f"lr must be a finite number above 0, got {self.lr}")
        object.__setattr__(self, "omit", tuple(self.omit))
        object.__setattr__(self, "options", dict(self.options))

    def with_seed(self, seed: int) -> Run:
        """The same run from another seed."""
        return dataclasses.replace(self, seed=seed)

    def as_dict(self) -> dict[str, Any]:
        """As plain values that JSON can hold."""
        return {**dataclasses.asdict(self), "omit": list(self.omit)}


def other_run(theirs: dict[str, Any], mine: dict[str, Any], step: int) -> str:
    """In what a run differs from a checkpoint's; in nothing if it may go on from there.

    A run that is finished may be made longer.

    Args:
        theirs: the run of the checkpoint.
        mine: the run.
        step: of the checkpoint.
    """
    different = [key for key in mine if mine[key] != theirs.get(key)]
    longer = different == ["steps"] and theirs["steps"] < mine["steps"]
    if not different or (longer and step == theirs["steps"]):
        return ""
    what = (f"{key} {theirs.get(key)!r}, not {mine[key]!r}" for key in different)
    hint = "; once it is finished it can be lengthened" if longer else ""
    return f"{', '.join(what)}{hint}"


@dataclass(frozen=True)
class Record:
    """What came out of a run.

    Attributes:
        run: what was run.
        measures: numbers at the end, on the test images: ``knn``, ``linear`` and
            ``few`` are accuracies, ``std`` and ``rank`` tell collapse from health,
            ``loss`` is the mean of the last ten steps.
        history: one dictionary for each measured step: ``step``, ``loss`` and measures.
        seconds: of training, without evaluation.
        device: what it ran on.
        versions: of Python and the libraries.
        data: how many images of which classes it had, and their digest: ``Data.facts``.
        lengthened: after which steps it was finished, and then made longer.
    """

    run: Run
    measures: dict[str, float]
    history: list[dict[str, float]]
    seconds: float
    device: str
    versions: dict[str, str]
    data: dict[str, Any] = field(default_factory=dict)
    lengthened: list[int] = field(default_factory=list)

    def curve(self, measure: str) -> tuple[list[float], list[float]]:
        """Steps and values of one measure of the history, where it was taken."""
        points = [(row["step"], row[measure]) for row in self.history if measure in row]
        return [step for step, _ in points], [value for _, value in points]
