# /// example
# cost = "quick"
# ///
"""Do the delicate steps of NT-Xent wrong, one at a time, and read the loss."""

import torch
import torch.nn.functional as F


# --8<-- [start:show]
def nt_xent(
    z: torch.Tensor,
    targets: torch.Tensor,
    temperature: float,
    mask_self: bool = True,
) -> torch.Tensor:
    """NT-Xent in the open, so that its precautions can be left out one by one."""
    logits = z @ z.T / temperature
    if mask_self:
        logits = logits.fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, targets)


torch.manual_seed(0)
N, D = 32, 128
unrelated = F.normalize(torch.randn(2 * N, D), dim=1)
aligned = torch.eye(N, D).repeat(2, 1)  # N orthogonal directions, twice
rows = torch.arange(2 * N)
partner = (rows + N) % (2 * N)  # views stacked: first all z_i, then all z_j
neighbor = rows ^ 1  # right only where the two views alternate

cases = {
    "correct": {"targets": partner},
    "self not masked": {"targets": partner, "mask_self": False},
    "wrong pairs": {"targets": neighbor},
    "not normalized": {"targets": partner, "scale": D**0.5},
}
table = {}
print(f"{'':15} unrelated  aligned  aligned")
print(f"{'':15}   T = 0.5  T = 0.5  T = 0.1")
for name, case in cases.items():
    scale = case.pop("scale", 1)
    table[name] = [
        nt_xent(scale * z, temperature=temperature, **case).item()
        for z, temperature in ((unrelated, 0.5), (aligned, 0.5), (aligned, 0.1))
    ]
    unrelated_loss, aligned_loss, cold_loss = table[name]
    print(f"{name:15} {unrelated_loss:9.4f} {aligned_loss:8.4f} {cold_loss:8.4f}")
# --8<-- [end:show]

values = {
    "correct_unrelated": table["correct"][0],
    "unmasked_unrelated": table["self not masked"][0],
    "pairs_unrelated": table["wrong pairs"][0],
    "pairs_aligned": table["wrong pairs"][1],
    "correct_cold": table["correct"][2],
    "unmasked_cold": table["self not masked"][2],
}
