"""Training with labels: the yardstick for training without."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.lab.methods.base import Method


class Supervised(Method):
    """A linear classifier on the encoder, cross-entropy with the labels."""

    views = 1
    lr = 3e-3
    photographs = "supervised"
    labeled = True

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.classifier = nn.Linear(self.features, classes)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the cross-entropy of the batch."""
        return F.cross_entropy(self.logits(views[0]), labels)

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        """Return the score of each class, ``(N, classes)``."""
        return self.classifier(self.encoder(images))
