"""Correct functions for random_masking in many styles; they may draw other numbers."""

import torch


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


def permutation_of_each_image(batch, patches, ratio, generator=None):
    """Calls randperm once an image and inverts by assignment."""
    kept = int(round(patches * (1 - ratio), 6))
    shuffle = torch.stack([torch.randperm(patches, generator=generator) for _ in range(batch)])
    restore = torch.empty_like(shuffle)
    for i in range(batch):
        restore[i, shuffle[i]] = torch.arange(patches)
    return shuffle[:, :kept], restore >= kept, restore


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


def weighted_draw(batch, patches, ratio, generator=None):
    """Draws all patches without replacement with multinomial."""
    kept = int((1 - ratio) * patches + 1e-6)
    shuffle = torch.ones(batch, patches).multinomial(
        patches, replacement=False, generator=generator
    )
    restore = shuffle.argsort(dim=-1)
    return shuffle.narrow(1, 0, kept), restore.ge(kept), restore


def swaps_like_fisher_and_yates(batch, patches, ratio, generator=None):
    """Shuffles lists by swapping, one image after the other."""
    kept = int(patches * (1 - ratio) + 1e-6)
    keep = torch.zeros(batch, kept, dtype=torch.long)
    mask = torch.ones(batch, patches, dtype=torch.bool)
    restore = torch.zeros(batch, patches, dtype=torch.long)
    for n in range(batch):
        order = list(range(patches))
        for i in range(patches - 1, 0, -1):
            j = int(torch.randint(i + 1, (1,), generator=generator))
            order[i], order[j] = order[j], order[i]
        for place, patch in enumerate(order):
            restore[n, patch] = place
            if place < kept:
                keep[n, place] = patch
                mask[n, patch] = False
    return keep, mask, restore


def ranks_by_comparison(batch, patches, ratio, generator=None):
    """Counts for each patch how many others drew a smaller number."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator, dtype=torch.float64)
    restore = (noise[:, None, :] < noise[:, :, None]).sum(dim=2)
    shuffle = noise.sort(dim=1).indices
    return shuffle[:, :kept], restore >= kept, restore


def largest_numbers_stay(batch, patches, ratio, generator=None):
    """Takes the kept patches with topk and puts the others behind."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    order = noise.topk(patches, dim=1).indices
    keep, removed = order.split([kept, patches - kept], dim=1)
    mask = torch.ones_like(noise, dtype=torch.bool).scatter(1, keep, False)
    restore = torch.cat([keep, removed], dim=1).argsort(dim=1)
    return keep, mask, restore


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


def positional_only(n, length, r, g=None, /):
    """Has positional-only arguments with short names."""
    k = int(length * (1 - r) + 1e-6)
    there = torch.argsort(torch.rand((n, length), generator=g), -1)
    back = torch.argsort(there, -1)
    return there[..., :k], ~(back < k), back


def keyword_only(*, batch, patches, ratio, generator=None):
    """Takes all arguments by name only."""

    def one_image():
        order = torch.randperm(patches, generator=generator)
        back = order.argsort()
        return order[:kept], back >= kept, back

    kept = int(patches * (1 - ratio) + 1e-6)
    keep, mask, restore = zip(*(one_image() for _ in range(batch)), strict=True)
    return torch.stack(keep), torch.stack(mask), torch.stack(restore)


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


class _Masker:
    """Is an object that is called like a function; the result is a list."""

    def __call__(self, batch, patches, ratio, generator=None):
        kept = int(patches * (1 - ratio) + 1e-6)
        draw = torch.rand(batch * patches, generator=generator)
        return self.split(draw.view(batch, patches).argsort(dim=1), kept)

    def split(self, shuffle, kept):
        restore = shuffle.argsort(dim=1)
        return [shuffle[:, :kept], restore > kept - 1, restore]


callable_object = _Masker()
