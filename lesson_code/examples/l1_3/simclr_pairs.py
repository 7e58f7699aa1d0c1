# /// example
# cost = "quick"
# ///
"""Show the 2N x 2N table of similarities: which entry is the positive, which one is left out."""

import torch
import torch.nn.functional as F

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 4, 16
first = F.normalize(torch.randn(N, D), dim=1)
second = F.normalize(first + 0.2 * torch.randn(N, D), dim=1)  # the same images

z = torch.cat([first, second])  # (2N, D)
similarity = z @ z.T  # (2N, 2N), cosines
rows = torch.arange(2 * N)
targets = (rows + N) % (2 * N)

print("row:   ", *rows.tolist())
print("target:", *targets.tolist())
print(f"mean cosine with the target: {similarity[rows, targets].mean():.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="simclr-pairs", figsize=(3.6, 3.6))
for row in range(2 * N):
    for column in range(2 * N):
        cosine = similarity[row, column].item()
        corner = (column - 0.5, row - 0.5)
        if row == column:
            ax.plot(
                [column - 0.25, column + 0.25], [row - 0.25, row + 0.25], color="C5"
            )
            ax.plot(
                [column - 0.25, column + 0.25], [row + 0.25, row - 0.25], color="C5"
            )
            continue
        color = "C0" if cosine > 0 else "C3"
        ax.add_patch(
            plt.Rectangle(
                corner, 1, 1, facecolor=(color, 0.6 * abs(cosine)), edgecolor="none"
            )
        )
        ax.text(
            column,
            row,
            f"{round(cosine, 1) + 0:.1f}".replace("-", "−"),
            ha="center",
            va="center",
            size=8.5,
        )
for row, target in enumerate(targets.tolist()):
    ax.add_patch(
        plt.Rectangle(
            (target - 0.46, row - 0.46),
            0.92,
            0.92,
            fill=False,
            edgecolor="C1",
            linewidth=2,
        )
    )
ax.axhline(N - 0.5, linewidth=0.8, color=plt.rcParams["text.color"])
ax.axvline(N - 0.5, linewidth=0.8, color=plt.rcParams["text.color"])
ax.set(xlim=(-0.5, 2 * N - 0.5), ylim=(2 * N - 0.5, -0.5), aspect="equal")
ax.set(xlabel="compared with view", ylabel="view (one row of the loss)")
ax.set_xticks(range(2 * N))
ax.set_yticks(range(2 * N))
ax.tick_params(length=0)

others = torch.ones(2 * N, 2 * N, dtype=torch.bool)
others[rows, rows] = others[rows, targets] = False
values = {
    "positive": similarity[rows, targets].mean().item(),
    "negative_largest": similarity[others].max().item(),
}
alt_text = {
    "simclr-pairs": (
        f"Table of {2 * N} by {2 * N} cosines for {N} images. The diagonal is crossed out. "
        f"Framed entries, {N} places right or left of the diagonal, are the positives, "
        f"{values['positive']:.2f} on average. All other entries are negatives, "
        f"at most {values['negative_largest']:.2f}."
    )
}
