"""Honest wrong attempts at random_masking."""

import torch

EXPECTED: dict[str, str] = {
    "one_mask_for_the_batch": "all images get the same mask",
    "restore_is_the_shuffle": "restore is the shuffle itself, not its inverse",
    "mask_turned_round": "the mask is True where a patch is kept",
    "mask_in_shuffled_order": "the mask is in shuffled order, not in image order",
    "mask_from_the_shuffle": "the mask compares the shuffle, not restore",
    "draws_with_replacement": "patches are drawn with replacement: repeats",
    "ratio_is_kept": "the ratio is taken for the share that is kept",
    "coin_for_each_patch": "independent coins: the count of removed patches varies",
    "kept_sorted_restore_not": "keep is sorted after restore was made",
    "kept_in_image_order": "convention: keep in image order, restore fits it",
    "fixed_seed": "the same mask in every call: seeds inside, globally",
    "ignores_the_generator": "the generator is not used",
    "no_shuffle": "not random: the first patches are kept",
    "random_block": "removes a block of neighbors, not single patches",
    "mask_as_float": "convention: mask of 0 and 1, not of truth values",
    "returns_in_another_order": "the results come in another order",
    "keep_is_the_rest": "keep holds the removed patches",
    "rounds_up": "rounds the number of kept patches up",
    "truncates_in_floating_point": "convention: truncation of the official code",
    "restore_of_the_kept_only": "wrong shape: restore covers the kept patches only",
    "second_shuffle": "restore belongs to another shuffle than keep",
    "mask_of_one_image": "wrong shape: no axis of the batch in the mask",
    "off_by_one": "off by one: one patch too many is kept",
    "ranks_and_places_exchanged": "keep is taken from the ranks, not the places",
    "loops_and_sets": "two: keep sorted, and restore counts from the mask tokens",
    "forgets_to_return": "returns None",
}


def one_mask_for_the_batch(batch, patches, ratio, generator=None):
    """Believes one shuffle serves all images of a batch."""
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.randperm(patches, generator=generator)
    restore = torch.argsort(shuffle)
    mask = restore >= kept
    return (
        shuffle[:kept].expand(batch, -1),
        mask.expand(batch, -1),
        restore.expand(batch, -1),
    )


def restore_is_the_shuffle(batch, patches, ratio, generator=None):
    """Believes a shuffle applied again undoes itself."""
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.rand(batch, patches, generator=generator).argsort(dim=1)
    mask = torch.ones(batch, patches, dtype=torch.bool)
    mask.scatter_(1, shuffle[:, :kept], False)
    return shuffle[:, :kept], mask, shuffle


def mask_turned_round(batch, patches, ratio, generator=None):
    """Believes True means visible."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = torch.argsort(noise, dim=1)
    restore = torch.argsort(shuffle, dim=1)
    mask = torch.zeros(batch, patches, dtype=torch.bool)
    mask[:, :kept] = True
    mask = torch.gather(mask, 1, restore)
    return shuffle[:, :kept], mask, restore


def mask_in_shuffled_order(batch, patches, ratio, generator=None):
    """Believes the mask is done once its last entries are True."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = torch.argsort(noise, dim=1)
    restore = torch.argsort(shuffle, dim=1)
    mask = torch.ones(batch, patches, dtype=torch.bool)
    mask[:, :kept] = False
    return shuffle[:, :kept], mask, restore


def mask_from_the_shuffle(batch, patches, ratio, generator=None):
    """Believes shuffle and restore can be compared alike."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], shuffle >= kept, restore


def draws_with_replacement(batch, patches, ratio, generator=None):
    """Believes randint draws different numbers."""
    kept = int(patches * (1 - ratio) + 1e-6)
    keep = torch.randint(0, patches, (batch, kept), generator=generator)
    mask = torch.ones(batch, patches, dtype=torch.bool)
    mask.scatter_(1, keep, False)
    order = mask.int().argsort(dim=1, stable=True)
    return keep, mask, order.argsort(dim=1)


def ratio_is_kept(batch, patches, ratio, generator=None):
    """Believes the ratio says how much the encoder sees."""
    kept = int(patches * ratio + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def coin_for_each_patch(batch, patches, ratio, generator=None):
    """Believes a coin for each patch removes the share on the whole."""
    kept = int(patches * (1 - ratio) + 1e-6)
    mask = torch.rand(batch, patches, generator=generator) < ratio
    order = mask.int().argsort(dim=1, stable=True)
    return order[:, :kept], mask, order.argsort(dim=1)


def kept_sorted_restore_not(batch, patches, ratio, generator=None):
    """Believes the order of the kept patches is free at any time."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    keep = shuffle[:, :kept].sort(dim=1).values
    return keep, restore >= kept, restore


def kept_in_image_order(batch, patches, ratio, generator=None):
    """Believes the encoder wants the kept patches in image order."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    keep = shuffle[:, :kept].sort(dim=1).values
    gone = shuffle[:, kept:].sort(dim=1).values
    restore = torch.cat([keep, gone], dim=1).argsort(dim=1)
    return keep, restore >= kept, restore


def fixed_seed(batch, patches, ratio, generator=None):
    """Believes a seed inside makes the function reproducible."""
    if generator is None:
        torch.manual_seed(0)
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def ignores_the_generator(batch, patches, ratio, generator=None):
    """Believes the argument is only there for show."""
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.rand(batch, patches).argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def no_shuffle(batch, patches, ratio, generator=None):
    """Believes the order of the patches is random already."""
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.arange(patches).repeat(batch, 1)
    return shuffle[:, :kept], shuffle >= kept, shuffle.clone()


def random_block(batch, patches, ratio, generator=None):
    """Believes masking cuts a hole into the image."""
    kept = int(patches * (1 - ratio) + 1e-6)
    start = torch.randint(patches, (batch, 1), generator=generator)
    shuffle = (torch.arange(patches) + start) % patches
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def mask_as_float(batch, patches, ratio, generator=None):
    """Believes in the official code, where 0 is keep and 1 is remove."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    ids_shuffle = torch.argsort(noise, dim=1)
    ids_restore = torch.argsort(ids_shuffle, dim=1)
    mask = torch.ones([batch, patches])
    mask[:, :kept] = 0
    mask = torch.gather(mask, dim=1, index=ids_restore)
    return ids_shuffle[:, :kept], mask, ids_restore


def returns_in_another_order(batch, patches, ratio, generator=None):
    """Believes the mask comes first."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return restore >= kept, shuffle[:, :kept], restore


def keep_is_the_rest(batch, patches, ratio, generator=None):
    """Believes the first patches of the shuffle are removed."""
    kept = int(patches * (1 - ratio) + 1e-6)
    gone = patches - kept
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :gone], restore >= kept, restore


def rounds_up(batch, patches, ratio, generator=None):
    """Believes the number of removed patches is rounded down."""
    kept = patches - int(patches * ratio + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def truncates_in_floating_point(batch, patches, ratio, generator=None):
    """Believes int() of a product that should be whole is that number."""
    kept = int(patches * (1 - ratio))
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def restore_of_the_kept_only(batch, patches, ratio, generator=None):
    """Believes only the patches that were encoded need a place."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    keep = noise.argsort(dim=1)[:, :kept]
    mask = torch.ones(batch, patches, dtype=torch.bool)
    for i in range(batch):
        mask[i, keep[i]] = False
    return keep, mask, keep.argsort(dim=1)


def second_shuffle(batch, patches, ratio, generator=None):
    """Believes the noise can be drawn again where it is needed."""
    kept = int(patches * (1 - ratio) + 1e-6)

    def shuffle():
        return torch.rand(batch, patches, generator=generator).argsort(dim=1)

    restore = shuffle().argsort(dim=1)
    return shuffle()[:, :kept], restore >= kept, restore


def mask_of_one_image(batch, patches, ratio, generator=None):
    """Believes a mask broadcasts over the batch."""
    kept = int(patches * (1 - ratio) + 1e-6)
    shuffle = torch.randperm(patches, generator=generator)
    restore = shuffle.argsort()
    return shuffle[:kept], restore >= kept, restore


def off_by_one(batch, patches, ratio, generator=None):
    """Believes places start at one."""
    kept = int(patches * (1 - ratio) + 1e-6) + 1
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    return shuffle[:, :kept], restore >= kept, restore


def ranks_and_places_exchanged(batch, patches, ratio, generator=None):
    """Believes two argsorts give the shuffle and one gives the way back."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    places = noise.argsort(dim=1)
    ranks = places.argsort(dim=1)
    return ranks[:, :kept], ranks >= kept, ranks


def loops_and_sets(batch, patches, ratio, generator=None):
    """Believes sorted lists are easier, and that removed patches come first."""
    kept = int(patches * (1 - ratio) + 1e-6)
    keeps, masks, restores = [], [], []
    for _ in range(batch):
        order = torch.randperm(patches, generator=generator).tolist()
        visible = sorted(order[:kept])
        hidden = sorted(order[kept:])
        together = hidden + visible
        keeps.append(visible)
        masks.append([i in hidden for i in range(patches)])
        restores.append([together.index(i) for i in range(patches)])
    return torch.tensor(keeps), torch.tensor(masks), torch.tensor(restores)


def forgets_to_return(batch, patches, ratio, generator=None):
    """Believes an assignment to names is a result."""
    kept = int(patches * (1 - ratio) + 1e-6)
    noise = torch.rand(batch, patches, generator=generator)
    shuffle = noise.argsort(dim=1)
    restore = shuffle.argsort(dim=1)
    keep, mask = shuffle[:, :kept], restore >= kept
    print(keep.shape, mask.shape, restore.shape)
