# /// example
# cost = "quick"
# ///
"""Move points on a circle by alignment alone, by uniformity alone, and by both."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from lesson_code import alignment, uniformity

# --8<-- [start:show]
wishes = {
    "alignment": (1.0, 0.0),
    "uniformity": (0.0, 1.0),
    "both": (3.0, 1.0),
}
ends = {}
print("moved by      alignment  uniformity")
for name, (pull, push) in wishes.items():
    torch.manual_seed(0)
    z = torch.randn(2, 6, 2, requires_grad=True)  # two views of six images
    for _ in range(300):
        apart = (uniformity(z[0]) + uniformity(z[1])) / 2
        loss = pull * alignment(z[0], z[1]) + push * apart
        (gradient,) = torch.autograd.grad(loss, z)
        with torch.no_grad():
            z -= 0.3 * gradient
    ends[name] = z.detach()
    near, apart = alignment(z[0], z[1]).item(), uniformity(z[0]).item()
    print(f"{name:12s} {near:9.3f} {apart:10.3f}")
# --8<-- [end:show]

fig, axes = plt.subplots(1, 3, num="uniformity-wishes", figsize=(3.7, 1.9))
numbers = {}
for ax, (name, points) in zip(axes, ends.items(), strict=True):
    unit = F.normalize(points, dim=-1)
    numbers[name] = (
        alignment(unit[0], unit[1]).item(),
        uniformity(unit[0]).item(),
    )
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, linewidth=0.8, alpha=0.6))
    for image in range(6):
        first, second = unit[0, image].tolist(), unit[1, image].tolist()
        ax.plot(*zip(first, second, strict=True), color=f"C{image}", alpha=0.6)
        ax.plot(*first, "o", color=f"C{image}", markersize=9, fillstyle="none")
        ax.plot(*second, "o", color=f"C{image}", markersize=4.5)
    ax.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal", title=name)
    ax.set_axis_off()

values = {
    "alignment_alone": numbers["alignment"][1],
    "uniformity_alone": numbers["uniformity"][0],
    "both_uniformity": numbers["both"][1],
}
alt_text = {
    "uniformity-wishes": "Three circles with the two views of six images. "
    + " ".join(
        f"Moved by {name}: alignment {near:.2f}, uniformity {even:.2f}."
        for name, (near, even) in numbers.items()
    )
}
