"""Honest wrong attempts at mae_loss."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "all_patches_count": "the mask is not used: all patches count",
    "visible_patches_count": "mask turned round: the visible patches count",
    "divides_by_all_patches": "divides by all patches, not by the removed ones",
    "sum_over_the_pixels": "sum over the pixels of a patch, not their mean",
    "channels_come_first": "pixels of a patch in another order: channels first",
    "reshape_without_permute": "patches cut wrongly: reshape without permute",
    "columns_before_rows": "patches in another order: column by column",
    "rows_and_columns_exchanged": "pixels of a patch are transposed",
    "absolute_error": "absolute error, not squared",
    "root_of_the_error": "takes the root of the error",
    "mean_of_each_image": "convention: mean of each image first",
    "normalizes_the_image": "normalizes with the image's mean, not each patch's",
    "normalizes_over_the_patches": "normalized over the wrong axis (patches)",
    "normalizes_the_prediction_too": "the prediction is normalized too",
    "normalize_is_ignored": "normalize is not used",
    "always_normalizes": "normalizes always",
    "divides_by_the_variance": "divides by the variance, not its root",
    "only_subtracts_the_mean": "the standard deviation is missing in normalize",
    "population_variance": "the variance divides by P, not P - 1",
    "small_number_after_the_root": "convention: small number after the root",
    "layer_norm": "population variance and a larger small number, by layer_norm",
    "masks_the_inputs_only": "divides by all entries: mse of masked tensors",
    "compares_with_images": "raises: compares patches with whole images",
    "detaches_the_prediction": "no gradient: the prediction is detached",
    "normalizes_in_place": "mutates its input: normalizes the images in place",
    "visible_and_summed": "two: visible patches, and a sum over pixels",
    "forgets_to_return": "returns None",
}


def _patchify(images, p):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // p, p, w // p, p)
    x = torch.einsum("nchpwq->nhwpqc", x)
    return x.reshape(n, (h // p) * (w // p), p * p * c)


def _normalized(target):
    mean = target.mean(dim=-1, keepdim=True)
    var = target.var(dim=-1, keepdim=True)
    return (target - mean) / (var + 1e-6) ** 0.5


def all_patches_count(prediction, images, mask, patch, normalize=False):
    """Believes an autoencoder rebuilds everything."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    return ((prediction - target) ** 2).mean()


def visible_patches_count(prediction, images, mask, patch, normalize=False):
    """Believes True means visible."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    visible = (~mask).float()
    return (loss * visible).sum() / visible.sum()


def divides_by_all_patches(prediction, images, mask, patch, normalize=False):
    """Believes mean() after the mask is the mean over the removed."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).mean()


def sum_over_the_pixels(prediction, images, mask, patch, normalize=False):
    """Believes the squared norm is the error of a patch."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).sum(dim=-1)
    return (loss * mask).sum() / mask.sum()


def channels_come_first(prediction, images, mask, patch, normalize=False):
    """Believes in F.unfold, which puts the channels first."""
    target = F.unfold(images, kernel_size=patch, stride=patch).transpose(1, 2)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).pow(2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def reshape_without_permute(prediction, images, mask, patch, normalize=False):
    """Believes a reshape to the right shape cuts patches."""
    n, c, h, w = images.shape
    target = images.reshape(n, (h // patch) * (w // patch), patch * patch * c)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).pow(2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def columns_before_rows(prediction, images, mask, patch, normalize=False):
    """Believes patches are numbered down the columns."""
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // patch, patch, w // patch, patch)
    target = x.permute(0, 4, 2, 3, 5, 1).reshape(n, -1, patch * patch * c)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).pow(2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def rows_and_columns_exchanged(prediction, images, mask, patch, normalize=False):
    """Believes the two axes of a square patch can be swapped."""
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // patch, patch, w // patch, patch)
    target = x.permute(0, 2, 4, 5, 3, 1).reshape(n, -1, patch * patch * c)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).pow(2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def absolute_error(prediction, images, mask, patch, normalize=False):
    """Believes the E of MAE stands for an error, the mean absolute error."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).abs().mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def root_of_the_error(prediction, images, mask, patch, normalize=False):
    """Believes the root mean square is reported."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    return torch.sqrt(F.mse_loss(prediction[mask], target[mask]))


def mean_of_each_image(prediction, images, mask, patch, normalize=False):
    """Believes each image has the same weight."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return ((loss * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)).mean()


def normalizes_the_image(prediction, images, mask, patch, normalize=False):
    """Believes normalizing is a matter of the whole image."""
    if normalize:
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        var = images.var(dim=(1, 2, 3), keepdim=True)
        images = (images - mean) / (var + 1e-6).sqrt()
    target = _patchify(images, patch)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def normalizes_over_the_patches(prediction, images, mask, patch, normalize=False):
    """Believes dim=1 holds the pixels."""
    target = _patchify(images, patch)
    if normalize:
        var, mean = torch.var_mean(target, dim=1, keepdim=True)
        target = (target - mean) / torch.sqrt(var + 1e-6)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def normalizes_the_prediction_too(prediction, images, mask, patch, normalize=False):
    """Believes both sides must be in the same units."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
        prediction = _normalized(prediction)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def normalize_is_ignored(prediction, images, mask, patch, normalize=False):
    """Believes the option can wait."""
    target = _patchify(images, patch)
    return F.mse_loss(prediction[mask], target[mask])


def always_normalizes(prediction, images, mask, patch, normalize=True):
    """Believes normalized pixels are what MAE predicts."""
    target = _normalized(_patchify(images, patch))
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def divides_by_the_variance(prediction, images, mask, patch, normalize=False):
    """Believes var is the standard deviation."""
    target = _patchify(images, patch)
    if normalize:
        mean = target.mean(dim=-1, keepdim=True)
        var = target.var(dim=-1, keepdim=True)
        target = (target - mean) / (var + 1e-6)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def only_subtracts_the_mean(prediction, images, mask, patch, normalize=False):
    """Believes to normalize is to center."""
    target = _patchify(images, patch)
    if normalize:
        target = target - target.mean(dim=-1, keepdim=True)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def population_variance(prediction, images, mask, patch, normalize=False):
    """Believes a variance divides by the number of pixels."""
    target = _patchify(images, patch)
    if normalize:
        centered = target - target.mean(dim=-1, keepdim=True)
        var = (centered**2).mean(dim=-1, keepdim=True)
        target = centered / (var + 1e-6).sqrt()
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def small_number_after_the_root(prediction, images, mask, patch, normalize=False):
    """Believes the small number belongs to the standard deviation."""
    target = _patchify(images, patch)
    if normalize:
        mean = target.mean(dim=-1, keepdim=True)
        target = (target - mean) / (target.std(dim=-1, keepdim=True) + 1e-6)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def layer_norm(prediction, images, mask, patch, normalize=False):
    """Believes layer_norm does just that."""
    target = _patchify(images, patch)
    if normalize:
        target = F.layer_norm(target, target.shape[-1:])
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def masks_the_inputs_only(prediction, images, mask, patch, normalize=False):
    """Believes zeros on both sides do not count in a mean."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    m = mask.unsqueeze(-1).to(target.dtype)
    return F.mse_loss(prediction * m, target * m)


def compares_with_images(prediction, images, mask, patch, normalize=False):
    """Believes the prediction has the shape of the images."""
    if normalize:
        images = (images - images.mean()) / images.std()
    loss = (prediction - images) ** 2
    return (loss * mask).sum() / mask.sum()


def detaches_the_prediction(prediction, images, mask, patch, normalize=False):
    """Believes with no_grad around the target that it stays outside of the loss."""
    with torch.no_grad():
        target = _patchify(images, patch)
        if normalize:
            target = _normalized(target)
        loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def normalizes_in_place(prediction, images, mask, patch, normalize=False):
    """Believes patches can be written back into the images that they came from."""
    n, c, h, w = images.shape
    with torch.no_grad():
        for i in range(n if normalize else 0):
            for y in range(0, h, patch):
                for x in range(0, w, patch):
                    tile = images[i, :, y : y + patch, x : x + patch]
                    std = (tile.var() + 1e-6).sqrt()
                    tile -= tile.mean()
                    tile /= std
    target = _patchify(images, patch)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


def visible_and_summed(prediction, images, mask, patch, normalize=False):
    """Believes the mask is 1 where the encoder looks, and sums up."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    seen = 1 - mask.to(target.dtype)
    loss = torch.einsum("nlp,nl->", (prediction - target) ** 2, seen)
    return loss / seen.sum()


def forgets_to_return(prediction, images, mask, patch, normalize=False):
    """Believes the loss is stored somewhere."""
    target = _patchify(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    loss = (loss * mask).sum() / mask.sum()
