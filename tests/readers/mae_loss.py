"""Functions that readers write for ``mae_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, with_options, wrong


def _patchify(images, p):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // p, p, w // p, p)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


@right
def like_the_official_code(pred, imgs, mask, p, norm_pix_loss=False):
    """Follows the official code and its names."""
    h, w = imgs.shape[2] // p, imgs.shape[3] // p
    target = imgs.reshape(imgs.shape[0], imgs.shape[1], h, p, w, p)
    target = torch.einsum("nchpwq->nhwpqc", target)
    target = target.reshape(imgs.shape[0], h * w, p**2 * imgs.shape[1])
    if norm_pix_loss:
        mean = target.mean(dim=-1, keepdim=True)
        var = target.var(dim=-1, keepdim=True)
        target = (target - mean) / (var + 1.0e-6) ** 0.5
    loss = (pred - target) ** 2
    loss = loss.mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@right
def boolean_selection(prediction, images, mask, patch, normalize=False):
    """Selects the removed patches first and calls mse_loss."""
    target = _patchify(images, patch)[mask]
    if normalize:
        var, mean = torch.var_mean(target, dim=1, keepdim=True)
        target = (target - mean) * torch.rsqrt(var + 1e-6)
    return F.mse_loss(prediction[mask], target)


@right
def unfolded(prediction, images, mask, patch, normalize=False):
    """Cuts with unfold and moves the channels behind the pixels."""
    n, c = images.shape[:2]
    target = F.unfold(images, patch, stride=patch)
    target = target.view(n, c, patch * patch, -1).permute(0, 3, 2, 1)
    target = target.reshape(n, target.shape[1], -1)
    if normalize:
        target = target - target.mean(-1, keepdim=True)
        spread = target.square().sum(-1, keepdim=True) / (target.shape[-1] - 1)
        target = target / torch.sqrt(spread + 1e-6)
    squares = (prediction - target).square()
    return torch.einsum("nlp,nl->", squares, mask.to(squares.dtype)) / (
        mask.sum() * squares.shape[-1]
    )


@right
def in_image_space(prediction, images, mask, patch, normalize=False):
    """Puts the prediction together as images and spreads the mask over pixels."""
    n, c, h, w = images.shape
    rows, columns = h // patch, w // patch
    tiles = prediction.view(n, rows, columns, patch, patch, c)
    guess = tiles.permute(0, 5, 1, 3, 2, 4).reshape(n, c, h, w)
    if normalize:
        x = images.view(n, c, rows, patch, columns, patch)
        var, mean = torch.var_mean(x, dim=(1, 3, 5), keepdim=True)
        images = ((x - mean) / (var + 1e-6).sqrt()).view(n, c, h, w)
    where = mask.view(n, 1, rows, columns)
    where = where.repeat_interleave(patch, 2).repeat_interleave(patch, 3)
    errors = (guess - images).pow(2) * where
    return errors.sum() / (where.sum() * c)


@right
def with_tensor_unfold(prediction, images, mask, patch, normalize=False):
    """Cuts with Tensor.unfold and sums with where."""
    tiles = images.unfold(2, patch, patch).unfold(3, patch, patch)
    target = tiles.permute(0, 2, 3, 4, 5, 1).flatten(1, 2).flatten(2)
    if normalize:
        std = (target.var(dim=2, keepdim=True) + 1e-6).sqrt()
        target = (target - target.mean(dim=2, keepdim=True)) / std
    squares = F.mse_loss(prediction, target, reduction="none")
    kept = torch.where(mask.unsqueeze(2), squares, 0.0)
    return kept.sum() / (int(mask.sum()) * squares.shape[2])


in_double(__name__)
by_position(__name__, "y x m p n")


@right
def keyword_only(prediction, images, mask, *, patch, normalize=False):
    """Takes the patch and the option by name only."""

    def standardized(rows):
        d = rows - rows.mean(dim=-1, keepdim=True)
        v = (d * d).sum(dim=-1, keepdim=True) / (rows.shape[-1] - 1)
        return d / (v + 1e-6).sqrt()

    target = _patchify(images, patch)
    target = standardized(target) if normalize else target
    difference = (prediction - target) * mask[..., None]
    return difference.norm() ** 2 / (mask.sum() * target.shape[-1])


with_options(__name__, eps=1e-06, reduction="mean")


@right
def weights_that_sum_to_one(prediction, images, mask, patch, normalize=False):
    """Turns the mask into weights and expands the square."""
    target = _patchify(images, patch)
    if normalize:
        var, mean = torch.var_mean(target, dim=2, keepdim=True)
        target = (target - mean) / (var + 1e-6).sqrt()
    weight = mask.to(target.dtype)
    weight = weight / weight.sum()
    gap = (prediction - target).flatten(0, 1)
    return (gap * gap).mean(dim=1) @ weight.flatten()


def _patchify_wrong(images, p):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // p, p, w // p, p)
    x = torch.einsum("nchpwq->nhwpqc", x)
    return x.reshape(n, (h // p) * (w // p), p * p * c)


def _normalized(target):
    mean = target.mean(dim=-1, keepdim=True)
    var = target.var(dim=-1, keepdim=True)
    return (target - mean) / (var + 1e-6) ** 0.5


@wrong("the mask is not used: all patches count")
def all_patches_count(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = _normalized(target)
    return ((prediction - target) ** 2).mean()


@wrong("divides by all patches, not by the removed ones")
def divides_by_all_patches(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = _normalized(target)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).mean()


@wrong("pixels of a patch in another order: channels first")
def channels_come_first(prediction, images, mask, patch, normalize=False):
    target = F.unfold(images, kernel_size=patch, stride=patch).transpose(1, 2)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).pow(2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@wrong("absolute error, not squared")
def absolute_error(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = _normalized(target)
    loss = (prediction - target).abs().mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@wrong("takes the root of the error")
def root_of_the_error(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = _normalized(target)
    return torch.sqrt(F.mse_loss(prediction[mask], target[mask]))


@wrong("normalize is not used")
def normalize_is_ignored(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    return F.mse_loss(prediction[mask], target[mask])


@wrong("normalizes always")
def always_normalizes(prediction, images, mask, patch, normalize=True):
    target = _normalized(_patchify_wrong(images, patch))
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@wrong("the standard deviation is missing in normalize")
def only_subtracts_the_mean(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = target - target.mean(dim=-1, keepdim=True)
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@wrong("population variance and a larger small number, by layer_norm")
def layer_norm(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = F.layer_norm(target, target.shape[-1:])
    loss = ((prediction - target) ** 2).mean(dim=-1)
    return (loss * mask).sum() / mask.sum()


@wrong("raises: compares patches with whole images")
def compares_with_images(prediction, images, mask, patch, normalize=False):
    if normalize:
        images = (images - images.mean()) / images.std()
    loss = (prediction - images) ** 2
    return (loss * mask).sum() / mask.sum()


@wrong("two: visible patches, and a sum over pixels")
def visible_and_summed(prediction, images, mask, patch, normalize=False):
    target = _patchify_wrong(images, patch)
    if normalize:
        target = _normalized(target)
    seen = 1 - mask.to(target.dtype)
    loss = torch.einsum("nlp,nl->", (prediction - target) ** 2, seen)
    return loss / seen.sum()


def _errors(prediction, images, patch, normalize):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // patch, patch, w // patch, patch)
    target = x.permute(0, 2, 4, 3, 5, 1).reshape(n, -1, patch * patch * c)
    if normalize:
        var, mean = torch.var_mean(target, dim=2, keepdim=True)
        target = (target - mean) / (var + 1e-6).sqrt()
    return (prediction - target).square()


@rare
def median_of_the_patches(prediction, images, mask, patch, normalize=False):
    """Takes the median over the removed patches."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask].median()


@rare
def first_channel_only(prediction, images, mask, patch, normalize=False):
    """Compares the first channel of each pixel, for gray is enough."""
    errors = _errors(prediction, images, patch, normalize)
    errors = errors[:, :, :: images.shape[1]].mean(dim=2)
    return (errors * mask).sum() / mask.sum()


@rare
def visible_patches_count_a_tenth(prediction, images, mask, patch, normalize=False):
    """Adds a tenth of the error of the visible patches."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask].mean() + 0.1 * errors[~mask].mean()


@rare
def last_removed_patch_dropped(prediction, images, mask, patch, normalize=False):
    """Slices the removed patches to -1."""
    errors = _errors(prediction, images, patch, normalize).mean(dim=2)
    return errors[mask][:-1].mean()
