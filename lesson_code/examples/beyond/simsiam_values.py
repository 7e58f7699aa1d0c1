# /// example
# cost = "quick"
# ///
"""Read SimSiam's loss, the spread, and a wrong loss in three states of a network."""

import torch
import torch.nn.functional as F

from lesson_code import simsiam_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 32, 128


def spread(z: torch.Tensor) -> float:
    """Mean deviation of the unit rows, times sqrt(D): 1 healthy, 0 collapsed."""
    return F.normalize(z, dim=1).std(dim=0).mean().item() * z.shape[1] ** 0.5


z_1 = torch.randn(N, D)
z_2 = z_1 + 0.5 * torch.randn(N, D)  # the other view: similar, not equal
one_way = torch.ones(N, D) + 0.01 * torch.randn(N, D)  # the same for every image
states = {
    "predictions right": (z_2, z_1, z_1, z_2),  # p_1, p_2, z_1, z_2
    "unrelated": (torch.randn(N, D), torch.randn(N, D), z_1, z_2),
    "collapsed": (one_way, one_way, one_way, one_way),
}
table = {}
print(f"{'':17}    loss  own view  spread")
for name, (p_1, p_2, t_1, t_2) in states.items():
    loss = simsiam_loss(p_1, p_2, t_1, t_2).item()
    own_view = simsiam_loss(p_1, p_2, t_2, t_1).item()  # p_1 meets t_1
    table[name] = (loss, own_view, spread(t_1))
    print(f"{name:17} {loss:7.4f} {own_view:9.4f} {spread(t_1):7.4f}")
# --8<-- [end:show]

values = {
    "right_spread": table["predictions right"][2],
    "collapsed_spread": table["collapsed"][2],
    "own_view": table["predictions right"][1],
}
