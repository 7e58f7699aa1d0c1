"""Lesson 1.4: the vision transformer."""

import torch
from statements import about

from answers.common import close, normal
from lesson_code import VisionTransformer

PAGE = "docs/module-1/1.4-dino-piece-by-piece/vision-transformer.md"

smaller = about(
    PAGE,
    "Patches of 8 pixels replace patches of 16 in images of 224 × 224 pixels. How many attention "
    "weights does one head give an image now?",
)


def times_as_many() -> float:
    """Counted in the attention maps of networks that are small but for their patches."""
    few, many = (
        VisionTransformer(224, patch, dim=6, depth=1, heads=2)
        .attention_maps(normal(1, 3, 224, 224))
        .numel()
        for patch in (16, 8)
    )
    return many / few


@smaller.states("Twice as many.")
def weights_double() -> bool:
    return close(times_as_many(), 2, 0.5)


@smaller.states("Four times as many.")
def weights_grow_as_tokens() -> bool:
    return close(times_as_many(), 4, 0.5)


@smaller.states("About 16 times as many.")
def weights_grow_as_pairs_of_tokens() -> bool:
    return close(times_as_many(), 16, 0.5)


moved = about(
    PAGE,
    "All positions are set to zero. The patches of an image change places. What happens to its "
    "[CLS]?",
)


def change() -> float:
    """How far [CLS] moves when two patches are exchanged."""
    torch.manual_seed(0)
    model = VisionTransformer(32, 8, dim=24, depth=2, heads=2)
    torch.nn.init.zeros_(model.pos_embed)
    image = normal(1, 3, 32, 32)
    with torch.no_grad():
        return float((model(image)[0] - model(image.roll(8, dims=3))[0]).abs().max())


@moved.states("Nothing.")
def it_stays() -> bool:
    return change() < 1e-4


@moved.states("It changes, since neighbors attend to each other.")
def neighbors_matter() -> bool:
    return change() > 1e-2


@moved.states("It changes, since the patch embedding is a convolution.")
def the_embedding_sees_over_edges() -> bool:
    torch.manual_seed(0)
    embed, image = VisionTransformer(32, 8, 24, 1, 2).patch_embed, normal(1, 3, 32, 32)
    beside = image.clone()
    beside[:, :, :, 8:] = 0
    return not close(embed(image)[0, 0].sum(), embed(beside)[0, 0].sum())
