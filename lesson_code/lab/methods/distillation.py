"""Knowledge distillation: a small student learns from what a trained teacher says."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.distillation import knowledge_distillation_loss
from lesson_code.lab.data import Data
from lesson_code.lab.methods.base import Method, Settings
from lesson_code.lab.methods.supervised import Supervised
from lesson_code.lab.run import Run


@dataclass(frozen=True)
class DistillationSettings(Settings):
    """Settings of knowledge distillation.

    Attributes:
        temperature: of teacher and student in the soft term.
        alpha: the weight of the soft term; the rest is the hard term's.
        teacher_width: channels of the first layer of the teacher's CNN.
        teacher_steps: how long the teacher is trained, on all labels.
    """

    temperature: float = 4.0
    alpha: float = 0.9
    teacher_width: int = 24
    teacher_steps: int = 300


# --8<-- [start:Distillation]
class Distillation(Method):
    """Hinton's loss: the teacher's softened output and the label, weighted."""

    views = 1
    lr = 3e-3
    photographs = "supervised"
    Settings = DistillationSettings
    teacher: nn.Module

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.classifier = nn.Linear(self.features, classes)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of a batch that both networks see alike."""
        (images,) = views
        with torch.no_grad():
            said = self.teacher.eval().logits(images)  # type: ignore[operator]
        settings = self.settings
        return knowledge_distillation_loss(
            self.logits(images), said, settings.temperature, settings.alpha, labels
        )

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Return the score of each class, ``(N, classes)``."""
        return self.classifier(self.encoder(images))


# --8<-- [end:Distillation]

    @classmethod
    def build(cls, run: Run, data: Data) -> Method:
        """Train the teacher, then make the student."""
        from lesson_code.lab.trainer import train_alone  # the trainer builds methods

        settings: Any = cls.settings_of(run)
        teacher_run = dataclasses.replace(
            teacher_of(run), width=settings.teacher_width, steps=settings.teacher_steps
        )
        teacher = train_alone(teacher_run, data)
        torch.manual_seed(run.seed)
        student = super().build(run, data)
        assert isinstance(teacher, Supervised)
        student.teacher = teacher.requires_grad_(False)
        return student


def teacher_of(run: Run) -> Run:
    """The run of the teacher: all images of all classes, augmented, with labels."""
    return Run("supervised", run.data, seed=run.seed, network=run.network)
