# /// example
# cost = "quick"
# ///
"""Draw what a vision transformer reads, and what a linear probe and neighbors do."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits, load_sample_image

photo = (
    torch.tensor(load_sample_image("flower.jpg"))[:420, 110:530].permute(2, 0, 1) / 255
)


def bare(ax: plt.Axes, title: str) -> None:
    """Leave the frame of a panel without ticks."""
    ax.set(xticks=[], yticks=[], title=title)


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

fig, (probe, nearest) = plt.subplots(
    1, 2, num="representations-probe", figsize=(3.7, 1.9)
)
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

small = F.interpolate(photo[None], size=(64, 64), mode="area")[0].permute(1, 2, 0)
seen = (small * 16).round().clamp(0, 16) / 16  # few levels, for a light page
fig, (whole, cut) = plt.subplots(
    1, 2, num="representations-patches", figsize=(3.7, 1.7)
)
whole.imshow(seen, interpolation="none")
bare(whole, "64 × 64 pixels")
cut.imshow(seen, interpolation="none")
for edge in (15.5, 31.5, 47.5):
    cut.axhline(edge, color="white", linewidth=3)
    cut.axvline(edge, color="white", linewidth=3)
bare(cut, "16 patches of 16 × 16")

scored = ((with_one @ weight > 0) == (target == 1)).float().mean().item()
values = {"probe": scored}
alt_text = {
    "representations-probe": "Two panels with the same points, images of the digits 0 "
    f"and 4 in a plane. In the first a straight line puts {scored:.0%} of them on their side. "
    "In the second one image is joined to its five nearest neighbors.",
    "representations-patches": "A flower of 64 by 64 pixels, whole, and cut into 16 squares.",
}
