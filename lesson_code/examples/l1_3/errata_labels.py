# /// example
# limit = 20
# ///
"""Two wrong ways of telling a cross-entropy which view is the positive."""

import torch
import torch.nn.functional as F

from lesson_code import simclr_loss


# --8<-- [start:show]
def own_diagonal(z_i: torch.Tensor, z_j: torch.Tensor, T: float = 0.5) -> torch.Tensor:
    """WRONG: in the first half each row's target is its own, masked, entry."""
    z = F.normalize(torch.cat([z_i, z_j]))
    logits = (z @ z.T / T).fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, torch.arange(len(z_i)).repeat(2), reduction="none")


def same_view(z_i: torch.Tensor, z_j: torch.Tensor, T: float = 0.5) -> torch.Tensor:
    """WRONG: the positive is another image of the same view."""
    z, n = F.normalize(torch.cat([z_i, z_j])), len(z_i)
    logits = (z @ z.T / T).fill_diagonal_(-torch.inf)
    first, second = torch.zeros(n).long(), torch.zeros(n).long() + n
    first[0], second[0] = 1, n + 1  # no row is its own target
    return F.cross_entropy(logits, torch.cat([first, second]))


torch.manual_seed(0)
a, b = F.normalize(torch.randn(2, 32, 128), dim=2)
print(f"{'views':12} correct  same view  own diagonal")
for views, z_j in (("unrelated", b), ("half way", a + b), ("identical", a)):
    rows = own_diagonal(a, z_j)
    print(
        f"{views:12} {simclr_loss(a, z_j):7.4f} {same_view(a, z_j):10.4f}"
        f"  {rows.mean():12.4f}  ({rows.isinf().sum()} of {len(rows)} rows)"
    )
# --8<-- [end:show]

values = {
    "correct_unrelated": simclr_loss(a, b).item(),
    "same_view_unrelated": same_view(a, b).item(),
    "correct_identical": simclr_loss(a, a).item(),
    "same_view_identical": same_view(a, a).item(),
    "infinite_rows": int(own_diagonal(a, b).isinf().sum()),
    "rows": len(own_diagonal(a, b)),
}
