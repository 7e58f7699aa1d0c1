# /// example
# cost = "quick"
# ///
"""Measure how NT-Xent shares its push among negatives, by autograd, at three temperatures."""

import torch
import torch.nn.functional as F

# --8<-- [start:show]
cosines = torch.tensor([0.8, 0.6, 0.3, 0.0, -0.3, -0.6])  # the positive first
print("negative:", *(f"{cosine:5.1f}" for cosine in cosines[1:].tolist()))
shares = {}
for temperature in (1.0, 0.5, 0.1):
    similarity = cosines.clone().requires_grad_()
    loss = F.cross_entropy(similarity[None] / temperature, torch.tensor([0]))
    loss.backward()
    push = similarity.grad[1:]
    share = push / push.sum()
    print(f"T = {temperature}: ", *(f"{part:.3f}" for part in share.tolist()))
    shares[temperature] = share
# --8<-- [end:show]

import math

import matplotlib.pyplot as plt

fig, axes = plt.subplots(
    3, 1, num="simclr-temperature", figsize=(3.7, 4.0), sharex=True
)
names = [f"{cosine:.1f}".replace("-", "−") for cosine in cosines[1:].tolist()]
for color, (ax, (temperature, share)) in enumerate(
    zip(axes, shares.items(), strict=True)
):
    bars = ax.bar(names, share.tolist(), color=f"C{color}", width=0.7)
    ax.bar_label(
        bars, [f"{value:.0%}" for value in share.tolist()], padding=2, fontsize=8.5
    )
    ax.set(ylim=(0, 1.15), yticks=(0, 0.5, 1))
    ax.set_title(f"T = {temperature:g}", loc="right", y=0.72)
axes[1].set_ylabel("share of the push")
axes[-1].set_xlabel("cosine of the negative with the anchor")

values = {
    "hardest_at_1": shares[1.0][0].item(),
    "hardest_at_half": shares[0.5][0].item(),
    "hardest_at_tenth": shares[0.1][0].item(),
    "ratio_at_1": (shares[1.0][0] / shares[1.0][1]).item(),
    "ratio_at_tenth": (shares[0.1][0] / shares[0.1][1]).item(),
    "ratio_at_tenth_by_hand": math.exp(0.3 / 0.1),
}
alt_text = {
    "simclr-temperature": (
        "Three bar charts: share of the push on negatives with cosines "
        + ", ".join(names)
        + ". "
        + " ".join(
            f"At temperature {temperature:g}: "
            + ", ".join(f"{value:.0%}" for value in share.tolist())
            + "."
            for temperature, share in shares.items()
        )
    )
}
