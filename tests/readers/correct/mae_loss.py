"""Correct functions for mae_loss in many styles."""

import torch
import torch.nn.functional as F


def _patchify(images, p):
    n, c, h, w = images.shape
    x = images.reshape(n, c, h // p, p, w // p, p)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


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


def boolean_selection(prediction, images, mask, patch, normalize=False):
    """Selects the removed patches first and calls mse_loss."""
    target = _patchify(images, patch)[mask]
    if normalize:
        var, mean = torch.var_mean(target, dim=1, keepdim=True)
        target = (target - mean) * torch.rsqrt(var + 1e-6)
    return F.mse_loss(prediction[mask], target)


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


def patch_by_patch(prediction, images, mask, patch, normalize=False):
    """Loops over the images and over the corners of their patches."""
    n, _, h, w = images.shape
    total, count = 0, 0
    for i in range(n):
        index = 0
        for y in range(0, h, patch):
            for x in range(0, w, patch):
                if mask[i, index]:
                    tile = images[i, :, y : y + patch, x : x + patch]
                    pixels = tile.permute(1, 2, 0).reshape(-1)
                    if normalize:
                        scale = (pixels.var() + 1e-6).sqrt()
                        pixels = (pixels - pixels.mean()) / scale
                    total = total + ((prediction[i, index] - pixels) ** 2).mean()
                    count += 1
                index += 1
    return total / count


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


def double_inside(prediction, images, mask, patch, normalize=False):
    """Computes in float64 and returns the dtype that came in."""
    target = _patchify(images.double(), patch)
    if normalize:
        var, mean = torch.var_mean(target, dim=-1, keepdim=True)
        target = (target - mean) / (var + 1e-6).sqrt()
    rows = (prediction.double() - target)[mask]
    return (rows.square().sum() / rows.numel()).to(prediction.dtype)


def positional_only(y, x, m, p, n=False, /):
    """Has positional-only arguments with short names."""
    t = _patchify(x, p)
    if n:
        t = (t - t.mean(2, True)) / (t.var(2, keepdim=True) + 1e-6).pow(0.5)
    return ((y - t) ** 2).mean(2).masked_select(m).mean()


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


def more_options(prediction, images, mask, patch, normalize=False, eps=1e-6, reduction="mean"):
    """Has more optional arguments, whose defaults change nothing."""
    target = _patchify(images, patch)
    if normalize:
        var, mean = torch.var_mean(target, dim=2, keepdim=True, correction=1)
        target = (target - mean) / torch.sqrt(var + eps)
    errors = (prediction - target).square().mean(dim=2)[mask]
    return errors.mean() if reduction == "mean" else errors


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


class _MaskedError(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def forward(self, prediction, images, mask, patch, normalize=False):
        cut = torch.nn.PixelUnshuffle(patch)
        n, c = images.shape[:2]
        target = cut(images).view(n, c, patch * patch, -1).permute(0, 3, 2, 1)
        target = target.flatten(2)
        if normalize:
            var, mean = torch.var_mean(target, dim=2, keepdim=True)
            target = (target - mean) / (var + 1e-6).sqrt()
        return (target[mask] - prediction[mask]).square().mean()


callable_object = _MaskedError()
