"""BYOL and SimSiam: one view predicts the other, nothing repels; with all their ablations."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.byol import regression_loss
from lesson_code.ema import ema_update
from lesson_code.lab.methods.base import Fraction, Method, NotNegative, Settings
from lesson_code.lab.networks import SimSiamProjector
from lesson_code.lab.run import LabError
from lesson_code.mlp import MLP
from lesson_code.schedules import cosine_momentum
from lesson_code.simsiam import simsiam_loss


def plain_mlp(in_dim: int, hidden_dim: int, out_dim: int) -> nn.Module:
    """BYOL's perceptron without batch normalization."""
    return nn.Sequential(nn.Linear(in_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, out_dim))


@dataclass(frozen=True)
class BYOLSettings(Settings):
    """Settings of BYOL, those that take it apart included.

    Attributes:
        momentum: of the target at the start, rising to 1; None makes the online network
            its own target.
        predictor: whether there is a predictor.
        stop_gradient: whether the target passes no gradient; False needs momentum None.
        head_norm: whether projector and predictor have batch normalization.
        norm: whether the CNN has batch normalization.
        predictor_lr: the predictor's learning rate as a multiple of the others'.
    """

    momentum: Fraction | None = 0.97
    predictor: bool = True
    stop_gradient: bool = True
    head_norm: bool = True
    norm: bool = True
    predictor_lr: NotNegative = 1.0


class BYOL(Method):
    """The online network predicts the target's projection of the other view."""

    photographs = "byol"
    Settings = BYOLSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        if not settings.stop_gradient and settings.momentum is not None:
            raise LabError("stop_gradient=False needs momentum=None: a slow copy is not trained")
        head = MLP if settings.head_norm else plain_mlp
        self.projector = head(self.features, 128, 64)
        self.predictor = head(64, 128, 64) if settings.predictor else nn.Identity()
        self.target: nn.Module | None = None
        if settings.momentum is not None:
            self.target = copy.deepcopy(self.online).requires_grad_(False)

    @property
    def online(self) -> nn.Sequential:
        """Encoder and projector that are trained."""
        return nn.Sequential(self.encoder, self.projector)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the regression loss, both directions averaged."""
        projected = [self.embed(images) for images in views]
        p_1, p_2 = (self.predictor(z) for z in projected)
        z_1, z_2 = self.targets(views, projected)
        return (regression_loss(p_1, z_2) + regression_loss(p_2, z_1)) / 2

    def targets(
        self, views: list[torch.Tensor], projected: list[torch.Tensor]
    ) -> list[torch.Tensor]:
        """Return what is to be predicted: by the slow target, or by the network itself."""
        if self.target is not None:
            with torch.no_grad():
                return [self.target(images) for images in views]
        return [z.detach() for z in projected] if self.settings.stop_gradient else projected

    def after_step(self, step: int, steps: int) -> None:
        """Move the target toward the online network."""
        if self.target is not None:
            momentum = cosine_momentum(step, steps, self.settings.momentum)
            ema_update(self.target, self.online, momentum)

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 64)``."""
        return self.projector(self.encoder(images))

    def groups(self, lr: float) -> list[dict[str, Any]]:
        """Encoder and projector, and the predictor at a rate of its own."""
        return [
            {"params": list(self.online.parameters()), "lr": lr},
            {"params": list(self.predictor.parameters()), "lr": lr * self.settings.predictor_lr},
        ]

    @classmethod
    def network_options(cls, settings: Any) -> dict[str, Any]:
        """Whether the CNN has batch normalization."""
        return {"norm": settings.norm}


@dataclass(frozen=True)
class SimSiamSettings(Settings):
    """Settings of SimSiam, those that take it apart included.

    Attributes:
        predictor: whether there is a predictor.
        stop_gradient: whether the target passes no gradient.
        output_norm: whether the projector ends in batch normalization.
        predictor_lr: the predictor's learning rate as a multiple of the others'; 0
            leaves the predictor as it was drawn.
    """

    predictor: bool = True
    stop_gradient: bool = True
    output_norm: bool = True
    predictor_lr: NotNegative = 1.0


class SimSiam(Method):
    """BYOL whose target is the network itself, without gradient."""

    Settings = SimSiamSettings

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        self.projector = SimSiamProjector(self.features, 128, 64, settings.output_norm)
        self.predictor: nn.Module = MLP(64, 64, 64) if settings.predictor else nn.Identity()

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the negative cosine, both directions averaged."""
        z_1, z_2 = (self.embed(images) for images in views)
        p_1, p_2 = self.predictor(z_1), self.predictor(z_2)
        if self.settings.stop_gradient:
            return simsiam_loss(p_1, p_2, z_1, z_2)
        pairs = ((p_1, z_2), (p_2, z_1))
        return -torch.stack([F.cosine_similarity(p, z).mean() for p, z in pairs]).mean()

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        """Return the projections, ``(N, 64)``."""
        return self.projector(self.encoder(images))

    def groups(self, lr: float) -> list[dict[str, Any]]:
        """Encoder and projector, and the predictor at a rate of its own."""
        rates = {self.encoder: lr, self.projector: lr}
        rates[self.predictor] = lr * self.settings.predictor_lr
        return [{"params": list(part.parameters()), "lr": rate} for part, rate in rates.items()]
