# /// example
# cost = "quick"
# ///
"""Let the Barlow Twins loss, and its first term alone, move free embeddings."""

import torch

from lesson_code import barlow_twins_loss, cross_correlation

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 64, 8
sources = torch.randn(N, 3, dtype=torch.float64)
mixed = sources @ torch.randn(3, D, dtype=torch.float64)  # 8 columns, 3 sources
start = mixed + torch.randn(2, N, D, dtype=torch.float64)  # two noisy views


def both_terms(views):
    return barlow_twins_loss(views[0], views[1], lambd=0.2)


def agreement_only(views):
    return (1 - cross_correlation(views[0], views[1]).diagonal()).square().sum()


def descend(loss):
    views = start.clone().requires_grad_()
    for _ in range(600):
        (gradient,) = torch.autograd.grad(loss(views), views)
        views = (views - 2 * gradient).detach().requires_grad_()
    return cross_correlation(views[0], views[1]).detach()


matrices = {
    "start": cross_correlation(start[0], start[1]),
    "agreement only": descend(agreement_only),
    "both terms": descend(both_terms),
}
print(f"{'':16}diagonal   beside it")
for name, c in matrices.items():
    diagonal = c.diagonal().mean()
    beside = (c - torch.diag(c.diagonal())).abs().sum() / (D * (D - 1))
    print(f"{name:16}{diagonal:8.2f}{beside:12.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 3, num="barlow-twins-matrix", figsize=(3.7, 1.75))
for ax, (name, c) in zip(axes, matrices.items(), strict=True):
    for i in range(D):
        for j in range(D):
            entry = c[i, j].item()
            color = ("C0" if entry > 0 else "C3", min(1.0, abs(entry)))
            ax.add_patch(plt.Rectangle((j, i), 1, 1, facecolor=color, edgecolor="none"))
    ax.add_patch(plt.Rectangle((0, 0), D, D, fill=False, linewidth=0.8))
    ax.set(xlim=(-0.1, D + 0.1), ylim=(D + 0.1, -0.1), aspect="equal", title=name)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
axes[0].set_ylabel("dimension of view 1")
axes[1].set_xlabel("dimension of view 2")


def off_diagonal(c: torch.Tensor) -> float:
    return ((c - torch.diag(c.diagonal())).abs().sum() / (D * (D - 1))).item()


values = {
    "diagonal_before": matrices["start"].diagonal().mean().item(),
    "diagonal_agreement": matrices["agreement only"].diagonal().mean().item(),
    "diagonal_both": matrices["both terms"].diagonal().mean().item(),
    "beside_agreement": off_diagonal(matrices["agreement only"]),
    "beside_both": off_diagonal(matrices["both terms"]),
}
alt_text = {
    "barlow-twins-matrix": (
        f"Three tables of {D} by {D} correlations. "
        + " ".join(
            f"{name}: {c.diagonal().mean():.2f} on average on the diagonal and "
            f"{off_diagonal(c):.2f} in size beside it."
            for name, c in matrices.items()
        )
    )
}
