# /// example
# cost = "quick"
# ///
"""See how the number of rows caps the rank, and what the mean row does to it."""

import torch

from lesson_code import effective_rank

# --8<-- [start:show]
torch.manual_seed(0)
D = 64
z = torch.randn(4096, D)
ranks = {}
for n in (8, 32, 64, 128, 512, 4096):
    ranks[n] = effective_rank(z[:n]).item()
    print(f"{n:4d} rows: rank {ranks[n]:5.2f} of at most {min(n - 1, D)}")


def uncentered_rank(z: torch.Tensor) -> float:
    """The same without subtracting the mean row."""
    spectrum = torch.linalg.svdvals(z)
    return torch.special.entr(spectrum / spectrum.sum()).sum().exp().item()


shifted = z + 10 * torch.randn(D)
print(f"shifted, centered:   rank {effective_rank(shifted).item():5.2f}")
print(f"shifted, uncentered: rank {uncentered_rank(shifted):5.2f}")
# --8<-- [end:show]

values = {
    "rank_64": ranks[64],
    "rank_512": ranks[512],
    "uncentered": uncentered_rank(shifted),
}
