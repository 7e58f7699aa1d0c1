# /// example
# cost = "quick"
# ///
"""Do Sinkhorn wrong in the usual ways and look at the sums of its rows."""

import torch
import torch.nn.functional as F

from lesson_code import sinkhorn

# --8<-- [start:show]
torch.manual_seed(0)
prototypes = F.normalize(torch.randn(8, 4), dim=1)
embeddings = F.normalize(torch.randn(16, 4), dim=1)
scores = embeddings @ prototypes.T  # (N, K) = (16, 8)


def scale(q: torch.Tensor, iterations: int = 3, rows_last: bool = True) -> torch.Tensor:
    """Sinkhorn in the open: divide by sums."""
    for _ in range(iterations):
        for dim in (0, 1) if rows_last else (1, 0):
            q = q / q.sum(dim=dim, keepdim=True)
    return q


cases = {
    "sinkhorn": sinkhorn(scores),
    "columns last": scale((scores / 0.05).exp(), rows_last=False),
    "transpose forgotten": scale((scores / 0.05).exp().T).T,
    "exp in float16": scale((scores.half() / 0.05).exp()),
    "exp, epsilon 0.01": scale((scores / 0.01).exp()),
    "sinkhorn, float16": sinkhorn(scores.half()),
    "sinkhorn, 0.01": sinkhorn(scores, epsilon=0.01),
}
print(f"{'':20} smallest  largest row sum  NaN")
broken = {}
for name, q in cases.items():
    sums = q.sum(dim=1)
    fine = sums[sums.isfinite()]
    broken[name] = int(q.isnan().any(dim=1).sum())
    extremes = (
        f"{fine.min():8.2f} {fine.max():8.2f}" if len(fine) else "       -        -"
    )
    print(f"{name:20} {extremes} {broken[name]:13} rows")
# --8<-- [end:show]

values = {
    "rows_in_float16": broken["exp in float16"],
    "largest_row": cases["columns last"].sum(dim=1).max().item(),
    "smallest_row": cases["columns last"].sum(dim=1).min().item(),
}
