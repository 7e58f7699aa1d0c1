# /// example
# cost = "quick"
# ///
"""Let the head's weights grow, with and without the bottleneck's fixed length."""

import torch
import torch.nn.functional as F

from lesson_code.dino_head import DINOHead

# --8<-- [start:show]
torch.manual_seed(0)
head = DINOHead(in_dim=64, out_dim=256, hidden_dim=128, bottleneck_dim=32)
features = torch.randn(32, 64)


def target_entropy(bottleneck):
    p = F.softmax(head.last_layer(bottleneck) / 0.04, dim=1)
    return -torch.special.xlogy(p, p).sum(dim=1).mean()


print("entropy of a target; ln 256 is 5.55")
print("weights times   length one   as it comes")
with torch.no_grad():
    for growth in (1, 30, 1000):
        bottleneck = growth * head.mlp(features)
        fixed, free = (
            target_entropy(F.normalize(bottleneck)),
            target_entropy(bottleneck),
        )
        print(f"{growth:13d} {fixed:12.3f} {free:13.3f}")
# --8<-- [end:show]

values = {"fixed": fixed.item(), "free": free.item()}
