"""The vision transformer of DINO: patches, positions, attention, blocks, a class token."""

# --8<-- [start:imports]
import math
from collections import OrderedDict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# --8<-- [end:imports]

from lesson_code.guards import check_batches, check_counts, guard, guard_methods


def _refuse_images(self: "PatchEmbed", images: Tensor) -> None:
    check_batches(images=images)
    channels, patch = self.proj.weight.shape[1:3]
    fits = images.ndim == 4 and images.shape[1] == channels
    if not fits or images.shape[2] % patch or images.shape[3] % patch:
        raise ValueError(
            f"images must be (N, {channels}, H, W) with H and W multiples of {patch}, "
            f"got shape {tuple(images.shape)}"
        )


@guard_methods(forward=_refuse_images)
# --8<-- [start:PatchEmbed]
class PatchEmbed(nn.Module):
    """Section 3.1 of ViT: cut images into patches, and map each linearly to a token.

    A convolution whose stride is its kernel reads each patch once, with one weight
    matrix for all. ``patch`` is p, its side in pixels, and ``dim`` the length D.
    """

    def __init__(self, patch: int, dim: int, channels: int = 3) -> None:
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, kernel_size=patch, stride=patch)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(N, C, H, W)`` to tokens ``(N, L, D)``, row by row.

        Raises:
            ValueError: if shape or type does not fit, or p does not divide H and W.
        """
        grid = self.proj(images)  # (N, D, H / p, W / p)
        return grid.flatten(2).transpose(1, 2)  # (N, L, D)


# --8<-- [end:PatchEmbed]


def _refuse_positions(positions: Tensor, rows: int, columns: int) -> None:
    check_batches(positions=positions)
    check_counts(rows=rows, columns=columns)
    shape = tuple(positions.shape)
    fits = positions.ndim == 3 and shape[0] == 1 and shape[1] > 1
    if not fits or math.isqrt(shape[1] - 1) ** 2 != shape[1] - 1:
        raise ValueError(
            f"positions must be (1, 1 + L, D) with L a square number, got shape {shape}"
        )


@guard(_refuse_positions)
# --8<-- [start:interpolate_positions]
def interpolate_positions(positions: Tensor, rows: int, columns: int) -> Tensor:
    """Section 3.2 of ViT: resize the grid of positions; that of [CLS] stays as it is.

    Args:
        positions: shape ``(1, 1 + L, D)``, [CLS] first, then a square grid row by row.
        rows: of patches, of the images at hand.
        columns: of patches.

    Returns:
        Positions ``(1, 1 + rows * columns, D)``; of the same grid, the argument.

    Raises:
        ValueError: if the shape is not as above, or a number is not a count.

    Deviations:
        The official code resizes by factors, to a tenth of a patch more than is needed.
    """
    cls, patches = positions[:, :1], positions[:, 1:]
    side = math.isqrt(patches.shape[1])
    if (rows, columns) == (side, side):
        return positions
    grid = patches.transpose(1, 2).reshape(1, -1, side, side)  # (1, D, side, side)
    grid = F.interpolate(grid, (rows, columns), mode="bicubic")
    return torch.cat([cls, grid.flatten(2).transpose(1, 2)], dim=1)


# --8<-- [end:interpolate_positions]


def _refuse_heads(dim: int, heads: int) -> None:
    check_counts(dim=dim, heads=heads)
    if dim % heads:
        raise ValueError(f"heads must divide {dim} numbers evenly, got {heads}")


def _refuse_qkv(qkv: Tensor, heads: int) -> None:
    check_batches(qkv=qkv)
    if qkv.ndim != 3 or qkv.shape[2] % 3:
        raise ValueError(f"qkv must be (N, L, 3 D), got shape {tuple(qkv.shape)}")
    _refuse_heads(qkv.shape[2] // 3, heads)


# --8<-- [start:split_heads]
def split_heads(qkv: Tensor, heads: int) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys, values ``(N, h, L, D / h)`` out of one tensor ``(N, L, 3 D)``."""
    n, length, width = qkv.shape
    parts = qkv.reshape(n, length, 3, heads, width // (3 * heads))
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    return query, key, value


# --8<-- [end:split_heads]


@guard(_refuse_qkv)
# --8<-- [start:attention]
def attention(qkv: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    r"""Scaled dot-product attention in h heads, equations 5 to 7 of ViT.

    .. math:: A = \mathrm{softmax}\Bigl(\frac{Q K^\top}{\sqrt{d}}\Bigr), \qquad A V

    for each head, with d = D / h; the results of the heads are put side by side.

    Args:
        qkv: queries, keys and values side by side, shape ``(N, L, 3 D)``; each third
            holds its heads side by side.
        heads: h, which divides D.

    Returns:
        mixed: what each token has gathered, shape ``(N, L, D)``.
        weights: A, how much token i takes from token j, shape ``(N, h, L, L)``; each
        row sums to 1.

    Raises:
        ValueError: if the shape or the type is not as above.
    """
    query, key, value = split_heads(qkv, heads)  # each (N, h, L, d)
    logits = query @ key.transpose(2, 3) / math.sqrt(query.shape[3])
    weights = logits.softmax(dim=3)  # (N, h, L, L)
    mixed = weights @ value  # (N, h, L, d)
    return mixed.transpose(1, 2).flatten(2), weights


# --8<-- [end:attention]


@guard_methods(__init__=_refuse_heads)
# --8<-- [start:Attention]
class Attention(nn.Module):
    """Self-attention: tokens of ``dim`` numbers ask, answer and are mixed, in heads.

    Raises:
        ValueError: if a size is not a whole number above 0, or heads do not divide D.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens ``(N, L, D)`` to tokens, as `attention` does, by torch's own."""
        query, key, value = split_heads(self.qkv(tokens), self.heads)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.proj(mixed.transpose(1, 2).flatten(2))

    def maps(self, tokens: Tensor) -> Tensor:
        """The weights with which tokens ``(N, L, D)`` are mixed, ``(N, h, L, L)``."""
        return attention(self.qkv(tokens), self.heads)[1]


# --8<-- [end:Attention]


# --8<-- [start:Block]
class Block(nn.Module):
    """Equations 2 and 3 of ViT: attention, then a perceptron, each added to the tokens.

    ``mlp_ratio`` is the number of hidden units of the perceptron over D = ``dim``.

    Deviations:
        No stochastic depth, of which the official student has 0.1.
    """

    def __init__(
        self, dim: int, heads: int, mlp_ratio: int = 4, eps: float = 1e-6
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=eps)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=eps)
        wide, narrow = nn.Linear(dim, mlp_ratio * dim), nn.Linear(mlp_ratio * dim, dim)
        self.mlp = nn.Sequential(OrderedDict(fc1=wide, act=nn.GELU(), fc2=narrow))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens ``(N, L, D)`` to tokens of the same shape."""
        tokens = tokens + self.attn(self.norm1(tokens))
        return tokens + self.mlp(self.norm2(tokens))


# --8<-- [end:Block]


def _refuse_sizes(
    size: int, patch: int, dim: int, depth: int, heads: int, channels: int
) -> None:
    check_counts(size=size, patch=patch, dim=dim, depth=depth, channels=channels)
    _refuse_heads(dim, heads)
    if size % patch:
        raise ValueError(f"size must be a multiple of {patch}, the patch, got {size}")


@guard_methods(__init__=_refuse_sizes)
# --8<-- [start:VisionTransformer]
class VisionTransformer(nn.Module):
    """Patches, a learned token [CLS], learned positions, blocks: a ViT-S/16, as DINO's.

    Names and shapes of the parameters are those of the official code.

    Args:
        size: height and width of the images that the positions are made for.
        patch: p, the side of a patch in pixels; divides ``size``.
        dim: D, the length of a token.
        depth: the number of blocks.
        heads: of each attention; divide D.
        channels: C of the images.

    Raises:
        ValueError: if a size is not a whole number above 0, or does not divide another.
    """

    def __init__(
        self,
        size: int = 224,
        patch: int = 16,
        dim: int = 384,
        depth: int = 12,
        heads: int = 6,
        channels: int = 3,
    ) -> None:
        super().__init__()
        self.patch = patch
        self.patch_embed = PatchEmbed(patch, dim, channels)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (size // patch) ** 2, dim))
        self.blocks = nn.ModuleList(Block(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.begin()

    def begin(self) -> None:
        """Small random weights, no biases; the patch embedding as torch begins it."""
        linear = [part for part in self.modules() if isinstance(part, nn.Linear)]
        for layer in linear:
            nn.init.zeros_(layer.bias)
        for weight in self.cls_token, self.pos_embed, *(one.weight for one in linear):
            nn.init.trunc_normal_(weight, std=0.02)

    def embed(self, images: Tensor) -> Tensor:
        """[CLS] and the patches with their positions, ``(N, 1 + L, D)``."""
        patches = self.patch_embed(images)  # (N, L, D)
        cls = self.cls_token.expand(len(images), -1, -1)
        rows, columns = (side // self.patch for side in images.shape[2:])
        positions = interpolate_positions(self.pos_embed, rows, columns)
        return torch.cat([cls, patches], dim=1) + positions

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The [CLS] tokens ``(N, D)`` of images, and their patches' ``(N, L, D)``."""
        tokens = self.embed(images)
        for block in self.blocks:
            tokens = block(tokens)
        tokens = self.norm(tokens)
        return tokens[:, 0], tokens[:, 1:]

    def attention_maps(self, images: Tensor) -> Tensor:
        """The weights of the last block, ``(N, h, 1 + L, 1 + L)``, [CLS] first."""
        tokens = self.embed(images)
        *before, last = self.blocks
        for block in before:
            tokens = block(tokens)
        assert isinstance(last, Block)
        return last.attn.maps(last.norm1(tokens))


# --8<-- [end:VisionTransformer]


def _refuse_file(path: str | Path) -> None:
    what = f"path must name an official DINO checkpoint of a ViT, {path} is none"
    try:
        weights = read_official(path, "meta")  # names and shapes alone
        with torch.device("meta"):
            sized_like(weights).load_state_dict(weights, assign=True)
    except OSError:
        raise
    except RuntimeError as error:
        raise ValueError(f"{what}: {error}") from None
    except Exception as error:  # torch has no class for all that a file may hold
        raise ValueError(f"{what} ({type(error).__name__})") from None


# --8<-- [start:Skipped]
class Skipped:
    """Stands for what a checkpoint holds besides weights, such as its settings."""

    def __init__(self, *parts: object) -> None: ...

    def __setstate__(self, state: object) -> None: ...


# --8<-- [end:Skipped]
# --8<-- [start:read_official]
def read_official(path: str | Path, device: str = "cpu") -> dict[str, Tensor]:
    """The encoder's weights of a checkpoint, without the prefixes of its wrappers."""
    number = "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"
    skipped = (
        (Skipped, name) for name in ("argparse.Namespace", "numpy.dtype", *number)
    )
    with torch.serialization.safe_globals(list(skipped)):
        saved = torch.load(path, map_location=device, weights_only=True)
    weights = {}
    for name, weight in saved.get("teacher", saved).items():
        name = name.removeprefix("module.").removeprefix("backbone.")
        if not name.startswith("head."):
            weights[name] = weight
    return weights


# --8<-- [end:read_official]
# --8<-- [start:sized_like]
def sized_like(weights: dict[str, Tensor]) -> VisionTransformer:
    """A new vision transformer of the sizes of these weights; a head has 64 numbers."""
    dim, _, patch, _ = weights["patch_embed.proj.weight"].shape
    side = math.isqrt(weights["pos_embed"].shape[1])
    depth = sum(name.endswith("norm1.weight") for name in weights)
    return VisionTransformer(side * patch, patch, dim, depth, heads=dim // 64)


# --8<-- [end:sized_like]


@guard(_refuse_file)
# --8<-- [start:load_official]
def load_official(path: str | Path) -> VisionTransformer:
    """The official DINO's encoder from its file, such as dino_deitsmall16_pretrain.pth.

    Args:
        path: of the file, *backbone only* or *full checkpoint*, of which the teacher is
            taken. Patch size, width and depth are read off the weights.

    Returns:
        The network in evaluation mode, each weight in its place.

    Raises:
        OSError: if there is no file to read.
        ValueError: if it holds another network, or none.
    """
    weights = read_official(path)
    model = sized_like(weights)
    model.load_state_dict(weights)
    return model.eval()


# --8<-- [end:load_official]
