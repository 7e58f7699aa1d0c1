"""What every method of the lab has in common."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from inspect import getattr_static
from typing import Annotated, Any, ClassVar

import torch
from torch import nn

from lesson_code.guards import check_counts, check_fraction, check_positive
from lesson_code.lab.augment import Recipe, view
from lesson_code.lab.data import Data, usual_size
from lesson_code.lab.backbones import length_of, measured
from lesson_code.lab.networks import build_encoder
from lesson_code.lab.run import Run, nearest


@dataclass(frozen=True)
class Settings:
    """What a method can be told; every method derives its own."""


def check_not_negative(**values: float) -> None:
    """Require finite numbers of 0 or more."""
    for name, value in values.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} must be 0 or more, got {value}")


def one_of(*words: str) -> Callable[..., None]:
    """A check that requires one of a few words."""

    def check(**values: str) -> None:
        for name, value in values.items():
            if value not in words:
                raise nearest(str(value), words, name)

    return check


# What a setting can be stands where the setting is declared.
Fraction = Annotated[float, check_fraction]
Positive = Annotated[float, check_positive]
NotNegative = Annotated[float, check_not_negative]
Count = Annotated[int, check_counts]
CountOrNone = Annotated[int, check_not_negative]


def check_settings(settings: Settings) -> None:
    """Require that every setting has a value that it can have.

    Raises:
        ValueError: if one has not; the message names it.
    """
    hints = typing.get_type_hints(type(settings), include_extras=True)
    for name, hint in hints.items():
        value = getattr(settings, name)
        union = typing.get_origin(hint) in (typing.Union, types.UnionType)
        kinds = typing.get_args(hint) if union else (hint,)
        if value is None and type(None) in kinds:
            continue
        kind = next(kind for kind in kinds if kind is not type(None))
        _check_type(name, value, getattr(kind, "__origin__", kind))
        for check in getattr(kind, "__metadata__", ()):
            check(**{name: value})


def _check_type(name: str, value: object, kind: type) -> None:
    if kind is bool and not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in (int, float) and not number:
        raise ValueError(f"{name} must be a number, got {value!r}")
    if kind is str and not isinstance(value, str):
        raise ValueError(f"{name} must be a word, got {value!r}")


class Method(nn.Module):
    """An encoder, what is needed to train it, and the loss.

    A method says how many views it takes, gives the loss of a batch of them in
    ``forward``, and does in ``after_step`` what must follow each optimizer step.

    Attributes:
        encoder: the network that is judged.
        features: the length of a representation.
        views: how many views of each image a step takes.
        lr: the highest learning rate, chosen on the validation images.
        weight_decay: of AdamW.
        betas: of AdamW.
        clip: largest norm of each parameter's gradient, if there is one.
        network: the usual encoder.
        augmentation: the usual strength of augmentation.
        photographs: the usual views of real photographs.
        labeled: whether training needs labels.
    """

    views: ClassVar[int] = 2
    lr: ClassVar[float] = 8e-3
    weight_decay: ClassVar[float] = 1e-4
    betas: ClassVar[tuple[float, float]] = (0.9, 0.999)
    clip: ClassVar[float | None] = None
    network: ClassVar[str] = "cnn"
    augmentation: ClassVar[str] = "full"
    photographs: ClassVar[str] = "simclr"
    labeled: ClassVar[bool] = False
    Settings: ClassVar[type[Settings]] = Settings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings = settings
        length = length_of(encoder)
        if length is None:
            raise ValueError("encoder must say how long its features are: features = 512")
        self.features: int = length

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of a batch of views, each of shape ``(N, C, H, W)``."""
        raise NotImplementedError

    def networks(self) -> list[nn.Module]:
        """Return what ``torch.compile`` may compile: networks, and nothing that has a memory."""
        return [*self.children()]

    def prepare(self, run: Run, data: Data, device: str, train_alone: TrainAlone) -> None:
        """Do what must come before the first step of a run, but not when it goes on.

        Args:
            run: of this method.
            data: of the run.
            device: where it trains.
            train_alone: trains and returns another method, as a teacher is made.
        """

    def before_step(self) -> None:
        """Do what must come before the forward pass."""

    def after_step(self, step: int, steps: int) -> None:
        """Do what must follow the optimizer's step number ``step``, counted from 1."""

    def draw(
        self, images: torch.Tensor, recipe: Recipe, generator: torch.Generator
    ) -> list[torch.Tensor]:
        """Draw the views of a batch of small images."""
        return [view(images, recipe, generator) for _ in range(self.views)]

    def represent(self, images: torch.Tensor) -> torch.Tensor:
        """Return what a reader of the trained encoder gets, ``(N, features)``."""
        return self.encoder(images)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return what the loss sees of each image, on which collapse is measured."""
        return self.represent(images)

    def watch(self, views: list[torch.Tensor]) -> dict[str, float]:
        """Measure what is particular to the method on a batch of views."""
        return {}

    @property
    def local_crops(self) -> int:
        """How many small crops are drawn besides the views."""
        return 0

    @classmethod
    def build(cls, run: Run, data: Data) -> Method:
        """Make the method of a run for the images of a data set, with fresh weights.

        Raises:
            LabError: if the method has no setting of a name in the run's options.
        """
        settings = cls.settings_of(run)
        encoder = cls.make_encoder(run, data, settings)
        encoder = measured(encoder, run.network or "", data.channels, data.size)
        return cls(encoder, settings, len(data.classes))

    @classmethod
    def settings_of(cls, run: Run) -> Any:
        """The method's settings, with the run's options in place of the usual values."""
        known = [field.name for field in dataclasses.fields(cls.Settings)]
        for name in run.options:
            if name not in known:
                raise nearest(name, known, f"setting of {run.method}")
        settings = cls.Settings(**run.options)
        check_settings(settings)
        return settings

    @classmethod
    def make_encoder(cls, run: Run, data: Data, settings: Any) -> nn.Module:
        """The encoder that the run asks for."""
        return build_encoder(**cls.network_of(run, data, settings))

    @classmethod
    def network_of(cls, run: Run, data: Data, settings: Any) -> dict[str, Any]:
        """The arguments of ``build_encoder`` from which the encoder is made."""
        small = data.size < 32 or data.train.images.is_floating_point()
        usual = cls.network if small else "resnet18"
        return {
            "name": run.network or usual,
            "channels": data.channels,
            "size": data.size,
            "width": run.width,
            **cls.network_options(settings),
        }

    @classmethod
    def described(cls, run: Run, data: Data) -> dict[str, Any] | None:
        """From what the encoder can be made again; None if the method makes its own."""
        own, usual = (getattr_static(kind, "make_encoder") for kind in (cls, Method))
        if own is not usual:
            return None
        return cls.network_of(run, data, cls.settings_of(run))

    @classmethod
    def plain(cls, run: Run, data: Data) -> Run:
        """The same run, in which nothing is said that is usual anyway."""
        unnamed = dataclasses.replace(run, network=None)
        usual = {
            "lr": cls.lr,
            "network": cls.network_of(unnamed, data, cls.Settings())["name"],
            "augmentation": cls.augmentation,
            "size": usual_size(run.data) or data.size,
        }
        settings = dataclasses.asdict(cls.Settings())
        changes: dict[str, Any] = {
            name: None for name, value in usual.items() if getattr(run, name) == value
        }
        changes["options"] = {
            name: value
            for name, value in run.options.items()
            if name not in settings or value != settings[name]
        }
        return dataclasses.replace(run, **changes)

    @classmethod
    def network_options(cls, settings: Any) -> dict[str, Any]:
        """What the settings say about the encoder, by the names of its arguments."""
        return {}

    def groups(self, lr: float) -> list[dict[str, Any]]:
        """The parameters for the optimizer, each group with its learning rate."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "lr": lr}]


TrainAlone = Callable[[Run, Data, str], Method]
