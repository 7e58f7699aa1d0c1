# /// example
# cost = "quick"
# ///
"""Measure the cosine of a vector with itself, with a neighbor and with a thousand strangers."""

# --8<-- [start:show]
import torch
import torch.nn.functional as F

torch.manual_seed(0)
vector = F.normalize(torch.randn(128), dim=0)  # a random direction, length one
neighbor = F.normalize(vector + 0.05 * torch.randn(128), dim=0)
strangers = F.normalize(torch.randn(1000, 128), dim=1)

print(f"itself:     {vector @ vector:.2f}")
print(f"a neighbor: {vector @ neighbor:.2f}")
print(f"strangers:  {(strangers @ vector).abs().mean():.2f} (mean, without sign)")
# --8<-- [end:show]

values = {
    "neighbor": (vector @ neighbor).item(),
    "strangers": (strangers @ vector).abs().mean().item(),
}
