"""MAE: hide most patches of an image and rebuild them from the rest."""

# --8<-- [start:imports]
import torch
from torch import Tensor

# --8<-- [end:imports]

from lesson_code.guards import check_batches, check_counts, check_fraction, guard


def _refuse_images(images: Tensor, patch: int) -> None:
    check_batches(images=images)
    check_counts(patch=patch)
    if images.ndim != 4 or images.shape[2] % patch or images.shape[3] % patch:
        raise ValueError(
            f"images must be (N, C, H, W) with H and W multiples of {patch}, "
            f"got shape {tuple(images.shape)}"
        )


@guard(_refuse_images)
# --8<-- [start:patchify]
def patchify(images: Tensor, patch: int) -> Tensor:
    """Cut images into square patches, row by row from the top left.

    Args:
        images: shape (N, C, H, W), with H and W multiples of ``patch``.
        patch: p, the side of a patch in pixels.

    Returns:
        One row a patch, shape (N, L, P) with L = (H / p)(W / p) and P = p * p * C.
        Inside a patch the pixels come row by row, the C channels of a pixel side by
        side.

    Raises:
        ValueError: an argument has the wrong shape, type or range.
    """
    n, c, h, w = images.shape
    tiles = images.reshape(n, c, h // patch, patch, w // patch, patch)
    patches = tiles.permute(0, 2, 4, 3, 5, 1)
    return patches.reshape(n, -1, patch * patch * c)  # (N, L, P)


# --8<-- [end:patchify]


def _refuse_patches(patches: Tensor, patch: int, height: int, width: int) -> None:
    check_batches(patches=patches)
    check_counts(patch=patch, height=height, width=width)
    rows, columns, odd = height // patch, width // patch, height % patch + width % patch
    fits = patches.ndim == 3 and patches.shape[1] == rows * columns
    if odd or not fits or patches.shape[2] % patch**2:
        raise ValueError(
            f"patches must be (N, L, P) and fill {height} x {width} pixels with tiles "
            f"of {patch} x {patch}, got shape {tuple(patches.shape)}"
        )


@guard(_refuse_patches)
# --8<-- [start:unpatchify]
def unpatchify(patches: Tensor, patch: int, height: int, width: int) -> Tensor:
    """Put patches together again: the inverse of `patchify`.

    Args:
        patches: shape (N, L, P), as `patchify` returns them.
        patch: p, the side of a patch in pixels.
        height: H of the images, a multiple of ``patch``.
        width: W of the images, a multiple of ``patch``.

    Returns:
        Images, shape (N, C, H, W) with C = P / (p * p).

    Raises:
        ValueError: an argument has the wrong shape, type or range.
    """
    n, rows = len(patches), height // patch
    tiles = patches.reshape(n, rows, width // patch, patch, patch, -1)
    return tiles.permute(0, 5, 1, 3, 2, 4).reshape(n, -1, height, width)


# --8<-- [end:unpatchify]


def _refuse_ratio(batch: int, patches: int, ratio: float) -> None:
    check_counts(batch=batch, patches=patches)
    check_fraction(ratio=ratio)
    if not 0 < int(patches * (1 - ratio) + 1e-6) < patches:
        raise ValueError(
            f"ratio must keep and remove patches of {patches}, got {ratio}"
        )


@guard(_refuse_ratio)
# --8<-- [start:random_masking]
def random_masking(
    batch: int, patches: int, ratio: float, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Section 3 of MAE: shuffle each image's patches; the encoder sees the first ones.

    The others are removed (there: *simple implementation*).

    Args:
        batch: N, the number of images; each gets a mask of its own.
        patches: L, the number of patches of an image.
        ratio: the share to remove; at least one patch must stay and one must go.
        generator: draws the numbers, on its device; None takes the global one.

    Returns:
        keep: the patches to encode, in shuffled order, shape (N, L_keep), where L_keep
        is (1 - ratio) L rounded down.
        mask: True where a patch is removed, in image order, shape (N, L).
        restore: puts L_keep encoded patches followed by L - L_keep mask tokens back in
        image order: ``tokens.gather(1, restore)`` along the patches, shape (N, L).

    Raises:
        ValueError: a number is out of range, or nothing is kept or removed.

    Deviations:
        The official code computes ``int(L * (1 - ratio))``, which keeps 9 patches of
        100 at ratio 0.9 because 100 * (1 - 0.9) is 9.999... in floating point; here 10
        stay.
    """
    kept = int(patches * (1 - ratio) + 1e-6)
    device = None if generator is None else generator.device
    noise = torch.rand(batch, patches, generator=generator, device=device)
    shuffle = noise.argsort(dim=1)  # place in the shuffle -> place in the image
    restore = shuffle.argsort(dim=1)  # place in the image -> place in the shuffle
    return shuffle[:, :kept], restore >= kept, restore


# --8<-- [end:random_masking]


def _refuse_mask(mask: Tensor, target: Tensor) -> None:
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise ValueError(f"mask must be a tensor of torch.bool, got {kind}")
    if mask.shape != target.shape[:2]:
        raise ValueError(
            f"mask must have shape {tuple(target.shape[:2])}, got {tuple(mask.shape)}"
        )
    if mask.device != target.device:
        raise ValueError(f"mask must be on {target.device}, got {mask.device}")


def _refuse_prediction(
    prediction: Tensor, images: Tensor, mask: Tensor, patch: int, normalize: bool
) -> None:
    _refuse_images(images, patch)
    n, c, h, w = images.shape
    target = images.new_empty(1).expand(n, h * w // patch**2, patch**2 * c)
    check_batches(**{"the patches of images": target, "prediction": prediction})
    _refuse_mask(mask, target)
    if normalize and target.shape[2] < 2:
        raise ValueError("patch must hold at least 2 numbers to normalize, got 1")


@guard(_refuse_prediction)
# --8<-- [start:mae_loss]
def mae_loss(
    prediction: Tensor,
    images: Tensor,
    mask: Tensor,
    patch: int,
    normalize: bool = False,
) -> Tensor:
    """Section 3 of MAE: mean squared error over the pixels of the removed patches.

    L = 1 / |M| sum over i in M of ||x_i - y_i||^2 / P (there: *reconstruction target*),
    with M the removed patches of the whole batch.

    Args:
        prediction: y, the decoder's output in image order, shape (N, L, P).
        images: what to rebuild, shape (N, C, H, W).
        mask: True where a patch was removed, shape (N, L).
        patch: p, the side of a patch in pixels.
        normalize: whether the target is each patch less its mean, divided by its
            standard deviation. The model then predicts in these units.

    Returns:
        A scalar (float32 for half precision; NaN if the mask removes nothing or a
        number is NaN).

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    target = patchify(images, patch)  # (N, L, P)
    target = target.to(torch.promote_types(target.dtype, torch.float32))
    if normalize:
        variance, mean = torch.var_mean(target, dim=2, keepdim=True)  # over P - 1
        target = (target - mean) / (variance + 1e-6).sqrt()
    errors = (prediction - target).square().mean(dim=2)  # (N, L)
    return (errors * mask).sum() / mask.sum()


# --8<-- [end:mae_loss]
