# /// example
# cost = "quick"
# ///
"""Draw for the first page what NT-Xent does to two views each of six images."""

import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from lesson_code import simclr_loss

torch.manual_seed(0)
views = torch.randn(2, 6, 2)  # two views of six images, as points of the plane
path = [F.normalize(views, dim=-1)]
views.requires_grad_()
for _ in range(200):
    (gradient,) = torch.autograd.grad(simclr_loss(views[0], views[1], 0.5), views)
    with torch.no_grad():
        views -= 0.5 * gradient
    path.append(F.normalize(views.detach(), dim=-1))

fig, axes = plt.subplots(1, 2, num="home-circle", figsize=(3.6, 1.55))
for ax, step in zip(axes, (0, 200), strict=True):
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, linewidth=0.8, alpha=0.5))
    for image, marker in enumerate("os^DvP"):
        first, second = path[step][:, image].tolist()
        style = {"color": f"C{image}", "marker": marker}
        ax.plot(*zip(first, second, strict=True), color=f"C{image}", linewidth=0.8)
        ax.plot(*first, markersize=9, fillstyle="none", **style)
        ax.plot(*second, markersize=5, **style)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
    ax.set_axis_off()
    ax.text(0, 0, "before" if step == 0 else f"{step} steps", ha="center", va="center")

angles = torch.atan2(path[-1][0, :, 1], path[-1][0, :, 0]).sort().values
gaps = torch.diff(angles, append=angles[:1] + 2 * math.pi)
alt_text = {
    "home-circle": "Two circles. Before training, the two views of each image lie apart. After 200 "
    f"steps they lie on each other, and neighboring images are {gaps.min() * 180 / math.pi:.0f} to "
    f"{gaps.max() * 180 / math.pi:.0f} degrees apart."
}
