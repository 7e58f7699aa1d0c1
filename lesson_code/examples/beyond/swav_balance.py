# /// example
# cost = "quick"
# ///
"""Watch the shares of the prototypes become equal over the iterations of Sinkhorn."""

import torch
import torch.nn.functional as F

from lesson_code import sinkhorn

# --8<-- [start:show]
torch.manual_seed(0)
N, K, D = 256, 16, 32
prototypes = F.normalize(torch.randn(K, D), dim=1)
embeddings = torch.randn(N, D) + 2 * prototypes[0] + 2 * prototypes[1]
scores = F.normalize(embeddings, dim=1) @ prototypes.T  # (N, K): two favorites

fair = N / K
shares = {"0": (scores / 0.05).softmax(dim=1).sum(dim=0) / fair}
for iterations in (1, 3, 10, 100):
    shares[f"{iterations}"] = sinkhorn(scores, 0.05, iterations).sum(dim=0) / fair
print("iterations  smallest  largest share")
for name, share in shares.items():
    print(f"{name:>10} {share.min():9.2f} {share.max():8.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

shown = {"0": "softmax", "1": "1 iteration", "3": "3 iterations", "10": "10 iterations"}
fig, axes = plt.subplots(
    4, 1, num="swav-balance", figsize=(3.7, 4.9), sharex=True, layout="constrained"
)
order = shares["0"].argsort(descending=True)
for ax, (name, title) in zip(axes, shown.items(), strict=True):
    ax.bar(range(1, K + 1), shares[name][order].tolist(), color="C0", width=0.75)
    ax.axhline(1, linestyle="--", linewidth=1, color=plt.rcParams["text.color"])
    ax.set_title(title, loc="right", y=0.7)
    ax.set_ylim(0, max(2.0, 1.1 * shares[name].max().item()))
fig.supylabel("share of the batch, 1 = fair", fontsize=9)
axes[-1].set(xlabel="prototype", xticks=(1, 4, 8, 12, 16))

values = {
    "softmax_largest": shares["0"].max().item(),
    "three_smallest": shares["3"].min().item(),
    "three_largest": shares["3"].max().item(),
}
alt_text = {
    "swav-balance": (
        f"Four bar charts of the shares of {K} prototypes, where 1 is the fair share. "
        + " ".join(
            f"{title.capitalize()}: from {shares[name].min().item():.2f} to "
            f"{shares[name].max().item():.2f}."
            for name, title in shown.items()
        )
    )
}
