# /// example
# limit = 20
# ///
"""A MoCo that never stores a key."""

import torch
from torch import nn

from lesson_code import MoCo


# --8<-- [start:show]
class WithoutEnqueue(MoCo):
    """WRONG: the queue keeps the random vectors it was filled with."""

    def enqueue(self, keys: torch.Tensor) -> None:
        """Forget the keys."""


print(f"{'':14} pointer  columns replaced")
for kind in (MoCo, WithoutEnqueue):
    torch.manual_seed(0)
    moco = kind(nn.Linear(16, 8), dim=8, K=64)
    start = moco.queue.clone()
    for _ in range(6):
        images = torch.randn(8, 16)
        moco(images, images)
    replaced = (moco.queue != start).any(dim=0).sum()
    print(f"{kind.__name__:14} {moco.queue_ptr.item():7} {replaced:9} of {moco.K}")
# --8<-- [end:show]

values = {"replaced_without": int(replaced)}
