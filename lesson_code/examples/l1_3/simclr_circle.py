# /// example
# cost = "quick"
# ///
"""Let NT-Xent move free points on a circle: pairs meet, and the pairs spread out evenly."""

import math

import torch

from lesson_code import simclr_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, T = 6, 0.5
views = torch.randn(2, N, 2)  # two views of N images, as points of the plane
start = views.clone()
views.requires_grad_()

for step in range(201):
    loss = simclr_loss(views[0], views[1], T)
    if step in (0, 10, 50, 200):
        print(f"step {step:3}  loss {loss.item():.4f}")
    (gradient,) = torch.autograd.grad(loss, views)
    with torch.no_grad():
        views -= 0.5 * gradient

steps_apart = [math.cos(2 * math.pi * k / N) for k in range(1, N)]
even = sum(2 * math.exp((cosine - 1) / T) for cosine in steps_apart)
print(f"N pairs evenly spaced: {math.log(1 + even):.4f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt
import torch.nn.functional as F

fig, axes = plt.subplots(1, 2, num="simclr-circle", figsize=(3.7, 2.1))
stages = {"step 0": start, "step 200": views.detach()}
agreement = {}
for ax, (title, points) in zip(axes, stages.items(), strict=True):
    unit = F.normalize(points, dim=-1)
    agreement[title] = (unit[0] * unit[1]).sum(dim=-1).mean().item()
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, linewidth=0.8, alpha=0.6))
    for image in range(N):
        first, second = unit[0, image].tolist(), unit[1, image].tolist()
        color = f"C{image}"
        ax.plot(
            [first[0], second[0]],
            [first[1], second[1]],
            color=color,
            linewidth=1,
            alpha=0.6,
        )
        ax.plot(*first, "o", color=color, markersize=11, fillstyle="none")
        ax.plot(*second, "o", color=color, markersize=6)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal", title=title)
    ax.set_axis_off()

values = {
    "loss_after": loss.item(),
    "evenly_spaced": math.log(1 + even),
    "cosine_before": agreement["step 0"],
    "cosine_after": agreement["step 200"],
}
alt_text = {
    "simclr-circle": (
        f"Two circles with {N} pairs of points. Before training the points of a pair lie apart, "
        f"mean cosine {agreement['step 0']:.2f}. After 200 steps they coincide, mean cosine "
        f"{agreement['step 200']:.2f}, and the pairs stand evenly around the circle."
    )
}
