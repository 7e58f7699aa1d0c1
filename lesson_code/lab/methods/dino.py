"""DINO: a student predicts the centered and sharpened output of its own slow copy."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Annotated, Any

import torch
from torch import nn

from lesson_code.centering import CenteringMechanism
from lesson_code.dino import multi_crop_dino_loss
from lesson_code.dino_head import DINOHead
from lesson_code.ema import ema_update
from lesson_code.lab import distributed
from lesson_code.lab.augment import Recipe, view
from lesson_code.lab.methods.base import (
    Count,
    CountOrNone,
    Fraction,
    Method,
    NotNegative,
    Positive,
    Settings,
    one_of,
)
from lesson_code.lab.networks import STARTS
from lesson_code.lab.run import LabError
from lesson_code.schedules import cosine_momentum
from lesson_code.teacher_entropy import marginal_entropy, teacher_divergence, teacher_entropy


@dataclass(frozen=True)
class DINOSettings(Settings):
    """Settings of DINO, those that take it apart included.

    Attributes:
        temperature_s: of the student.
        temperature_t: of the teacher; below the student's it sharpens.
        centering: whether the teacher's outputs are centered.
        momentum: of the teacher at the start, rising to 1; None makes the teacher a
            copy of the student.
        outputs: K, the dimensions of the head's output.
        local_crops: how many small crops the student sees besides the two views.
        local_size: height and width of a small crop in pixels.
        pool: of a vision transformer, ``mean`` or ``class``.
        start: of a vision transformer, ``usual`` or ``even``; see ``SmallViT``.
        head_norm: whether the head's hidden layers have batch normalization, an option
            of the official code.
        head_std: standard deviation of the head's first weights; None takes one over
            the root of the inputs of each layer.
    """

    temperature_s: Positive = 0.1
    temperature_t: Positive = 0.04
    centering: bool = True
    momentum: Fraction | None = 0.97
    outputs: Count = 64
    local_crops: CountOrNone = 0
    local_size: Count = 6
    pool: Annotated[str, one_of("mean", "class")] = "class"
    start: Annotated[str, one_of(*STARTS)] = "usual"
    head_norm: bool = False
    head_std: NotNegative | None = None


def make_head(features: int, settings: DINOSettings) -> DINOHead:
    """The published head, small, with weights whose size fits its width.

    DINO draws weights with a standard deviation of .02. For layers of 2048 inputs that is
    about one over the root of the inputs, and keeps the scale of what passes. For layers
    of 64 and 128 inputs it is five times too small: AdamW, whose steps do not shrink with
    the weights, then overwrites them within a few steps.
    """
    head = DINOHead(features, settings.outputs, 128, 64)
    layers = list(head.mlp)
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.trunc_normal_(layer.weight, std=settings.head_std or layer.in_features**-0.5)
    if settings.head_norm:
        first, gelu, second, _, third = layers
        norms = nn.BatchNorm1d(128), nn.BatchNorm1d(128)
        head.mlp = nn.Sequential(first, norms[0], gelu, second, norms[1], gelu, third)
    return head


class DINO(Method):
    """Student and teacher share one architecture; the teacher is the student's average."""

    lr = 3e-3
    clip = 3.0
    photographs = "dino"
    Settings = DINOSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.head = make_head(self.features, settings)
        self.teacher = copy.deepcopy(self.student).requires_grad_(False)
        self.centering = CenteringMechanism(settings.outputs)

    @property
    def student(self) -> nn.Sequential:
        """Encoder and head that are trained."""
        return nn.Sequential(self.encoder, self.head)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss over all pairs of crops, then move the center on."""
        student = [distributed.gather(self.embed(images)) for images in views]
        teacher = self.taught(views)
        loss = multi_crop_dino_loss(student, teacher, **self.temperatures(), center=self.center)
        if self.training and self.settings.centering:
            self.centering.update_center(torch.cat(teacher))
        return loss

    @torch.no_grad()
    def taught(self, views: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the teacher's raw outputs for the two global views."""
        return [distributed.gather_keys(self.teacher(images)) for images in views[:2]]

    @property
    def center(self) -> torch.Tensor | None:
        """What is subtracted from the teacher's outputs."""
        return self.centering.center.clone() if self.settings.centering else None

    def temperatures(self) -> dict[str, float]:
        """Return both temperatures by the names of the loss's arguments."""
        settings = self.settings
        return {"temperature_s": settings.temperature_s, "temperature_t": settings.temperature_t}

    def networks(self) -> list[nn.Module]:
        """Return the networks of student and teacher, without the center."""
        return [self.encoder, self.head, self.teacher]

    def after_step(self, step: int, steps: int) -> None:
        """Move the teacher toward the student."""
        base = self.settings.momentum
        momentum = 0.0 if base is None else cosine_momentum(step, steps, base)
        ema_update(self.teacher, self.student, momentum)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the student's outputs, ``(N, outputs)``."""
        return self.head(self.encoder(images))

    @property
    def local_crops(self) -> int:
        """How many small crops the student sees besides the two views."""
        return int(self.settings.local_crops)

    @classmethod
    def network_options(cls, settings: Any) -> dict[str, Any]:
        """How a vision transformer pools and starts."""
        return {"pool": settings.pool, "start": settings.start}

    def draw(
        self, images: torch.Tensor, recipe: Recipe, generator: torch.Generator
    ) -> list[torch.Tensor]:
        """Draw two global views and the local crops."""
        settings = self.settings
        if settings.local_crops and settings.local_size > images.shape[2]:
            size = settings.local_size
            raise LabError(f"local_size must be at most {images.shape[2]}, got {size}")
        local = [
            view(images, recipe, generator, settings.local_size)
            for _ in range(settings.local_crops)
        ]
        return super().draw(images, recipe, generator) + local

    def watch(self, views: list[torch.Tensor]) -> dict[str, float]:
        """Measure the teacher: its entropy, its divergence, the entropy of its mean."""
        teacher, student = self.teacher(views[0]), self.embed(views[1])
        sharp = self.settings.temperature_t
        divergence = teacher_divergence(student, teacher, **self.temperatures(), center=self.center)
        return {
            "entropy": teacher_entropy(teacher, sharp, self.center).item(),
            "divergence": divergence.item(),
            "marginal": marginal_entropy(teacher, sharp, self.center).item(),
        }
