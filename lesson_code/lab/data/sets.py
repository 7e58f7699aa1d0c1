"""What every data set of the lab is: named splits of images and labels."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self

import torch
from torch.utils.data import Dataset

from lesson_code.lab.run import LabError

UNLABELED = -1


class DataError(LabError):
    """Data cannot be had or is damaged; the message says what to do about it."""


class UnknownData(DataError, ValueError):
    """No data set has this name."""


class DataWarning(UserWarning):
    """What was done to pictures, or left out, that their owner should hear of."""


@dataclass(frozen=True)
class Split(Dataset[tuple[torch.Tensor, int]]):
    """Images and their labels, a data set of torch: ``split[0]`` is an image and its label.

    Attributes:
        images: shape ``(N, C, H, W)``; float32 where the lab made them, uint8 where they
            are photographs (and then perhaps a memory-mapped file).
        labels: class indices, ``(N,)`` int64; ``UNLABELED`` (-1) where there is none.
    """

    images: torch.Tensor
    labels: torch.Tensor

    def __post_init__(self) -> None:
        shape = tuple(self.images.shape)
        if self.images.ndim != 4:
            raise ValueError(f"images must have shape (N, C, H, W), got {shape}")
        if self.labels.shape != shape[:1] or self.labels.dtype != torch.long:
            raise ValueError(
                f"labels must be {shape[0]} int64 indices, "
                f"got {tuple(self.labels.shape)} {self.labels.dtype}"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.images[index], int(self.labels[index])

    def take(self, rows: torch.Tensor | slice) -> Self:
        """The part of these rows, by indices ``(n,)``, a mask ``(N,)`` or a slice."""
        return replace(self, **{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    @property
    def channels(self) -> int:
        """1 for gray, 3 for color."""
        return self.images.shape[1]

    @property
    def size(self) -> int:
        """Height and width in pixels; all images of the lab are square."""
        return self.images.shape[-1]

    @property
    def labeled(self) -> Split:
        """The part that has labels: what a probe or a supervised run may train on.

        It is the split itself where all images have labels. The unlabeled images stand
        last, so that this part of a memory-mapped file is not copied.
        """
        known = self.labels != UNLABELED
        count = int(known.sum())
        if count == len(self):
            return self
        if bool(known[:count].all()):
            return self.take(slice(count))
        return self.take(known)

    @property
    def digest(self) -> str:
        """A checksum of images and labels, shapes and types: equal for equal splits."""
        crc = vars(self).get("crc")  # a mapped file knows its own
        if crc is None:
            crc = 0
            for start in range(0, len(self), 256):
                some = self.images[start : start + 256]
                crc = zlib.crc32(some.contiguous().numpy().tobytes(), crc)
        facts = f"{tuple(self.images.shape)} {self.images.dtype} {crc}"
        return hashlib.sha256(
            facts.encode() + self.labels.contiguous().numpy().tobytes()
        ).hexdigest()

    def counts(self, classes: tuple[str, ...]) -> dict[str, int]:
        """How many images each class has, and how many have no label."""
        counted = (self.labels + 1).bincount(minlength=len(classes) + 1).tolist()
        named = dict(zip(classes, counted[1:], strict=False))
        return named | ({"no label": counted[0]} if counted[0] else {})


@dataclass(frozen=True)
class Pictures(Split):
    """Images of things, each drawn by several artists.

    Attributes:
        concepts: which thing an image shows, ``(N,)`` int64.
        artists: who drew it, ``(N,)`` int64.
    """

    concepts: torch.Tensor
    artists: torch.Tensor

    def partners(self, rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """For each row another artist's drawing of the same thing, one of them at random.

        Args:
            rows: indices, ``(n,)``.
            generator: where the random numbers come from.

        Returns:
            Indices ``(n,)``; a row that has no partner is its own.
        """
        same = self.concepts[rows, None] == self.concepts
        same &= self.artists[rows, None] != self.artists
        alone = ~same.any(dim=1)
        same[alone, rows[alone]] = True
        drawn = 1 - torch.rand(same.shape, generator=generator)  # above 0
        return (same * drawn).argmax(dim=1)


@dataclass(frozen=True)
class Data:
    """A data set in three parts: learn on the first, choose on the second, report the third.

    Attributes:
        name: what ``load`` was asked for.
        classes: the name of each class, in the order of the labels.
        train: for pretraining, labels unread. Only STL-10 has unlabeled images here;
            ``train.labeled`` is what probes and supervised runs use, for every set.
        validation: for choosing hyper-parameters; all labeled.
        test: looked at once everything has been chosen; all labeled.
        recipes: which recipes for views fit the images, of those of ``augment``; without
            it ``gray`` or ``tinted``, by their channels.
        notes: whose the images are and on what terms, where that must be said.
        skipped: pictures that were left out because they could not be read.
    """

    recipes: ClassVar[str] = ""
    notes: ClassVar[tuple[str, ...]] = ()

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    skipped: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def channels(self) -> int:
        """1 for gray, 3 for color."""
        return self.train.channels

    @property
    def size(self) -> int:
        """Height and width in pixels."""
        return self.train.size

    def splits(self) -> dict[str, Split]:
        """All splits by their names."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def names(self, split: Split) -> list[str]:
        """A name for each image of a split: here its number."""
        return [f"{row:06d}" for row in range(len(split))]

    def facts(self, training: Split | None = None) -> dict[str, Any]:
        """What a checkpoint and a record know of the data: enough to tell it from other data.

        Args:
            training: the images that are trained on, if not all of ``train``.

        Returns:
            ``classes``; ``counts``, by split and class; ``digest``, of all images and
            labels; ``channels``, ``size`` and ``type`` of an image; ``skipped``.
        """
        digests = "".join(split.digest for split in self.splits().values())
        used = {**self.splits(), "train": training or self.train}
        return {
            "classes": list(self.classes),
            "counts": {name: one.counts(self.classes) for name, one in used.items()},
            "digest": hashlib.sha256(digests.encode()).hexdigest(),
            "channels": self.channels,
            "size": self.size,
            "type": str(self.train.images.dtype).removeprefix("torch."),
            "skipped": list(self.skipped),
        }


def other_data(theirs: dict[str, Any], mine: dict[str, Any]) -> str:
    """What tells two data sets apart; nothing if they are the same."""
    if theirs["classes"] != mine["classes"]:
        return f"its classes were {theirs['classes']}, here they are {mine['classes']}"
    for split, counts in mine["counts"].items():
        if (had := theirs["counts"][split]) != counts:
            return f"its {split} had {had}, here it has {counts}"
    same = theirs["digest"] == mine["digest"]
    return "" if same else "as many images of the same classes, but not the same ones"


def standardize(images: torch.Tensor) -> torch.Tensor:
    """Give every image mean 0 and standard deviation 1, so that brightness tells nothing.

    The sums run in float64, so that processors that add in another order still agree.

    Args:
        images: floating point, ``(N, C, H, W)``; mean and deviation are over C, H and W.

    Returns:
        The images in their own type; an image of one single value becomes zero.
    """
    wide = images.double()
    centered = wide - wide.mean(dim=(1, 2, 3), keepdim=True)
    deviation = centered.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return (centered / deviation.clamp(min=1e-6)).to(images.dtype)


def every_tenth(labels: torch.Tensor, tenth: int = 10) -> torch.Tensor:
    """Mark every tenth image of each class, in file order: a validation split without chance.

    Args:
        labels: class indices, ``(N,)``.
        tenth: another distance than ten.

    Returns:
        True for validation, ``(N,)``. A class with fewer images than that gives none.
    """
    marked = torch.zeros(len(labels), dtype=torch.bool)
    for label in sorted(set(labels.tolist())):
        rows = (labels == label).nonzero().squeeze(1)
        marked[rows[tenth - 1 :: tenth]] = True
    return marked
