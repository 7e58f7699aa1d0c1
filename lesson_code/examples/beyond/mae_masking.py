# /// example
# cost = "quick"
# ///
"""Hide three quarters of a photograph and put the rest back, with the right and the wrong index."""

import torch

from lesson_code import patchify, random_masking, unpatchify

# --8<-- [start:show]
import torch.nn.functional as F
from sklearn.datasets import load_sample_image

photo = torch.tensor(load_sample_image("flower.jpg")) / 255  # (427, 640, 3)
photo = photo.permute(2, 0, 1)[None]  # (1, 3, 427, 640)
image = F.interpolate(photo, size=(64, 96), mode="area")  # (1, 3, 64, 96)
patches = patchify(image, 8)  # (1, 96, 192)
L, P = patches.shape[1:]


def take(tokens, index):
    """Pick the tokens of each image that the index names, in its order."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[2]))


draw = torch.Generator().manual_seed(0)
keep, mask, restore = random_masking(1, L, 0.75, draw)
visible = take(patches, keep)  # (1, 24, 192): all that the encoder sees
gray = torch.full((1, L - keep.shape[1], P), 0.5)  # stands for the mask tokens
shuffled = torch.cat([visible, gray], dim=1)  # (1, 96, 192)

shuffle = restore.argsort(dim=1)
for name, index in (("restore", restore), ("shuffle", shuffle)):
    back = take(shuffled, index)
    in_place = (back == patches).all(dim=2).sum()
    print(f"{name}: {in_place} of {keep.shape[1]} visible patches are in their place")
# --8<-- [end:show]

import matplotlib.pyplot as plt

pictures = {
    "the photograph": image,
    "what the encoder sees": unpatchify(take(shuffled, restore), 8, 64, 96),
    "put back with the shuffle": unpatchify(take(shuffled, shuffle), 8, 64, 96),
}
fig, axes = plt.subplots(3, 1, num="mae-masking", figsize=(2.6, 5.7))
for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
    light = (
        picture[0].permute(1, 2, 0) * 12
    ).round() / 12  # few levels, for a light page
    ax.imshow(light.numpy(), interpolation="none")
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set_visible(False)

wrong = int((take(shuffled, shuffle) == patches).all(dim=2).sum())
values = {"patches": L, "kept": keep.shape[1], "numbers": P}
alt_text = {
    "mae-masking": (
        f"Three pictures of one flower, cut into {L} squares. The whole photograph; the "
        f"photograph with {int(mask.sum())} squares gray and {keep.shape[1]} in their places, "
        f"in which the flower can still be made out; and the same squares scattered, "
        f"{wrong} of them where they belong."
    )
}
