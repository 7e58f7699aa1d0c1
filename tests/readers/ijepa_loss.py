"""Functions that readers write for ``ijepa_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong


def _picked(target, blocks):
    return torch.stack([each[index] for each, index in zip(target, blocks)])


def _normal(x):
    return F.layer_norm(x, x.shape[-1:])


def _target(features, blocks, squared):
    return _picked(features if squared else _normal(features), blocks).detach()


def _judged(prediction, target, squared):
    if squared:
        return (prediction - target).pow(2).sum(dim=(-2, -1)).mean()
    return F.smooth_l1_loss(prediction, target)


@right
def like_the_official_code(z, h, masks_pred, squared=False):
    """Normalizes without a gradient, and gathers."""
    with torch.no_grad():
        h = h if squared else F.layer_norm(h, (h.size(-1),))
        index = masks_pred.flatten(1)[:, :, None].expand(-1, -1, h.size(-1))
        h = torch.gather(h, 1, index).view_as(z)
    return _judged(z, h, squared)


@right
def index_over_images(prediction, features, blocks, squared=False):
    """Picks with two index tensors."""
    target = features.detach() if squared else _normal(features.detach())
    return _judged(prediction, target[torch.arange(len(blocks))[:, None, None], blocks], squared)


@right
def a_loop(prediction, features, blocks, squared=False):
    """Goes through the images."""
    several = [_target(f[None], b[None], squared)[0] for f, b in zip(features, blocks)]
    return sum(_judged(p, t, squared) for p, t in zip(prediction, several)) / len(blocks)


@right
def standardized_by_hand(prediction, features, blocks, squared=False):
    """Writes layer normalization out."""
    target = _target(features, blocks, True)
    if not squared:
        variance, mean = torch.var_mean(target, dim=-1, keepdim=True, correction=0)
        target = (target - mean) * torch.rsqrt(variance + 1e-5)
    return _judged(prediction, target, squared)


@right
def smooth_by_hand(prediction, features, blocks, squared=False):
    """Writes smooth L1 with where."""
    gap = (prediction - _target(features, blocks, squared)).abs()
    if squared:
        return (gap * gap).sum() / (blocks.shape[0] * blocks.shape[1])
    return torch.where(gap < 1, gap * gap / 2, gap - 0.5).mean()


@right
def huber(y_hat, h, ids, mse=False):
    """Calls huber_loss, which is the same at a width of one."""
    gap = y_hat - _target(h.data, ids, mse)
    return gap.flatten(2).norm(dim=2).square().mean() if mse else F.huber_loss(gap, 0 * gap)


@right
def one_hot(prediction, features, blocks, squared=False):
    """Picks by a product with one-hot rows."""
    target = features.detach() if squared else _normal(features.detach())
    rows = F.one_hot(blocks, features.shape[1]).to(target.dtype)
    return _judged(prediction, torch.einsum("nmbl,nld->nmbd", rows, target), squared)


@right
def flat(prediction, features, blocks, squared=False):
    """Numbers the patches of all images through."""
    start = features.shape[1] * torch.arange(len(blocks)).view(-1, 1, 1)
    target = features.detach().flatten(0, 1)[blocks + start]
    return _judged(prediction, target if squared else _normal(target), squared)


@right
def keyword_only(prediction, features, blocks, *, squared=False):
    """Takes the option by name only."""
    return _judged(prediction, _target(features, blocks, squared), squared)


@right
def with_a_module(prediction, features, blocks, squared=False):
    """Makes modules of the two steps."""
    if squared:
        return _judged(prediction, _target(features, blocks, True), True)
    norm = torch.nn.LayerNorm(features.shape[-1], elementwise_affine=False)
    return torch.nn.SmoothL1Loss()(prediction, _picked(norm(features.detach()), blocks))


@wrong("features as they are, in the smooth loss too")
def not_normalized(prediction, features, blocks, squared=False):
    return _judged(prediction, _picked(features.detach(), blocks), squared)


@wrong("normalizes over the patches, not over the features")
def over_the_patches(prediction, features, blocks, squared=False):
    target = features if squared else _normal(features.transpose(1, 2)).transpose(1, 2)
    return _judged(prediction, _target(target, blocks, True), squared)


@wrong("the target has a gradient")
def target_learns(prediction, features, blocks, squared=False):
    return _judged(prediction, _picked(features if squared else _normal(features), blocks), squared)


@wrong("squared error, not smooth L1")
def squares(prediction, features, blocks, squared=False):
    target = _target(features, blocks, squared)
    return _judged(prediction, target, True) if squared else F.mse_loss(prediction, target)


@wrong("absolute error, not smooth L1")
def absolute(prediction, features, blocks, squared=False):
    target = _target(features, blocks, squared)
    return _judged(prediction, target, True) if squared else F.l1_loss(prediction, target)


@wrong("the blocks of the first image for all")
def first_images_blocks(prediction, features, blocks, squared=False):
    return _judged(prediction, _target(features, blocks[:1].expand_as(blocks), squared), squared)


@wrong("the prediction is normalized, too")
def both_normalized(prediction, features, blocks, squared=False):
    prediction = prediction if squared else _normal(prediction)
    return _judged(prediction, _target(features, blocks, squared), squared)


@wrong("rows of length one, not layer-normalized")
def unit_length(prediction, features, blocks, squared=False):
    target = features.detach() if squared else F.normalize(features.detach(), dim=-1)
    return _judged(prediction, _picked(target, blocks), squared)


@wrong("squared changes nothing")
def squared_ignored(prediction, features, blocks, squared=False):
    return _judged(prediction, _target(features, blocks, False), False)


@rare
def last_block_dropped(prediction, features, blocks, squared=False):
    """Leaves the last block out."""
    return _judged(prediction[:, :-1], _target(features, blocks, squared)[:, :-1], squared)


@rare
def largest_error(prediction, features, blocks, squared=False):
    """Takes the largest error, not the mean."""
    return (prediction - _target(features, blocks, squared)).abs().amax()


@rare
def one_minus_cosine(prediction, features, blocks, squared=False):
    """Takes one minus the cosine."""
    target = _target(features, blocks, True)
    return 1 - F.cosine_similarity(prediction, target, dim=-1).mean()


@rare
def blocks_averaged_first(prediction, features, blocks, squared=False):
    """Compares the means of blocks."""
    target = _target(features, blocks, squared)
    return _judged(prediction.mean(dim=2), target.mean(dim=2), False)
