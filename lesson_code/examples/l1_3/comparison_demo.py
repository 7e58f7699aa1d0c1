# /// example
# cost = "quick"
# ///
"""Evaluate the three losses on random inputs of the kind that each of them expects."""

import torch

from lesson_code import SSLComparison

# --8<-- [start:show]
torch.manual_seed(0)
z1, z2 = torch.randn(32, 128), torch.randn(32, 128)  # embeddings of two views
p1, p2 = torch.randn(32, 128), torch.randn(32, 128)  # what a predictor makes of them
student, teacher = 0.1 * torch.randn(32, 128), 0.1 * torch.randn(32, 128)  # logits

print(f"SimCLR: {SSLComparison.simclr_loss(z1, z2, temperature=0.5):.4f}")
print(f"BYOL:   {SSLComparison.byol_loss(p1, z2, p2, z1):.4f}")
print(f"DINO:   {SSLComparison.dino_loss(student, teacher):.4f}")
# --8<-- [end:show]
