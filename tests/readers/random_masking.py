"""Functions that readers write for ``random_masking``: right, wrong and rare ones."""

import torch
from proofs.readers import by_position, rare, right, wrong


@right
def like_the_official_code(batch, patches, ratio, generator=None):
    """Gathers a mask of 0 and 1 into image order and makes it boolean."""
    len_keep = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    ids_shuffle = torch.argsort(noise, dim=1)
    ids_restore = torch.argsort(ids_shuffle, dim=1)
    ids_keep = ids_shuffle[:, :len_keep]
    mask = torch.ones([batch, patches])
    mask[:, :len_keep] = 0
    mask = torch.gather(mask, dim=1, index=ids_restore)
    return ids_keep, mask.bool(), ids_restore


@right
def permutation_of_each_image(batch, patches, ratio, generator=None):
    """Calls randperm once an image and inverts by assignment."""
    kept = int(round(patches * (1 - ratio), 6))
    shuffle = torch.stack([torch.randperm(patches, generator=generator) for _ in range(batch)])
    restore = torch.empty_like(shuffle)
    for i in range(batch):
        restore[i, shuffle[i]] = torch.arange(patches)
    return shuffle[:, :kept], restore >= kept, restore


@right
def scattered_inverse(batch, patches, ratio, generator=None):
    """Inverts the shuffle with scatter and marks the removed places."""
    kept = int(patches - patches * ratio + 1e-6)
    noise = torch.randn(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1, descending=True)
    places = torch.arange(patches).expand(batch, -1)
    restore = torch.zeros_like(shuffle).scatter_(1, shuffle, places)
    mask = torch.zeros(batch, patches, dtype=torch.bool)
    mask.scatter_(1, shuffle[:, kept:], True)
    return shuffle[:, :kept], mask, restore


@right
def weighted_draw(batch, patches, ratio, generator=None):
    """Draws all patches without replacement with multinomial."""
    kept = int((1 - ratio) * patches + 1e-6)
    shuffle = torch.ones(batch, patches).multinomial(
        patches, replacement=False, generator=generator
    )
    restore = shuffle.argsort(dim=-1)
    return shuffle.narrow(1, 0, kept), restore.ge(kept), restore


@right
def ranks_by_comparison(batch, patches, ratio, generator=None):
    """Counts for each patch how many others drew a smaller number."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator, dtype=torch.float64)
    restore = (noise[:, None, :] < noise[:, :, None]).sum(dim=2)
    shuffle = noise.sort(dim=1).indices
    return shuffle[:, :kept], restore >= kept, restore


@right
def largest_numbers_stay(batch, patches, ratio, generator=None):
    """Takes the kept patches with topk and puts the others behind."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    order = noise.topk(patches, dim=1).indices
    keep, removed = order.split([kept, patches - kept], dim=1)
    mask = torch.ones_like(noise, dtype=torch.bool).scatter(1, keep, False)
    restore = torch.cat([keep, removed], dim=1).argsort(dim=1)
    return keep, mask, restore


@right
def double_inside(batch, patches, ratio, generator=None):
    """Draws in float64, on the device of the generator."""
    device = generator.device if generator is not None else "cpu"
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.empty(batch, patches, dtype=torch.float64, device=device)
    noise.uniform_(generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    visible = torch.zeros(batch, patches, dtype=torch.bool, device=device)
    for i in range(kept):
        visible |= restore == i
    return shuffle[:, :kept], ~visible, restore


by_position(__name__, "n length r g")


@right
def keyword_only(*, batch, patches, ratio, generator=None):
    """Takes all arguments by name only."""

    def one_image():
        order = torch.randperm(patches, generator=generator)
        back = order.argsort()
        return order[:kept], back >= kept, back

    kept = int(patches * (1 - ratio) + 1e-6)
    keep, mask, restore = zip(*(one_image() for _ in range(batch)), strict=True)
    return torch.stack(keep), torch.stack(mask), torch.stack(restore)


@right
def more_options(batch, patches, ratio, generator=None, noise=None, dtype=torch.bool):
    """Can be given the noise and another dtype of the mask."""
    if noise is None:
        noise = torch.rand(batch, patches, generator=generator)
    removed = -int(-(patches * ratio - 1e-6) // 1)
    kept = patches - removed
    shuffle = noise.argsort(dim=1, stable=True)
    restore = shuffle.argsort(dim=1)
    mask = (restore >= kept).to(dtype)
    return shuffle[:, :kept], mask, restore


@wrong("restore is the shuffle itself, not its inverse")
def restore_is_the_shuffle(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.rand(batch, patches, generator=generator).argsort(dim=1)
    mask = torch.ones(batch, patches, dtype=torch.bool)
    mask.scatter_(1, shuffle[:, :kept], False)
    return shuffle[:, :kept], mask, shuffle


@wrong("the mask compares the shuffle, not restore")
def mask_from_the_shuffle(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], shuffle >= kept, restore


@wrong("the ratio is taken for the share that is kept")
def ratio_is_kept(batch, patches, ratio, generator=None):
    kept = int(patches * ratio + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@wrong("independent coins: the count of removed patches varies")
def coin_for_each_patch(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    mask = torch.rand(batch, patches, generator=generator) < ratio
    order = mask.int().argsort(dim=1, stable=True)
    return order[:, :kept], mask, order.argsort(dim=1)


@wrong("the generator is not used")
def ignores_the_generator(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.rand(batch, patches).argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@wrong("not random: the first patches are kept")
def no_shuffle(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.arange(patches).repeat(batch, 1)
    return shuffle[:, :kept], shuffle >= kept, shuffle.clone()


@wrong("removes a block of neighbors, not single patches")
def random_block(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    start = torch.randint(patches, (batch, 1), generator=generator)
    shuffle = (torch.arange(patches) + start) % patches
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@wrong("the results come in another order")
def returns_in_another_order(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return restore >= kept, shuffle[:, :kept], restore


@wrong("rounds the number of kept patches up")
def rounds_up(batch, patches, ratio, generator=None):
    kept = patches - int(patches * ratio + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@wrong("convention: truncation of the official code")
def truncates_in_floating_point(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio))
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@wrong("wrong shape: no axis of the batch in the mask")
def mask_of_one_image(batch, patches, ratio, generator=None):
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.randperm(patches, generator=generator)
    restore = shuffle.argsort()
    return shuffle[:kept], restore >= kept, restore


def _results(noise, kept):
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


@rare
def first_patch_always_kept(batch, patches, ratio, generator=None):
    """Treats the first patch as a class token, which is never removed."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    noise[:, 0] = -1
    return _results(noise, kept)


@rare
def middle_kept_more_often(batch, patches, ratio, generator=None):
    """Adds noise to the distance from the middle: edges are removed more often."""
    kept = int(patches * (1 - ratio) + 1e-6)
    distance = torch.linspace(-1, 1, patches).abs()
    noise = torch.rand(batch, patches, generator=generator)
    return _results(noise + distance, kept)


@rare
def neighbors_share_a_mask(batch, patches, ratio, generator=None):
    """Draws one mask for each two images of the batch."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand((batch + 1) // 2, patches, generator=generator)
    return _results(noise.repeat_interleave(2, dim=0)[:batch], kept)


@rare
def coarse_noise(batch, patches, ratio, generator=None):
    """Draws whole numbers from 0 to 3, so that ties go by place."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.randint(4, (batch, patches), generator=generator)
    shuffle = noise.argsort(dim=1, stable=True)
    restore = shuffle.argsort(dim=1, stable=True)
    return shuffle[:, :kept], restore >= kept, restore
