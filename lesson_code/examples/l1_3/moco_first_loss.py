# /// example
# cost = "quick"
# seed = 0
# ///
"""Compare the loss of unrelated embeddings with ln(K + 1), at the temperatures of v1 and v2."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo

# --8<-- [start:show]
torch.manual_seed(0)
K, dim = 4096, 128
unrelated = torch.randn(2, 256, dim)
print(f"ln(K + 1) = {math.log(K + 1):.2f}")
first_loss, expected = {}, {}
for T in (0.07, 0.2, 1.0):
    moco = MoCo(nn.Identity(), dim=dim, K=K, T=T)
    first_loss[T] = F.cross_entropy(*moco(unrelated[0], unrelated[1])).item()
    expected[T] = math.log(K + 1) + 1 / (2 * dim * T**2)
    print(f"T = {T:<4}  loss {first_loss[T]:.2f}  expected {expected[T]:.2f}")
# --8<-- [end:show]

values = {
    "chance": math.log(K + 1),
    "at_007": first_loss[0.07],
    "at_1": first_loss[1.0],
}
