# /// example
# cost = "quick"
# limit = 120
# ///
"""Draw I-JEPA's context and target blocks on a picture, beside the patches that MAE leaves."""

import torch

from lesson_code import ijepa_loss, patchify, random_masking, sample_blocks, unpatchify
from lesson_code.lab.data.emoji import emoji

data = emoji(size=24)
names = [data.things[concept] for concept in data.train.concepts.tolist()]
picture = data.train.images[names.index("turtle")][None]
patches = patchify(picture, 2)  # (1, 144, 12)

import matplotlib.pyplot as plt


def only(kept: torch.Tensor) -> torch.Tensor:
    """The picture with all other patches gray."""
    shown = torch.full_like(patches, 0.75)
    shown[:, kept] = patches[:, kept]
    return unpatchify(shown, 2, 24, 24)[0].permute(1, 2, 0)


draws = [sample_blocks(12, 12, torch.Generator().manual_seed(seed)) for seed in (1, 5)]
kept = random_masking(1, 144, 0.75, torch.Generator().manual_seed(0))[0][0]
rows = [
    {"context": context, "a target": blocks[0], "another": blocks[1], name: last}
    for (context, blocks), name, last in zip(
        draws, ("the picture", "MAE"), (torch.arange(144), kept), strict=True
    )
]
fig, axes = plt.subplots(2, 4, num="ijepa-blocks", figsize=(4.8, 2.8))
for line, row in zip(axes, rows, strict=True):
    for ax, (name, some) in zip(line, row.items(), strict=True):
        ax.imshow(only(some).numpy(), interpolation="none")
        ax.set_title(name, fontsize=9)
        ax.axis("off")

(context, blocks), (below, _) = draws
gaussian = torch.randn(64, 144, 128, generator=torch.Generator().manual_seed(0))
index = blocks.expand(64, -1, -1)
zero = ijepa_loss(torch.zeros(*index.shape, 128), gaussian, index)
values = {
    "context": len(context),
    "block": blocks.shape[1],
    "hidden": len(blocks.unique()),
    "zero": zero.item(),
}
alt_text = {
    "ijepa-blocks": (
        "A drawn turtle in 12 by 12 patches, and two draws of blocks in two rows. The context "
        f"({len(context)} patches above, {len(below)} below) is the picture with rectangles cut "
        "out; two targets are rectangles of it. Beside them the whole picture, and the "
        f"{len(kept)} scattered patches that MAE would see."
    )
}
