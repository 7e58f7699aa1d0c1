# /// example
# cost = "quick"
# ///
"""Measure spread and rank of embeddings whose values are known by hand."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]
import torch

from lesson_code import effective_rank, embedding_std

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 512, 64
turn = 2 * math.pi * torch.arange(N)[:, None] / N
phase = 2 * math.pi * torch.arange(D) / D
one_way = torch.randn(D)  # any vector will do
corner = torch.randn(D).sign()  # every coordinate of it is as large as the others
side = torch.where(torch.arange(N)[:, None] % 2 == 0, 1.0, -1.0)

embeddings = {
    "noise in all directions": torch.randn(N, D),
    "one point": one_way.expand(N, D),
    "near one point": 10 * one_way + torch.randn(N, D),
    "two opposite points": side * corner,
    "a circle": (turn + phase).cos(),
}
by_hand = {
    "one point": (0, 0),
    "two opposite points": (1, 1),
    "a circle": (1, 2),
}
measured = {}
print(f"{'':26s} std    rank   by hand")
for name, z in embeddings.items():
    measured[name] = embedding_std(z).item(), effective_rank(z).item()
    std, rank = measured[name]
    hand = "   std {}, rank {}".format(*by_hand[name]) if name in by_hand else ""
    print(f"{name:24s} {std:.2f}  {rank:6.2f}{hand}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="collapse-states", figsize=(3.7, 3.0))
places = {
    "noise in all directions": (-6, 0, "right"),
    "one point": (8, 9, "left"),
    "near one point": (8, -2, "left"),
    "two opposite points": (-8, -4, "right"),
    "a circle": (-8, 4, "right"),
}
for number, (name, (std, rank)) in enumerate(measured.items()):
    ax.plot(std, rank, "osD^v"[number], color=f"C{number}", markersize=8, clip_on=False)
    right, up, align = places[name]
    ax.annotate(
        name,
        (std, rank),
        xytext=(right, up),
        textcoords="offset points",
        ha=align,
        va="center",
        color=f"C{number}",
    )
ax.set(xlabel="spread", ylabel="effective rank", xlim=(0, 1.02))
ax.set_yscale("symlog", linthresh=1)
ax.set_yticks([0, 1, 2, 8, 64], ["0", "1", "2", "8", "64"])
ax.minorticks_off()
ax.set_ylim(0, 90)

values = {
    "noise_std": measured["noise in all directions"][0],
    "noise_rank": measured["noise in all directions"][1],
    "near_std": measured["near one point"][0],
    "near_rank": measured["near one point"][1],
    "two_std": measured["two opposite points"][0],
}
alt_text = {
    "collapse-states": "Scatter plot of effective rank over embedding std. "
    + " ".join(
        f"{name[0].upper() + name[1:]}: std {std:.2f}, rank {rank:.1f}."
        for name, (std, rank) in measured.items()
    )
}
