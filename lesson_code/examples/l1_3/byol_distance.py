# /// example
# cost = "quick"
# ///
"""Show that the loss is a squared distance, and what other conventions make of it."""

import torch
import torch.nn.functional as F

from lesson_code import regression_loss

# --8<-- [start:show]
torch.manual_seed(0)
p = torch.randn(6, 256)
z = p + torch.randn(6, 256)

loss = regression_loss(p, z)
cosine = F.cosine_similarity(p, z).mean()
print(f"regression_loss(p, z)             {loss:.4f}")
print(f"2 - 2 cos(p, z)                   {2 - 2 * cosine:.4f}")
print(f"regression_loss(3 * p, z / 5)     {regression_loss(3 * p, z / 5):.4f}")
print(f"same direction                    {regression_loss(p, p):.4f}")
print(f"opposite direction                {regression_loss(p, -p):.4f}")

per_entry = F.mse_loss(F.normalize(p), F.normalize(z))
print(f"BYOL paper, sum of two directions {loss + regression_loss(z, p):.4f}")
print(f"SimSiam, minus the cosine         {-cosine:.4f}")
print(f"mse_loss of unit vectors          {per_entry:.4f}")
# --8<-- [end:show]

values = {"mse_ratio": round((loss / per_entry).item(), 3)}
