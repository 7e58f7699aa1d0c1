# /// example
# cost = "quick"
# ///
"""Read SwAV's loss and two wrong ones on healthy, unrelated and collapsed outputs."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]
import torch
import torch.nn.functional as F

from lesson_code import sinkhorn, swav_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, K, D = 256, 16, 32
prototypes = torch.linalg.qr(torch.randn(D, K)).Q.T  # K unit rows at right angles
clusters = prototypes[torch.arange(N) % K]


def view(center: torch.Tensor, noise: float = 0.05) -> torch.Tensor:
    """Return scores of embeddings around the center."""
    z = F.normalize(center + noise * torch.randn(N, D), dim=1)
    return z @ prototypes.T  # (N, K)


def swap(scores: torch.Tensor, targets: torch.Tensor) -> float:
    """Cross-entropy of the prediction and given targets, one direction."""
    return -(targets * (scores / 0.1).log_softmax(dim=1)).sum(dim=1).mean().item()


one_spot = prototypes[0].expand(N, D)
states = {
    "clusters": (view(clusters), view(clusters)),
    "unrelated": (view(clusters, 9.0), view(clusters, 9.0)),
    "one spot": (view(one_spot, 0.0), view(one_spot, 0.0)),
}
table = {}
print(f"{'':10}   SwAV  softmax targets  own assignment")
for name, (first, second) in states.items():
    right = swav_loss(first, second).item()
    unbalanced = swap(first, (second / 0.05).softmax(dim=1))
    unswapped = swap(first, sinkhorn(first))
    table[name] = (right, unbalanced, unswapped)
    print(f"{name:10} {right:6.3f} {unbalanced:16.3f} {unswapped:15.3f}")
print(f"ln K       {math.log(K):6.3f}")
# --8<-- [end:show]

values = {
    "spot": table["one spot"][0],
    "spot_unbalanced": table["one spot"][1],
    "unrelated": table["unrelated"][0],
    "unrelated_own": table["unrelated"][2],
    "log_k": math.log(K),
    "log_3000": math.log(3000),
}
