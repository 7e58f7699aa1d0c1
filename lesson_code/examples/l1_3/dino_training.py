# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Train a tiny DINO with multi-crop on digits and look at what its prototypes collect."""

import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import (
    CenteringMechanism,
    cosine_momentum,
    ema_update,
    linear_warmup,
    multi_crop_dino_loss,
)
from lesson_code.dino import teacher_targets
from lesson_code.dino_head import DINOHead

# --8<-- [start:crops]
import copy

from sklearn.datasets import load_digits

digits = load_digits()
images = torch.tensor(digits.images)[:, None] / 16  # (1797, 1, 8, 8), float64


def standardize(flat):
    return (flat - flat.mean(dim=1, keepdim=True)) / flat.std(dim=1, keepdim=True)


def crop(batch, least, most):
    """Cut a random square with a share of the area, scale it to 8 x 8, add noise."""
    n = len(batch)
    share, right, down = torch.rand(3, n, dtype=batch.dtype)
    side = (least + (most - least) * share).sqrt()
    right, down = (1 - side) * (2 * right - 1), (1 - side) * (2 * down - 1)
    zero = torch.zeros_like(side)
    rows = torch.stack([side, zero, right, zero, side, down], dim=1)
    grid = F.affine_grid(rows.view(n, 2, 3), batch.shape, align_corners=False)
    cut = F.grid_sample(batch, grid, align_corners=False).flatten(1)  # (N, 64)
    return standardize(cut + 0.3 * torch.rand_like(cut))


# --8<-- [end:crops]


# --8<-- [start:train]
def entropy(p):
    return -torch.special.xlogy(p, p).sum(dim=-1).mean().item()


def network():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU())
    head = DINOHead(128, 32, hidden_dim=128, bottleneck_dim=32)
    return nn.Sequential(encoder, head).double()


student = network()
teacher = copy.deepcopy(student).requires_grad_(False)
centering = CenteringMechanism(32).double()
optimizer = torch.optim.AdamW(student.parameters())

steps, history = 150, []
for step in range(steps):
    for group in optimizer.param_groups:
        group["lr"] = linear_warmup(step, 30, start=0.0, end=1e-3)
    batch = images[torch.randint(len(images), (128,))]
    global_crops = [crop(batch, 0.8, 1.0) for _ in range(2)]
    local_crops = [crop(batch, 0.4, 0.8) for _ in range(2)]
    student_outputs = [student(x) for x in global_crops + local_crops]
    teacher_outputs = [teacher(x) for x in global_crops]
    center = centering.center
    loss = multi_crop_dino_loss(student_outputs, teacher_outputs, center=center)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    both = torch.cat(teacher_outputs)
    p = teacher_targets(both, center=center)
    history.append((loss.item(), entropy(p), entropy(p.mean(dim=0))))
    centering.update_center(both)
    ema_update(teacher, student, cosine_momentum(step, steps, base=0.97))

print("step   loss   entropy of a target   entropy of their mean")
for step in (0, 30, 75, 149):
    loss, single, mean = history[step]
    print(f"{step:4d} {loss:6.2f} {single:21.2f} {mean:23.2f}")
# --8<-- [end:train]


# --8<-- [start:purity]
def assignments(network):
    network.eval()
    with torch.no_grad():
        return network(standardize(images.flatten(1))).argmax(dim=1)


def purity(groups):
    """Share of the images whose digit is the most frequent one of their group."""
    counts = torch.zeros(32, 10).index_put_(
        (groups, torch.tensor(digits.target)), torch.ones(()), accumulate=True
    )
    return (counts.max(dim=1).values.sum() / counts.sum()).item()


before, groups = assignments(network()), assignments(teacher)
print(
    f"\namong their like: untrained {purity(before):.2f}, trained {purity(groups):.2f}"
)
print(f"prototypes in use: {groups.unique().numel()} of 32")
# --8<-- [end:purity]

fig, ax = plt.subplots(num="dino-training", figsize=(3.7, 3.2))
names = ("loss", "entropy of a target", "entropy of the mean target")
for number, (name, style) in enumerate(zip(names, ("-", "--", ":"), strict=True)):
    line = [row[number] for row in history]
    ax.plot(line, color=f"C{number}", linestyle=style, label=name)
ax.axhline(math.log(32), color="C5", linewidth=1)
ax.text(149, math.log(32) + 0.03, "ln 32", ha="right", va="bottom", fontsize=8.5)
ax.set(xlabel="training step", ylabel="nats", ylim=(0, 3.8))
ax.legend(loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)

used = torch.bincount(groups, minlength=32)
busiest = used.argsort(descending=True, stable=True)[:10]
fig, axes = plt.subplots(2, 5, num="prototypes", figsize=(3.7, 2.3))
for ax, prototype in zip(axes.flat, busiest, strict=True):
    average = images[groups == prototype, 0].mean(dim=0)
    ax.imshow(average, cmap="gray", interpolation="none")
    ax.set_title(f"{int(used[prototype])}\nimages", fontsize=8.5)
    ax.axis("off")

values = {
    "loss_first": history[0][0],
    "loss_last": history[-1][0],
    "single": history[-1][1],
    "mean": history[-1][2],
    "information": history[-1][2] - history[-1][1],
    "purity": purity(groups),
    "purity_untrained": purity(before),
}
alt_text = {
    "dino-training": (
        f"Line chart over {steps} training steps. The loss falls from {history[0][0]:.2f} to "
        f"{history[-1][0]:.2f}. The entropy of a single target falls to {history[-1][1]:.2f}, "
        f"that of the mean target stays high and ends at {history[-1][2]:.2f}, below the "
        f"logarithm of 32, {math.log(32):.2f}."
    ),
    "prototypes": (
        "Ten small gray pictures: the average image of the digits that the teacher gives to each "
        "of its ten busiest prototypes. Most look like a blurred but readable digit."
    ),
}
