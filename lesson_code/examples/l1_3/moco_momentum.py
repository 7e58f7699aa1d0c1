# /// example
# cost = "quick"
# ///
"""Measure how long a key encoder remembers old weights, for several momenta."""

import math

import torch
from torch import nn

from lesson_code import ema_update

# --8<-- [start:show]
online = nn.Linear(1, 1, bias=False, dtype=torch.float64)
target = nn.Linear(1, 1, bias=False, dtype=torch.float64)
nn.init.ones_(online.weight)  # where the query encoder is, for good
old_share = {}  # the share of the old weights in the key encoder, step by step

print("momentum  half gone after  left after 256")
for momentum in (0.9, 0.99, 0.999, 0.9999):
    nn.init.zeros_(target.weight)
    shares = [1.0]
    while shares[-1] > 0.5 or len(shares) <= 256:
        ema_update(target, online, momentum)
        shares.append(1 - target.weight.item())
    half = next(step for step, share in enumerate(shares) if share <= 0.5)
    old_share[momentum] = shares
    print(f"{momentum:<8}  {half:9} steps  {shares[256]:14.1%}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="moco-momentum", figsize=(3.7, 2.8))
steps = range(0, 601, 5)
for color, momentum in enumerate(old_share):
    curve = [momentum**step for step in steps]
    ax.plot(steps, curve, color=f"C{color}")
    height = curve[-1] + (0.05 if momentum == 0.99 else 0.0)
    if momentum > 0.95:
        ax.text(612, height, f"m = {momentum:g}", va="center", color=f"C{color}")
ax.text(58, 0.06, "m = 0.9", color="C0", va="center")
ax.axvline(256, linestyle="--", linewidth=1, color=plt.rcParams["text.color"])
ax.text(262, 0.52, "oldest key", va="center")
ax.text(262, 0.43, "in the queue", va="center")
ax.set(xlim=(0, 600), ylim=(0, 1.02), xlabel="steps", ylabel="share of the old weights")

left = {momentum: shares[256] for momentum, shares in old_share.items()}
values = {
    "half_0_9": next(i for i, share in enumerate(old_share[0.9]) if share <= 0.5),
    "half_0_999": next(i for i, share in enumerate(old_share[0.999]) if share <= 0.5),
    "half_by_hand": math.log(0.5) / math.log(0.999),
    "moved_0_999": 1 - left[0.999],
    "left_0_99": left[0.99],
    "steps_in_queue": 65536 // 256,
}
alt_text = {
    "moco-momentum": (
        "Line chart: the share of the old weights left in the key encoder over 600 steps. After "
        "256 steps, the age of the oldest key in the queue, there is left "
        + ", ".join(
            f"{share:.1%} at momentum {momentum:g}" for momentum, share in left.items()
        )
        + "."
    )
}
