# /// example
# cost = "quick"
# ///
"""Standardize the embeddings wrong, in four ways, and read the Barlow Twins loss."""

import torch

from lesson_code import barlow_twins_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 16, 8


def by_hand(z, dim=0, center=True, correction=0):
    """The loss of a view with itself, its precautions open to change."""
    if center:
        z = z - z.mean(dim, keepdim=True)
    squares = z.square().sum(dim, keepdim=True)
    z = z / (squares / (z.shape[dim] - correction)).sqrt()
    c = z.T @ z / len(z)
    off_diagonal = c.square().fill_diagonal_(0).sum()
    return (1 - c.diagonal()).square().sum() + 0.005 * off_diagonal


drawn = torch.randn(N, D, dtype=torch.float64)
perfect = torch.linalg.qr(drawn - drawn.mean(dim=0)).Q  # must cost nothing
# Nor must this: other scales, other zeros.
moved = perfect * torch.linspace(1, 4, D) + torch.linspace(-1, 1, D)
silent = perfect.clone()
silent[:, 0] = 0  # one dimension says nothing, and costs 1

variants = {
    "the book's": lambda z: barlow_twins_loss(z, z),
    "unguarded": by_hand,
    "unbiased deviation": lambda z: by_hand(z, correction=1),
    "not centered": lambda z: by_hand(z, center=False),
    "rows, not columns": lambda z: by_hand(z, dim=1),
}
table = {}
print(f"{'':19}perfect    moved   silent")
for name, loss in variants.items():
    table[name] = [abs(loss(z).item()) for z in (perfect, moved, silent)]
    print(f"{name:18}" + "".join(f"{value:8.4f} " for value in table[name]).rstrip())
# --8<-- [end:show]

values = {
    "unbiased": table["unbiased deviation"][0],
    "unbiased_by_hand": D / N**2,
    "moved": table["not centered"][1],
    "rows": table["rows, not columns"][0],
}
