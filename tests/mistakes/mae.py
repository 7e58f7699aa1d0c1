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
def reshape_alone(images, patch):
    """A reshape without a permutation cuts strips of a row, not squares."""
    patchify(images, patch)
    return images.reshape(len(images), -1, patch * patch * images.shape[1])


@patchify_mistake
def patches_down_the_columns(images, patch):
    """The second patch lies below the first, so a square image comes back transposed."""
    patchify(images, patch)
    n, c, h, w = images.shape
    tiles = images.reshape(n, c, h // patch, patch, w // patch, patch)
    return tiles.permute(0, 4, 2, 3, 5, 1).reshape(n, -1, patch * patch * c)


@patchify_mistake
def pixels_down_the_columns(images, patch):
    """Inside a patch the pixels are transposed."""
    patchify(images, patch)
    n, c, h, w = images.shape
    tiles = images.reshape(n, c, h // patch, patch, w // patch, patch)
    return tiles.permute(0, 2, 4, 5, 3, 1).reshape(n, -1, patch * patch * c)


@patchify_mistake
def channels_first(images, patch):
    """One channel after the other, as ``unfold`` returns them: unpatchify mixes the colors."""
    patchify(images, patch)
    unfolded = torch.nn.functional.unfold(images, patch, stride=patch)
    return unfolded.transpose(1, 2)


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
def restores_with_the_shuffle(batch, patches, ratio, generator=None):
    """The shuffle itself, not its inverse: patches go to wrong places and the loss still falls."""
    keep, mask, restore = random_masking(batch, patches, ratio, generator)
    return keep, mask, restore.argsort(dim=1)


@masking_mistake
def mask_in_shuffled_order(batch, patches, ratio, generator=None):
    """The mask is not put back in image order: it always marks the last patches."""
    keep, mask, restore = random_masking(batch, patches, ratio, generator)
    return keep, mask.sort(dim=1).values, restore


@masking_mistake
def mask_marks_the_visible(batch, patches, ratio, generator=None):
    """One for kept, zero for removed: the loss trains a copy of what the encoder sees."""
    keep, mask, restore = random_masking(batch, patches, ratio, generator)
    return keep, ~mask, restore


@masking_mistake
def ratio_is_what_stays(batch, patches, ratio, generator=None):
    """The ratio is taken for the share to keep."""
    keep, mask, restore = random_masking(batch, patches, ratio, generator)
    keep, mask, restore = random_masking(batch, patches, 1 - ratio, generator)
    return keep, mask, restore


@masking_mistake
def one_mask_for_the_batch(batch, patches, ratio, generator=None):
    """All images share a mask."""
    drawn = random_masking(batch, patches, ratio, generator)
    return tuple(part[:1].expand(batch, -1) for part in drawn)


@masking_mistake
def each_patch_on_its_own(batch, patches, ratio, generator=None):
    """A coin for each patch: the number kept varies, and is cut to the length that must hold."""
    shuffle, kept = shuffled(batch, patches, ratio, generator)
    mask = torch.rand(batch, patches, generator=generator) < ratio
    return shuffle[:, :kept], mask, shuffle.argsort(dim=1)


@masking_mistake
def a_block_is_removed(batch, patches, ratio, generator=None):
    """Neighbors are removed together, which is another pretext task."""
    keep, _, _ = random_masking(batch, patches, ratio, generator)
    start = torch.randint(patches, (batch, 1), generator=generator)
    shuffle = (start + torch.arange(patches)) % patches
    restore = shuffle.argsort(dim=1)
    return shuffle[:, : keep.shape[1]], restore >= keep.shape[1], restore


@masking_mistake
def drawn_with_replacement(batch, patches, ratio, generator=None):
    """Random integers repeat: some patches are encoded twice."""
    keep, mask, restore = random_masking(batch, patches, ratio, generator)
    return torch.randint(patches, keep.shape, generator=generator), mask, restore


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
def generator_ignored(batch, patches, ratio, generator=None):
    """Numbers come from the global generator, so a resumed run draws other masks."""
    return random_masking(batch, patches, ratio)


@masking_mistake
def always_the_same_masks(batch, patches, ratio, generator=None):
    """A generator made inside starts anew at each call."""
    return random_masking(batch, patches, ratio, torch.Generator().manual_seed(0))


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
def averaged_over_all_tokens(prediction, images, mask, patch, normalize=False):
    """The error of the removed patches over the number of all: 0.75 of the value."""
    return (errors(prediction, images, mask, patch, normalize) * mask).mean()


@loss_mistake
def all_patches_count(prediction, images, mask, patch, normalize=False):
    """Visible patches are rebuilt too."""
    return errors(prediction, images, mask, patch, normalize).mean() + 0 * masked(
        errors(prediction, images, mask, patch, normalize), mask
    )


@loss_mistake
def visible_patches_count(prediction, images, mask, patch, normalize=False):
    """The mask is read the other way around."""
    return masked(errors(prediction, images, mask, patch, normalize), ~mask)


@loss_mistake
def mean_of_the_images(prediction, images, mask, patch, normalize=False):
    """A removed patch weighs more in an image where few were removed."""
    each = errors(prediction, images, mask, patch, normalize)
    return ((each * mask).sum(dim=1) / mask.sum(dim=1).clamp_min(1)).mean() + 0 * masked(each, mask)


@loss_mistake
def summed_over_pixels(prediction, images, mask, patch, normalize=False):
    """P times the value: the loss grows with the patch."""
    each = errors(prediction, images, mask, patch, normalize)
    return masked(each, mask) * prediction.shape[2]


@loss_mistake
def absolute_error(prediction, images, mask, patch, normalize=False):
    """The name is taken literally: mean absolute error."""
    mae_loss(prediction, images, mask, patch, normalize)
    return masked((prediction - patchify(images, patch)).abs().mean(dim=2), mask)


@loss_mistake
def normalize_ignored(prediction, images, mask, patch, normalize=False):
    """Raw pixels in either case."""
    mae_loss(prediction, images, mask, patch, normalize)
    return mae_loss(prediction, images, mask, patch)


@loss_mistake
def normalized_by_default(prediction, images, mask, patch, normalize=True):
    """The default of another library."""
    return mae_loss(prediction, images, mask, patch, normalize)


@loss_mistake
def biased_variance(prediction, images, mask, patch, normalize=False):
    """Divided by P, not P - 1: predicting 0 costs exactly 1."""
    if not normalize:
        return mae_loss(prediction, images, mask, patch)
    errors(prediction, images, mask, patch, True)
    target = patchify(images, patch).to(torch.promote_types(images.dtype, torch.float32))
    variance, mean = torch.var_mean(target, dim=2, keepdim=True, correction=0)
    target = (target - mean) / (variance + 1e-6).sqrt()
    return masked((prediction - target).square().mean(dim=2), mask)


@loss_mistake
def flat_patches_divided_by_zero(prediction, images, mask, patch, normalize=False):
    """No 1e-6 under the root: a patch of sky is 0/0."""
    if not normalize:
        return mae_loss(prediction, images, mask, patch)
    errors(prediction, images, mask, patch, True)
    target = patchify(images, patch).to(torch.promote_types(images.dtype, torch.float32))
    variance, mean = torch.var_mean(target, dim=2, keepdim=True)
    return masked((prediction - (target - mean) / variance.sqrt()).square().mean(dim=2), mask)


@loss_mistake
def normalized_over_the_image(prediction, images, mask, patch, normalize=False):
    """Mean and deviation of the whole image, not of each patch."""
    mae_loss(prediction, images, mask, patch, normalize)
    if normalize:
        wide = images.to(torch.promote_types(images.dtype, torch.float32))
        variance, mean = torch.var_mean(wide, dim=(1, 2, 3), keepdim=True)
        images = (wide - mean) / (variance + 1e-6).sqrt()
    return mae_loss(prediction, images, mask, patch)


@loss_mistake
def prediction_normalized_too(prediction, images, mask, patch, normalize=False):
    """The model is not asked for the units it must predict in."""
    mae_loss(prediction, images, mask, patch, normalize)
    if normalize:
        wide = prediction.to(torch.promote_types(prediction.dtype, torch.float32))
        variance, mean = torch.var_mean(wide, dim=2, keepdim=True)
        prediction = (wide - mean) / (variance + 1e-6).sqrt()
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


@loss_mistake
def prediction_detached(prediction, images, mask, patch, normalize=False):
    """The value is right and nothing is learned."""
    mae_loss(prediction, images, mask, patch, normalize)
    return mae_loss(prediction.detach(), images, mask, patch, normalize) + 0 * prediction.sum()
