"""What every method of the lab has in common."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import nn

from lesson_code.guards import check_counts, check_fraction, check_positive
from lesson_code.lab.augment import Recipe, view
from lesson_code.lab.data import Data
from lesson_code.lab.networks import STARTS, build_encoder
from lesson_code.lab.run import Run, nearest


@dataclass(frozen=True)
class Settings:
    """What a method can be told; every method derives its own."""


FRACTIONS = ("momentum", "mask_ratio", "alpha")
COUNTS = (
    "queue",
    "prototypes",
    "outputs",
    "local_size",
    "teacher_width",
    "teacher_steps",
)
POSITIVE = ("temperature", "temperature_s", "temperature_t", "epsilon", "lambd")
WORDS = {"pool": ("mean", "class"), "start": STARTS}


def check_settings(settings: Settings) -> None:
    """Require that every setting has a value that it can have.

    Raises:
        ValueError: if one has not; the message names it.
    """
    for field in dataclasses.fields(settings):
        name, value = field.name, getattr(settings, field.name)
        usual = type(field.default)
        if value is None and "None" in str(field.type):
            continue
        if usual is str:
            if name in WORDS and value not in WORDS[name]:
                raise nearest(str(value), WORDS[name], name)
        elif usual is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{name} must be True or False, got {value!r}")
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{name} must be a number, got {value!r}")
        elif name in FRACTIONS:
            check_fraction(**{name: value})
        elif name in COUNTS:
            check_counts(**{name: getattr(settings, name)})
        elif name in POSITIVE:
            check_positive(**{name: value})
        elif not 0 <= value < float("inf"):
            raise ValueError(f"{name} must be 0 or more, got {value}")


# --8<-- [start:Method]
class Method(nn.Module):
    """An encoder, what is needed to train it, and the loss.

    A method says how many views it takes, gives the loss of a batch of them in
    ``forward``, and does in ``after_step`` what must follow each optimizer step.

    Attributes:
        encoder: the network that is judged; its ``features`` are the length of a
            representation.
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
        self.features: int = encoder.features  # type: ignore[assignment]

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of a batch of views, each of shape ``(N, C, H, W)``."""
        raise NotImplementedError

    def networks(self) -> list[nn.Module]:
        """Return what ``torch.compile`` may compile: networks, and nothing that has a memory."""
        return [*self.children()]

    def prepare(self, run: Run, data: Data, device: str) -> None:
        """Do what must come before the first step of a run, but not when it goes on."""

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

    @classmethod
    def build(cls, run: Run, data: Data) -> Method:
        """Make the method of a run for the images of a data set, with fresh weights.

        Raises:
            LabError: if the method has no setting of a name in the run's options.
        """
        settings = cls.settings_of(run)
        return cls(cls.make_encoder(run, data, settings), settings, len(data.classes))

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
        images = data.train.images
        options = {
            key: getattr(settings, key)
            for key in ("norm", "pool", "start")
            if hasattr(settings, key)
        }
        network = run.network or (cls.network if images.shape[2] < 32 else "resnet18")
        return build_encoder(
            network, images.shape[1], images.shape[2], run.width, **options
        )

    def groups(self, lr: float) -> list[dict[str, Any]]:
        """The parameters for the optimizer, each group with its learning rate."""
        return [{"params": [p for p in self.parameters() if p.requires_grad], "lr": lr}]


# --8<-- [end:Method]
