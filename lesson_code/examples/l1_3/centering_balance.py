# /// example
# cost = "quick"
# ///
"""Apply centering and sharpening, each alone and both, to outputs that share a large offset."""

import torch
import torch.nn.functional as F

# --8<-- [start:show]
torch.manual_seed(0)
shared = 1.5 * torch.randn(1, 8)  # what the teacher says to every image
own = 0.2 * torch.randn(256, 8)  # what it says about this one
teacher_output = shared + own
mean = teacher_output.mean(dim=0, keepdim=True)

print("center  temperature  entropy  favorites")
for center, temperature in ((0, 1.0), (0, 0.04), (mean, 1.0), (mean, 0.04)):
    p = F.softmax((teacher_output - center) / temperature, dim=1)
    entropy = -torch.special.xlogy(p, p).sum(dim=1).mean()
    favorites = p.argmax(dim=1).unique().numel()
    used = "no " if center is not mean else "yes"
    print(f"{used:6}  {temperature:11.2f}  {entropy:7.4f}  {favorites:9d}")
# --8<-- [end:show]

import math

import matplotlib.pyplot as plt


def target(center: object, temperature: float) -> torch.Tensor:
    return F.softmax((teacher_output - center) / temperature, dim=1)


def entropy_of(p: torch.Tensor) -> float:
    return -torch.special.xlogy(p, p).sum(dim=1).mean().item()


cases = [
    ("neither", 0, 1.0),
    ("sharpening only", 0, 0.04),
    ("centering only", mean, 1.0),
    ("both", mean, 0.04),
]
shown = 8
fig, axes = plt.subplots(
    2,
    2,
    num="balance",
    figsize=(3.7, 4.6),
    sharex=True,
    sharey=True,
    layout="constrained",
)
for axis, (name, center, temperature) in zip(axes.flat, cases, strict=True):
    p = target(center, temperature)[:shown]
    for row in range(shown):
        for column in range(8):
            side = 0.92 * p[row, column].item() ** 0.5
            if side > 0.05:
                corner = (column - side / 2, row - side / 2)
                axis.add_patch(
                    plt.Rectangle(corner, side, side, color="C0", linewidth=0)
                )
    axis.set(xlim=(-0.6, 7.6), ylim=(7.6, -0.6), aspect="equal", xticks=[], yticks=[])
    axis.set_title(name)
    axis.grid(False)
for axis in axes[1]:
    axis.set_xlabel("prototype")
for axis in axes[:, 0]:
    axis.set_ylabel("image")

entropies = {name: entropy_of(target(center, t)) for name, center, t in cases}
favorites_of = {
    name: target(c, t).argmax(dim=1).unique().numel() for name, c, t in cases
}
values = {
    "sharp_entropy": entropies["sharpening only"],
    "sharp_favorites": favorites_of["sharpening only"],
    "center_entropy": entropies["centering only"],
    "both_entropy": entropies["both"],
    "both_favorites": favorites_of["both"],
    "log_prototypes": math.log(8),
}
alt_text = {
    "balance": (
        "Four grids of 8 images by 8 prototypes, the area of a square showing a probability. "
        "Neither: every row shows nearly the same uneven pattern. Sharpening only: one large "
        f"square a row, prototypes in use: {favorites_of['sharpening only']}. Centering only: all "
        f"squares are about equal, mean entropy {entropies['centering only']:.2f} of "
        f"{math.log(8):.2f}. "
        f"Both: each row has its own large squares, prototypes in use: {favorites_of['both']}."
    )
}
