# /// example
# cost = "quick"
# seed = 0
# ///
"""Three silent mistakes with MoCo, each beside the right way, and the number that tells."""

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo, ema_update

# --8<-- [start:show]
torch.manual_seed(0)
views = torch.randn(8, 128)
moco = MoCo(nn.Identity(), dim=128, K=64)
right = F.cross_entropy(*moco(views, views)).item()  # then these keys enter the queue ...
wrong = F.cross_entropy(*moco(views, views)).item()  # ... and meet their own queries
print(f"perfect keys: loss {right:.4f}, enqueued too early {wrong:.4f}")

key, query = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
moved = {}
for name, momentum in (("right", 0.999), ("swapped", 1 - 0.999)):
    nn.init.zeros_(key.weight)
    nn.init.ones_(query.weight)
    ema_update(key, query, momentum)
    moved[name] = key.weight.item()
print(f"a step from 0 to 1: {moved['right']:.3f}, momentum swapped {moved['swapped']:.3f}")

length = {}
for name, dim in (("right", 0), ("wrong", 1)):
    queue = F.normalize(torch.randn(128, 4096), dim=dim)
    length[name] = queue.norm(dim=0).mean().item()
print(f"length of a key: {length['right']:.3f}, along the wrong axis {length['wrong']:.3f}")
# --8<-- [end:show]

values = {
    "right": right,
    "early": wrong,
    "swapped": moved["swapped"],
    "wrong_length": length["wrong"],
}
