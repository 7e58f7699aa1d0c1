"""MAE: the encoder sees a few patches, a small decoder paints the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lesson_code.lab.data import Data
from lesson_code.lab.methods.base import Fraction, Method, Settings
from lesson_code.lab.networks import SmallViT, small_block
from lesson_code.lab.run import LabError, Run
from lesson_code.mae import mae_loss, random_masking


@dataclass(frozen=True)
class MAESettings(Settings):
    """Settings of MAE.

    Attributes:
        mask_ratio: the share of patches that the encoder does not see.
        normalize: whether the pixels of each patch are standardized for the loss.
    """

    mask_ratio: Fraction = 0.75
    normalize: bool = False


class MAE(Method):
    """Paint the patches that were taken out of an image."""

    views = 1
    lr = 8e-3
    weight_decay = 0.05
    betas = (0.9, 0.95)
    network = "vit"
    augmentation = "mild"
    photographs = "mae"
    Settings = MAESettings
    encoder: SmallViT

    def __init__(self, encoder: nn.Module, settings: Any, classes: int) -> None:
        super().__init__(encoder, settings, classes)
        if not isinstance(encoder, SmallViT):
            raise LabError("mae needs network 'vit': it encodes patches one by one")
        channels = encoder.embed.in_features // encoder.patch**2
        self.to_decoder = nn.Linear(self.features, 32)
        self.mask_token = nn.Parameter(0.02 * torch.randn(1, 1, 32))
        self.positions = nn.Parameter(0.02 * torch.randn(1, encoder.grid**2, 32))
        self.decoder = nn.Sequential(small_block(32, 4), nn.LayerNorm(32))
        self.to_pixels = nn.Linear(32, channels * encoder.patch**2)

    def forward(self, views: list[torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """Return the mean squared error of the masked patches."""
        (images,) = views
        painted, mask = self.paint(images)
        return mae_loss(painted, images, mask, self.encoder.patch, self.settings.normalize)

    def networks(self) -> list[nn.Module]:
        """Return the blocks of encoder and decoder."""
        return [self.encoder.blocks, self.decoder]

    def paint(
        self, images: torch.Tensor, generator: torch.Generator | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return all patches as painted, ``(N, L, P)``, and the mask, ``(N, L)``."""
        n, patches = len(images), self.encoder.grid**2
        ratio = self.settings.mask_ratio
        keep, mask, restore = (
            part.to(images.device) for part in random_masking(n, patches, ratio, generator)
        )
        seen = self.to_decoder(self.encoder.encode(images, keep))[:, 1:]
        hidden = self.mask_token.to(seen.dtype).expand(n, patches - seen.shape[1], -1)
        tokens = torch.cat([seen, hidden], dim=1)
        tokens = tokens.gather(1, restore[:, :, None].expand_as(tokens))
        return self.to_pixels(self.decoder(tokens + self.positions)), mask

    @classmethod
    def network_of(cls, run: Run, data: Data, settings: Any) -> dict[str, Any]:
        """A vision transformer also for photographs."""
        if run.network not in (None, "vit"):
            raise LabError("mae needs network 'vit': it encodes patches one by one")
        return {"name": "vit", "channels": data.channels, "size": data.size}
