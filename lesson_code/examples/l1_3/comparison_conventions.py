# /// example
# cost = "quick"
# ///
"""Compute each loss in the book's convention and in another one in use, and their ratio."""

import torch
import torch.nn.functional as F

from lesson_code import SSLComparison, dino_loss, multi_crop_dino_loss

# --8<-- [start:show]
torch.manual_seed(0)
a, b, c, d = F.normalize(torch.randn(4, 16, 32, dtype=torch.float64), dim=2)
rows = torch.arange(16)


def half(x, y):  # queries x against all of y and all of x but themselves
    own = (x @ x.T / 0.5).fill_diagonal_(-torch.inf)
    return F.cross_entropy(torch.cat([x @ y.T / 0.5, own], dim=1), rows)


sum_of_halves = half(a, b) + half(b, a)
ratio = sum_of_halves / SSLComparison.simclr_loss(a, b, temperature=0.5)
print(f"SimCLR, two halves added / ours: {ratio:.4f}")

byol = SSLComparison.byol_loss(a, b, c, d)
two_terms = ((a - b) ** 2).sum(dim=1).mean() + ((c - d) ** 2).sum(dim=1).mean()
print(f"BYOL, two terms added / ours:    {two_terms / byol:.4f}")
negative_cosine = -((a * b).sum(dim=1).mean() + (c * d).sum(dim=1).mean()) / 2
same = torch.allclose(byol, 2 + 2 * negative_cosine)
print(f"BYOL is 2 + 2 x SimSiam's loss:  {same}")

crops = [a, b, c, d]
pairs = [dino_loss(crops[v], crops[g]) for g in range(2) for v in range(4) if v != g]
ratio = sum(pairs) / multi_crop_dino_loss(crops, crops[:2])
print(f"DINO, sum of pairs / ours:       {ratio:.4f}")
# --8<-- [end:show]
