# /// example
# cost = "quick"
# ///
"""Cut tiles from two photographs and draw two augmented views of some of them."""

import torch

# --8<-- [start:show]
from sklearn.datasets import load_sample_images
from torchvision.transforms import v2

tiles = []
for photograph in load_sample_images().images:  # (427, 640, 3), unsigned bytes
    pixels = torch.tensor(photograph).permute(2, 0, 1)
    for top in (0, 213):
        for left in (0, 160, 320, 480):
            tiles.append(pixels[:, top : top + 213, left : left + 160])

augment = v2.Compose(
    [
        v2.ToDtype(torch.float32, scale=True),
        v2.RandomResizedCrop(64, scale=(0.2, 1.0), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
        v2.RandomGrayscale(p=0.2),
    ]
)


def batch_of_views():
    return torch.stack([augment(tile) for tile in tiles])


torch.manual_seed(0)
first, second = batch_of_views(), batch_of_views()
print(len(tiles), "tiles; a batch of views is", tuple(first.shape))
# --8<-- [end:show]

import matplotlib.pyplot as plt

chosen = (0, 9, 15)
fig, axes = plt.subplots(3, 3, num="views", figsize=(3.7, 4.2), layout="constrained")
for column, index in enumerate(chosen):
    tile = v2.functional.resize(tiles[index], [40, 30], antialias=True) / 255
    for axis, picture in zip(
        axes[:, column], (tile, first[index], second[index]), strict=True
    ):
        axis.imshow(picture.permute(1, 2, 0).numpy(), interpolation="none")
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
for axis, label in zip(axes[:, 0], ("tile", "first view", "second view"), strict=True):
    axis.set_ylabel(label)

alt_text = {
    "views": (
        f"{len(chosen)} of the {len(tiles)} tiles, each above its two views of "
        f"{first.shape[2]} by {first.shape[3]} pixels: the views are other crops of the tile, some "
        "mirrored, with other brightness and color."
    )
}
