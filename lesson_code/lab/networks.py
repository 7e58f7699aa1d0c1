"""The lab's encoders: a small CNN, a small vision transformer, and ResNet-18 for photographs."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code.lab.backbones import backbone, measured, with_channels
from lesson_code.mae import patchify
from lesson_code.vit import Block


LARGE = 24  # pixels from which an image is a picture


class SmallCNN(nn.Module):
    """Three convolutions and a global average: 23.5 thousand weights at width 16.

    Pictures of 24 pixels and more get four convolutions, and an average for each quarter.

    Args:
        channels: of the images.
        width: channels of the first layer; the others have two and four times as many.
            In pictures all layers have twice that, and the fourth is as the third.
        norm: whether batch normalization follows each convolution.
        size: height and width of the images.
    """

    def __init__(self, channels: int, width: int = 16, norm: bool = True, size: int = 8) -> None:
        super().__init__()
        self.cells = 2 if size >= LARGE else 1
        if size >= LARGE:
            width = 2 * width
        shapes = [
            (channels, width, 4, 2),
            (width, 2 * width, 3, 2 if size >= LARGE else 1),
            (2 * width, 4 * width, 3, 2),
        ]
        if size >= LARGE:
            shapes.append((4 * width, 4 * width, 3, 1))
        self.features = 4 * width * self.cells**2
        layers: list[nn.Module] = []
        for inputs, outputs, kernel, stride in shapes:
            layers.append(nn.Conv2d(inputs, outputs, kernel, stride, 1, bias=not norm))
            layers += [nn.BatchNorm2d(outputs)] if norm else []
            layers.append(nn.ReLU())
        self.layers = nn.Sequential(*layers)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images (N, C, H, W) to features (N, 4 * width), of pictures (N, 32 * width)."""
        if self.cells == 1:
            return self.layers(images).mean(dim=(2, 3))
        return F.adaptive_avg_pool2d(self.layers(images), self.cells).flatten(1)


def small_block(dim: int, heads: int) -> Block:
    """The book's block with half of the usual perceptron, as torch begins and divides it."""
    return Block(dim, heads, mlp_ratio=2, eps=1e-5)


STARTS = ("usual", "even")


class SmallViT(nn.Module):
    """A vision transformer of two blocks on patches of 2 x 2 pixels.

    Args:
        channels: of the images.
        size: height and width of the images; other sizes get interpolated positions.
        patch: height and width of a patch.
        dim: D, the length of a token.
        depth: how many blocks.
        heads: how many attention heads.
        pool: ``mean`` of the patch tokens, or the class token with ``class``.
        start: ``usual`` (torch's own weights, learned positions of size .02) or ``even``
            (Xavier weights, no biases, fixed sine and cosine positions, as MAE begins).
    """

    def __init__(
        self,
        channels: int,
        size: int,
        patch: int = 2,
        dim: int = 48,
        depth: int = 2,
        heads: int = 4,
        pool: str = "mean",
        start: str = "usual",
    ) -> None:
        super().__init__()
        self.features, self.patch, self.grid, self.pool = (dim, patch, size // patch, pool)
        self.embed = nn.Linear(channels * patch * patch, dim)
        self.positions = nn.Parameter(0.02 * torch.randn(1, self.grid**2, dim))
        self.class_token = nn.Parameter(0.02 * torch.randn(1, 1, dim))
        self.blocks = nn.Sequential(*(small_block(dim, heads) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim)
        if start == "even":
            self.begin_evenly()

    def begin_evenly(self) -> None:
        """Give all linear layers Xavier weights and no biases, and fix the positions."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)
        self.positions = nn.Parameter(waves(self.grid, self.features), requires_grad=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Map images (N, C, H, W) to features (N, D)."""
        tokens = self.encode(images)
        return tokens[:, 1:].mean(dim=1) if self.pool == "mean" else tokens[:, 0]

    def encode(self, images: torch.Tensor, keep: torch.Tensor | None = None) -> torch.Tensor:
        """Map images to tokens (N, 1 + L, D), of the patches named by ``keep`` (N, L) only."""
        return self.norm(self.blocks(self.tokens(images, keep)))

    def tokens(self, images: torch.Tensor, keep: torch.Tensor | None = None) -> torch.Tensor:
        """What the first block gets: the class token, then patches at their positions."""
        tokens = self.embed(patchify(images, self.patch)) + self.at(images.shape[2] // self.patch)
        if keep is not None:
            tokens = tokens.gather(1, keep[:, :, None].expand(-1, -1, tokens.shape[2]))
        return torch.cat([self.class_token.expand(len(tokens), -1, -1), tokens], dim=1)

    def class_attention(self, images: torch.Tensor) -> torch.Tensor:
        """What the class token of the last block takes from patches, ``(N, heads, G, G)``."""
        last = self.blocks[-1]
        assert isinstance(last, Block)
        weights = last.attn.maps(last.norm1(self.blocks[:-1](self.tokens(images))))
        side = images.shape[2] // self.patch
        return weights[:, :, 0, 1:].reshape(*weights.shape[:2], side, side)

    def at(self, grid: int) -> torch.Tensor:
        """The positions of a grid of that many patches a side."""
        if grid == self.grid:
            return self.positions
        square = self.positions.transpose(1, 2).reshape(1, -1, self.grid, self.grid)
        resized = F.interpolate(square, size=(grid, grid), mode="bilinear", align_corners=False)
        return resized.flatten(2).transpose(1, 2)


def waves(grid: int, dim: int) -> torch.Tensor:
    """Sines and cosines of column and row of each patch, ``(1, grid * grid, dim)``."""
    frequencies = 100.0 ** -(torch.arange(dim // 4) / (dim // 4))
    row, column = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    angles = [place.reshape(-1, 1) * frequencies for place in (column, row)]
    return torch.cat([f(a) for a in angles for f in (torch.sin, torch.cos)], dim=1)[None]


def small_vit(channels: int, size: int, pool: str = "mean", start: str = "usual") -> SmallViT:
    """The vision transformer for images of a size: patches of 2 pixels, or an 8 x 8 grid."""
    patch = 2 if size < 32 else size // 8
    return SmallViT(channels, size, patch=patch, pool=pool, start=start)


def resnet18(channels: int, size: int) -> nn.Module:
    """ResNet-18 of torchvision without its classifier; a small stem below 64 pixels.

    The small stem, a 3 x 3 convolution of stride 1 and no pooling, is the one that SimCLR
    uses for CIFAR-10 (its appendix B.9).
    """
    from torchvision.models import resnet18 as build

    network: nn.Module = build(weights=None)
    network.fc = nn.Identity()
    if size < 64:
        network.conv1 = nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
        network.maxpool = nn.Identity()
    network.features = 512  # type: ignore[assignment]
    return with_channels(network, channels)


NETWORKS = ("cnn", "vit", "resnet18")


def build_encoder(
    name: str, channels: int, size: int, width: int = 16, **options: bool | str
) -> nn.Module:
    """An encoder that maps images ``(N, C, H, W)`` to features ``(N, D)``.

    Args:
        name: one of ``NETWORKS``, or what ``backbone`` knows.
        channels: of the images.
        size: height and width of the images.
        width: of the CNN.
        options: ``norm`` of the CNN, ``pool`` and ``start`` of the vision transformer.

    Raises:
        LabError: if there is no network of that name, or it cannot take such images.
    """
    if name == "cnn":
        return SmallCNN(channels, width, bool(options.get("norm", True)), size)
    if name == "vit":
        pool, start = options.get("pool", "mean"), options.get("start", "usual")
        return small_vit(channels, size, str(pool), str(start))
    if name == "resnet18":
        return resnet18(channels, size)
    built = backbone(name, channels, size, NETWORKS)
    return measured(built, name, channels, size)


class SimSiamProjector(nn.Sequential):
    """SimSiam's projector, cut to two layers; its output is batch-normalized without weights."""

    def __init__(
        self, in_dim: int, hidden_dim: int, out_dim: int, output_norm: bool = True
    ) -> None:
        layers = [
            nn.Linear(in_dim, hidden_dim, bias=False),
            nn.BatchNorm1d(hidden_dim),
            nn.ReLU(),
            nn.Linear(hidden_dim, out_dim),
        ]
        super().__init__(*layers, *([nn.BatchNorm1d(out_dim, affine=False)] if output_norm else []))
