# /// example
# cost = "quick"
# ///
"""Follow the loss of a MoCo that is not trained while real keys replace the random queue."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo

# --8<-- [start:show]
torch.manual_seed(0)
K, batch = 4096, 256
hidden = nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()
encoder = nn.Sequential(*hidden, nn.Linear(128, 128))
moco = MoCo(encoder, dim=128, K=K, T=0.07)
losses = []
with torch.no_grad():
    for _ in range(K // batch + 1):
        images = torch.rand(batch, 64)
        view_1, view_2 = images + 0.1 * torch.randn(2, batch, 64)
        losses.append(F.cross_entropy(*moco(view_1, view_2)).item())
for keys in (0, 1024, 2048, 4096):
    print(f"{keys:4d} real keys in the queue: loss {losses[keys // batch]:.2f}")
print(f"ln(K + 1) = {math.log(K + 1):.2f}")
# --8<-- [end:show]

values = {
    "chance": math.log(K + 1),
    "first": losses[0],
    "filled": losses[-1],
}
