# /// example
# cost = "quick"
# ///
"""Draw the ideas that the book takes for granted: view, embedding, probe, batch, patches."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits, load_sample_image

photo = (
    torch.tensor(load_sample_image("flower.jpg"))[:420, 110:530].permute(2, 0, 1) / 255
)


def small(image: torch.Tensor, side: int = 56) -> torch.Tensor:
    """Scale an image, ``(3, H, W)``, to a square for drawing, ``(side, side, 3)``."""
    return F.interpolate(image[None], size=(side, side), mode="area")[0].permute(
        1, 2, 0
    )


def bare(ax: plt.Axes, title: str) -> None:
    """Leave the frame of a panel without ticks."""
    ax.set(xticks=[], yticks=[], title=title)


fig, axes = plt.subplots(1, 4, num="start-views", figsize=(3.7, 1.2))
gray = photo.mean(dim=0, keepdim=True).expand(3, -1, -1)
seen = {
    "image": photo,
    "cropped": photo[:, 60:260, 120:320].flip(-1),
    "recolored": photo[[2, 0, 1]] * 0.8 + 0.1,
    "gray, blurred": F.avg_pool2d(gray[None], 30)[0],
}
for ax, (title, view) in zip(axes, seen.items(), strict=True):
    ax.imshow(small(view).clamp(0, 1))
    bare(ax, title)
    ax.title.set_fontsize(8.5)

digits = load_digits()
pixels = torch.tensor(digits.data, dtype=torch.float32) / 16
labels = torch.tensor(digits.target)
kept = ((labels == 0) | (labels == 4)).nonzero().flatten()[:80]
centered = pixels[kept] - pixels[kept].mean(dim=0)
plane = centered @ torch.pca_lowrank(centered, q=2, center=False)[2]
plane = plane * plane.new_tensor([1.0, plane[0, 1].sign()])
target = (labels[kept] == 0).float()
with_one = torch.cat([plane, torch.ones(len(plane), 1)], dim=1)
weight = torch.linalg.lstsq(with_one, target[:, None] - 0.5).solution.flatten()
asked = 12

fig, (probe, nearest) = plt.subplots(1, 2, num="start-probe", figsize=(3.7, 1.9))
for ax, title in ((probe, "linear probe"), (nearest, "5 nearest")):
    for color, marker, number in (("C0", "o", 0), ("C1", "s", 4)):
        group = plane[labels[kept] == number]
        ax.plot(
            group[:, 0],
            group[:, 1],
            marker,
            color=color,
            markersize=3.5,
            fillstyle="none",
        )
    bare(ax, title)
low, high = plane[:, 1].min() - 0.2, plane[:, 1].max() + 0.2
ends = torch.stack([low, high])
probe.plot(-(weight[1] * ends + weight[2]) / weight[0], ends, color="C2")
probe.set(ylim=(low.item(), high.item()))
near = (plane - plane[asked]).norm(dim=1).argsort()[1:6]
for one in near.tolist():
    nearest.plot(
        *zip(plane[asked].tolist(), plane[one].tolist(), strict=True), color="C2"
    )
nearest.plot(*plane[asked].tolist(), "*", color="C2", markersize=10)

torch.manual_seed(0)
batch = torch.randn(12, 1) * 0.7 + 2
fig, (before, after) = plt.subplots(
    2, 1, num="start-batch", figsize=(3.7, 1.3), sharex=True
)
for ax, values_of, title in (
    (before, batch, "one feature of 12 images"),
    (
        after,
        F.batch_norm(batch, None, None, training=True),
        "after batch normalization",
    ),
):
    ax.axvline(0, color="C5", linewidth=0.8)
    ax.plot(
        values_of.flatten(), [0] * len(values_of), "o", color="C0", fillstyle="none"
    )
    ax.set(yticks=[], title=title)
    ax.spines["left"].set_visible(False)

fig, (whole, cut) = plt.subplots(1, 2, num="start-patches", figsize=(3.7, 1.7))
whole.imshow(small(photo, 64).clamp(0, 1))
bare(whole, "64 × 64 pixels")
cut.imshow(small(photo, 64).clamp(0, 1))
for edge in (15.5, 31.5, 47.5):
    cut.axhline(edge, color="white", linewidth=3)
    cut.axvline(edge, color="white", linewidth=3)
bare(cut, "16 patches of 16 × 16")

scored = ((with_one @ weight > 0) == (target == 1)).float().mean().item()
values = {"probe": scored}
alt_text = {
    "start-views": "A flower, and three views of it: a mirrored crop, one in other colors, one "
    "gray and blurred. All show the same flower.",
    "start-probe": "Two panels with the same points, images of the digits 0 and 4 in a plane. In "
    f"the first a straight line puts {scored:.0%} of them on their side. In the second one image "
    "is joined to its five nearest neighbors.",
    "start-batch": "Twelve values of one feature, around 2 before and around 0 after batch "
    "normalization, in the same order.",
    "start-patches": "A flower of 64 by 64 pixels, whole, and cut into 16 squares.",
}
