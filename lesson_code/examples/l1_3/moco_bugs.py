# /// example
# cost = "quick"
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
loss = F.cross_entropy(*moco(views, views)).item()  # then the keys enter the queue
early = F.cross_entropy(*moco(views, views)).item()  # and meet their own queries

key, query = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
moved = {}
for momentum in (0.999, 1 - 0.999):
    nn.init.zeros_(key.weight)
    nn.init.ones_(query.weight)
    ema_update(key, query, momentum)
    moved[momentum] = key.weight.item()
step, swapped = moved.values()

keys = torch.randn(128, 4096)
length, wrong_axis = (
    F.normalize(keys, dim=d).norm(dim=0).mean().item() for d in (0, 1)
)

print("                          right   wrong")
print(f"loss, enqueued early     {loss:.4f}  {early:.4f}")
print(f"step, momentum swapped   {step:.4f}  {swapped:.4f}")
print(f"length, along wrong axis {length:.4f}  {wrong_axis:.4f}")
# --8<-- [end:show]

values = {
    "right": loss,
    "early": early,
    "step": step,
    "swapped": swapped,
    "wrong_length": wrong_axis,
}
