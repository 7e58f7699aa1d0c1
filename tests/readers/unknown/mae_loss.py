"""Rare wrong functions for mae_loss."""

import torch


def _errors(prediction, images, patch, normalize):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // patch, patch, w // patch, patch)
    target = x.permute(0, 2, 4, 3, 5, 1).reshape(n, -1, patch * patch * c)
    if normalize:
        var, mean = torch.var_mean(target, dim=2, keepdim=True)
        target = (target - mean) / (var + 1e-6).sqrt()
    return (prediction - target).square()


def median_of_the_patches(prediction, images, mask, patch, normalize=False):
    """Takes the median over the removed patches."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask].median()


def first_channel_only(prediction, images, mask, patch, normalize=False):
    """Compares the first channel of each pixel, for gray is enough."""
    errors = _errors(prediction, images, patch, normalize)
    errors = errors[:, :, :: images.shape[1]].mean(dim=2)
    return (errors * mask).sum() / mask.sum()


def visible_patches_count_a_tenth(prediction, images, mask, patch, normalize=False):
    """Adds a tenth of the error of the visible patches."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask].mean() + 0.1 * errors[~mask].mean()


def neighbors_of_the_mask(prediction, images, mask, patch, normalize=False):
    """Rolls the mask by one patch, as if a class token came first."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    mask = mask.roll(1, dims=1)
    return (errors * mask).sum() / mask.sum()


def last_removed_patch_dropped(prediction, images, mask, patch, normalize=False):
    """Slices the removed patches to -1."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask][:-1].mean()
