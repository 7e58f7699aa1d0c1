"""SimCLR and MoCo: other images are pushed away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import lesson_code.moco as moco
from lesson_code.lab import distributed
from lesson_code.lab.methods.base import Count, Fraction, Method, Positive, Settings
from lesson_code.mlp import MLP
from lesson_code.simclr import simclr_loss


@dataclass(frozen=True)
class SimCLRSettings(Settings):
    """Settings of SimCLR.

    Attributes:
        temperature: of NT-Xent.
        norm: whether the CNN has batch normalization.
    """

    temperature: Positive = 0.5
    norm: bool = True


class SimCLR(Method):
    """Two views of an image attract, views of other images repel."""

    lr = 3e-3
    Settings = SimCLRSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.projector = MLP(self.features, 128, 64)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return NT-Xent over the views of the whole batch."""
        z_i, z_j = (distributed.gather(self.embed(images)) for images in views)
        return simclr_loss(z_i, z_j, self.settings.temperature)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 64)``."""
        return self.projector(self.encoder(images))

    @classmethod
    def network_options(cls, settings: Any) -> dict[str, Any]:
        """Whether the CNN has batch normalization."""
        return {"norm": settings.norm}


class GatheringMoCo(moco.MoCo):
    """MoCo whose queue takes the keys of all processes."""

    def enqueue(self, keys: torch.Tensor) -> None:
        """Replace the oldest keys by those of the whole batch."""
        super().enqueue(distributed.gather_keys(keys))


@dataclass(frozen=True)
class MoCoSettings(Settings):
    """Settings of MoCo.

    Attributes:
        momentum: of the key encoder.
        queue: how many keys are kept.
        temperature: of the contrast.
    """

    momentum: Fraction = 0.9
    queue: Count = 1024
    temperature: Positive = 0.2


class MoCo(Method):
    """A query finds its key among the keys of earlier batches."""

    lr = 3e-3
    Settings = MoCoSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        network = nn.Sequential(encoder, MLP(self.features, 128, 64))
        self.moco = GatheringMoCo(
            network, dim=64, K=settings.queue, m=settings.momentum, T=settings.temperature
        )

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of the batch against the queue, and move keys and key encoder on."""
        return F.cross_entropy(*self.moco(*views))

    def networks(self) -> list[nn.Module]:
        """Return both encoders, without the queue."""
        return [self.moco.encoder_q, self.moco.encoder_k]

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the queries before they are scaled to length one, ``(N, 64)``."""
        return self.moco.encoder_q(images)
