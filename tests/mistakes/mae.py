"""Wrong variants of ``patchify``, ``unpatchify``, ``random_masking`` and ``mae_loss``."""

import torch

from lesson_code import mae_loss, patchify, random_masking, unpatchify
from mistakes.harness import mistake

patchify_mistake = mistake(replaces="patchify", rejected_by="test_mae")
unpatchify_mistake = mistake(replaces="unpatchify", rejected_by="test_mae")
masking_mistake = mistake(replaces="random_masking", rejected_by="test_mae")
loss_mistake = mistake(replaces="mae_loss", rejected_by="test_mae")


# --- patches --------------------------------------------------------------------------------


@patchify_mistake
def rest_cut_off(images, patch):
    """Rows and columns that do not fill a patch are dropped without a word."""
    if not isinstance(images, torch.Tensor) or images.ndim != 4:
        return patchify(images, patch)
    h, w = (side - side % patch for side in images.shape[2:])
    return patchify(images[:, :, :h, :w], patch)


@unpatchify_mistake
def taken_for_square(patches, patch, height, width):
    """Rows and columns of patches are swapped, which a square image does not show."""
    unpatchify(patches, patch, height, width)
    rows, columns = width // patch, height // patch
    tiles = patches.reshape(len(patches), rows, columns, patch, patch, -1)
    return tiles.permute(0, 5, 1, 3, 2, 4).reshape(len(patches), -1, height, width)


@unpatchify_mistake
def reshaped_back_alone(patches, patch, height, width):
    """Reshaped without a permutation."""
    unpatchify(patches, patch, height, width)
    return patches.reshape(len(patches), -1, height, width)


@unpatchify_mistake
def channels_taken_first(patches, patch, height, width):
    """The channels are read as if they came first in a patch."""
    unpatchify(patches, patch, height, width)
    tiles = patches.reshape(len(patches), height // patch, width // patch, -1, patch, patch)
    return tiles.permute(0, 3, 1, 4, 2, 5).reshape(len(patches), -1, height, width)


@unpatchify_mistake
def size_unchecked(patches, patch, height, width):
    """A wrong size with the right number of pixels gives a scrambled image."""
    if isinstance(patches, torch.Tensor) and patches.numel() % (height * width) == 0:
        return patches.reshape(len(patches), -1, height, width)
    return unpatchify(patches, patch, height, width)


# --- masks ----------------------------------------------------------------------------------


def shuffled(batch, patches, ratio, generator):
    """Do what the real function does first; return the shuffle and the number kept."""
    keep, _, restore = random_masking(batch, patches, ratio, generator)
    return restore.argsort(dim=1), keep.shape[1]


@masking_mistake
def rounded_by_floating_point(batch, patches, ratio, generator=None):
    """As in the official code: 100 patches at 0.9 leave 9, and 10 patches none."""
    shuffle, _ = shuffled(batch, patches, ratio, generator)
    kept = int(patches * (1 - ratio))
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@masking_mistake
def rounded_up(batch, patches, ratio, generator=None):
    """16 patches at 0.9 leave 2."""
    shuffle, _ = shuffled(batch, patches, ratio, generator)
    kept = round(patches * (1 - ratio))
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@masking_mistake
def nothing_removed_accepted(batch, patches, ratio, generator=None):
    """With a ratio of 0 there is nothing to rebuild."""
    return random_masking(batch, patches, ratio or 1 / max(patches, 2), generator)


# --- the loss -------------------------------------------------------------------------------


def errors(prediction, images, mask, patch, normalize):
    """Do what the real function does first; return the error of each patch."""
    mae_loss(prediction, images, mask, patch, normalize)
    target = patchify(images, patch)
    target = target.to(torch.promote_types(target.dtype, torch.float32))
    if normalize:
        variance, mean = torch.var_mean(target, dim=2, keepdim=True)
        target = (target - mean) / (variance + 1e-6).sqrt()
    return (prediction - target).square().mean(dim=2)


def masked(each, mask):
    """Return the right mean."""
    return (each * mask).sum() / mask.sum()


@loss_mistake
def mean_of_the_images(prediction, images, mask, patch, normalize=False):
    """A removed patch weighs more in an image where few were removed."""
    each = errors(prediction, images, mask, patch, normalize)
    return ((each * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)).mean() + 0 * masked(each, mask)


@loss_mistake
def normalized_by_default(prediction, images, mask, patch, normalize=True):
    """The default of another library."""
    return mae_loss(prediction, images, mask, patch, normalize)


@loss_mistake
def in_half_precision(prediction, images, mask, patch, normalize=False):
    """Squares of half-precision numbers overflow."""
    mae_loss(prediction, images, mask, patch, normalize)
    if prediction.dtype == images.dtype == torch.float16 or prediction.dtype == torch.bfloat16:
        each = (prediction - patchify(images, patch).to(prediction.dtype)).square().mean(dim=2)
        return masked(each, mask)
    return mae_loss(prediction, images, mask, patch, normalize)


@loss_mistake
def nothing_removed_is_zero(prediction, images, mask, patch, normalize=False):
    """An empty mask looks like a perfect model."""
    return mae_loss(prediction, images, mask, patch, normalize).nan_to_num(0.0)


@loss_mistake
def counts_as_a_mask(prediction, images, mask, patch, normalize=False):
    """A mask of numbers is accepted, so indices pass as weights."""
    if isinstance(mask, torch.Tensor) and mask.dtype != torch.bool:
        return masked(errors(prediction, images, mask > 0, patch, normalize), mask)
    return mae_loss(prediction, images, mask, patch, normalize)
