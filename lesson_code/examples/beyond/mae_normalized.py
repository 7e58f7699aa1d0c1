# /// example
# cost = "quick"
# ///
"""Look at a photograph as the normalized target sees it, and at the price of predicting zero."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image

from lesson_code import mae_loss, patchify, unpatchify

photo = torch.tensor(load_sample_image("flower.jpg")) / 255
photo = photo.permute(2, 0, 1)[None]
image = F.interpolate(photo, size=(64, 96), mode="area")
patches = patchify(image, 8)
L, P = patches.shape[1:]

# --8<-- [start:show]
torch.manual_seed(0)
nothing = torch.zeros(1, L, P)
every = torch.ones(1, L, dtype=torch.bool)  # for once, rebuild all patches
noise = torch.rand(1, 3, 64, 96)

for name, picture in (("photograph", image), ("noise", noise)):
    raw = mae_loss(nothing, picture, every, 8).item()
    normalized = mae_loss(nothing, picture, every, 8, normalize=True).item()
    print(f"{name:10}  raw {raw:.4f}  normalized {normalized:.4f}")
print(f"by hand: {(P - 1) / P:.4f}")

variance, mean = torch.var_mean(patches, dim=2, keepdim=True)
target = (patches - mean) / (variance + 1e-6).sqrt()
# --8<-- [end:show]

import matplotlib.pyplot as plt

gray = (target / 6 + 0.5).clamp(0, 1)
pictures = {
    "the target, shown as it is": gray,
    "back in units of the image": target * (variance + 1e-6).sqrt() + mean,
}
fig, axes = plt.subplots(2, 1, num="mae-normalized", figsize=(2.6, 3.8))
for ax, (title, tokens) in zip(axes, pictures.items(), strict=True):
    picture = unpatchify(tokens, 8, 64, 96)[0].permute(1, 2, 0)
    light = (picture.clamp(0, 1) * 12).round() / 12  # few levels, for a light page
    ax.imshow(light.numpy(), interpolation="none")
    ax.set(title=title, xticks=[], yticks=[])
    ax.spines[:].set_visible(False)

values = {
    "of_the_paper": (16 * 16 * 3 - 1) / (16 * 16 * 3),
    "flattest": variance.min().sqrt().item(),
}
alt_text = {
    "mae-normalized": (
        "Two pictures. The normalized target is a mosaic in which each square has the same mean "
        "and the same contrast, so that the dark background is as bright and as rough as the "
        "petals. Below, each square has its own mean and deviation back: the flower as it was."
    )
}
