"""Knowledge distillation: a small student learns from what a trained teacher says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.distillation import knowledge_distillation_loss
from lesson_code.lab.data import Data
from lesson_code.lab.methods.base import Count, Fraction, Method, Positive, Settings, TrainAlone
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

    temperature: Positive = 4.0
    alpha: Fraction = 0.9
    teacher_width: Count = 24
    teacher_steps: Count = 200


class Distillation(Method):
    """Hinton's loss: the teacher's softened output and the label, weighted."""

    views = 1
    lr = 3e-3
    photographs = "supervised"
    labeled = True
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

    @classmethod
    def build(cls, run: Run, data: Data) -> Method:
        """Make the student, and a teacher that knows nothing yet."""
        student = super().build(run, data)
        with torch.random.fork_rng(devices=[]):
            student.teacher = Supervised.build(teacher_of(run), data).requires_grad_(False)
        return student

    def prepare(self, run: Run, data: Data, device: str, train_alone: TrainAlone) -> None:
        """Train the teacher, or take the one that an earlier student of it had."""
        weights = taught(teacher_of(run), data, device, train_alone)
        self.teacher.load_state_dict(weights)


def teacher_of(run: Run) -> Run:
    """The run of the teacher: all images of all classes, augmented, with labels."""
    settings: Any = Distillation.settings_of(run)
    width, steps = settings.teacher_width, settings.teacher_steps
    return Run("supervised", run.data, steps, run.seed, network=run.network, width=width)


REMEMBERED = 16
_teachers: dict[tuple[str, ...], dict[str, torch.Tensor]] = {}


def taught(run: Run, data: Data, device: str, train_alone: TrainAlone) -> dict[str, torch.Tensor]:
    """The weights of a trained teacher; students with one teacher train it once.

    Training it leaves the global random numbers as they were. What is remembered depends
    on all that the weights depend on; photographs are not remembered, they are too many
    to be compared.
    """
    small = data.train.images.is_floating_point()
    images = data.train.digest if small else ""
    key = (repr(run), images, device, str(torch.get_num_threads()))
    if key not in _teachers:
        cuda = [torch.device(device)] if device.startswith("cuda") else []
        with torch.random.fork_rng(devices=cuda):
            weights = train_alone(run, data, device).state_dict()
        if not small:
            return weights
        if len(_teachers) == REMEMBERED:
            del _teachers[next(iter(_teachers))]
        _teachers[key] = {name: tensor.clone() for name, tensor in weights.items()}
    return _teachers[key]
