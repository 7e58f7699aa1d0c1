"""SwAV: views of an image must be assigned to the same prototypes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.lab import distributed
from lesson_code.lab.methods.base import Count, Method, Positive, Settings
from lesson_code.mlp import MLP
from lesson_code.swav import swav_loss


@dataclass(frozen=True)
class SwAVSettings(Settings):
    """Settings of SwAV.

    Attributes:
        prototypes: how many there are.
        temperature: of the prediction.
        epsilon: of the assignment; smaller is sharper.
    """

    prototypes: Count = 64
    temperature: Positive = 0.1
    epsilon: Positive = 0.05


class SwAV(Method):
    """One view predicts to which prototypes the other is assigned, all used equally."""

    Settings = SwAVSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.projector = MLP(self.features, 128, 64)
        self.prototypes = nn.Linear(64, settings.prototypes, bias=False)

    @torch.no_grad()
    def before_step(self) -> None:
        """Scale each prototype to length one."""
        self.prototypes.weight.copy_(F.normalize(self.prototypes.weight))

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of the whole batch."""
        scores_1, scores_2 = (distributed.gather(self.scores(images)) for images in views)
        settings = self.settings
        return swav_loss(scores_1, scores_2, settings.temperature, settings.epsilon)

    def scores(self, images: torch.Tensor) -> torch.Tensor:
        """Return the cosine of each embedding with each prototype, ``(N, prototypes)``."""
        return self.prototypes(F.normalize(self.embed(images)))

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 64)``."""
        return self.projector(self.encoder(images))
