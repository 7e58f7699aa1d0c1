"""Rare wrong functions for random_masking."""

import torch


def _results(noise, kept):
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def first_patch_always_kept(batch, patches, ratio, generator=None):
    """Treats the first patch as a class token, which is never removed."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    noise[:, 0] = -1
    return _results(noise, kept)


def middle_kept_more_often(batch, patches, ratio, generator=None):
    """Adds noise to the distance from the middle: edges are removed more often."""
    kept = int(patches * (1 - ratio) + 1e-6)
    distance = torch.linspace(-1, 1, patches).abs()
    noise = torch.rand(batch, patches, generator=generator)
    return _results(noise + distance, kept)


def neighbors_share_a_mask(batch, patches, ratio, generator=None):
    """Draws one mask for each two images of the batch."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand((batch + 1) // 2, patches, generator=generator)
    return _results(noise.repeat_interleave(2, dim=0)[:batch], kept)


def coarse_noise(batch, patches, ratio, generator=None):
    """Draws whole numbers from 0 to 3, so that ties go by place."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.randint(4, (batch, patches), generator=generator)
    shuffle = noise.argsort(dim=1, stable=True)
    restore = shuffle.argsort(dim=1, stable=True)
    return shuffle[:, :kept], restore >= kept, restore
