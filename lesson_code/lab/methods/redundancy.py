"""Barlow Twins and VICReg: dimensions must vary and must not repeat each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.barlow_twins import barlow_twins_loss
from lesson_code.lab import distributed
from lesson_code.lab.methods.base import Method, NotNegative, Positive, Settings
from lesson_code.mlp import MLP
from lesson_code.vicreg import vicreg_loss


@dataclass(frozen=True)
class BarlowTwinsSettings(Settings):
    """Settings of Barlow Twins.

    Attributes:
        lambd: the weight of the entries off the diagonal.
    """

    lambd: Positive = 0.01


class BarlowTwins(Method):
    """The correlation of two views, dimension by dimension, becomes the identity."""

    photographs = "byol"
    Settings = BarlowTwinsSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.projector = MLP(self.features, 128, 128)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of the whole batch."""
        z_1, z_2 = (distributed.gather(self.embed(images)) for images in views)
        return barlow_twins_loss(z_1, z_2, self.settings.lambd)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 128)``."""
        return self.projector(self.encoder(images))


@dataclass(frozen=True)
class VICRegSettings(Settings):
    """Settings of VICReg.

    Attributes:
        invariance: the weight of the distance of the views.
        variance: the weight of the variance term.
        covariance: the weight of the covariance term.
    """

    invariance: NotNegative = 25.0
    variance: NotNegative = 25.0
    covariance: NotNegative = 1.0


class VICReg(Method):
    """Views agree, every dimension varies, no two dimensions say the same."""

    photographs = "byol"
    Settings = VICRegSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.projector = MLP(self.features, 128, 128)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of the whole batch."""
        z_1, z_2 = (distributed.gather(self.embed(images)) for images in views)
        weights = self.settings
        return vicreg_loss(z_1, z_2, weights.invariance, weights.variance, weights.covariance)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 128)``."""
        return self.projector(self.encoder(images))
