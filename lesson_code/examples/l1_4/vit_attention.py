# /// example
# cost = "quick"
# ///
"""Compare attention with torch's own, and see what the root under the logits is for."""

import math

import torch
import torch.nn.functional as F

from lesson_code import attention, split_heads

# --8<-- [start:show]
torch.manual_seed(0)
qkv = torch.randn(2, 197, 3 * 384)  # an image in patches of 16, and [CLS]
mixed, weights = attention(qkv, heads=6)
print("mixed:", *mixed.shape, " weights:", *weights.shape)

query, key, value = split_heads(qkv, heads=6)
fused = F.scaled_dot_product_attention(query, key, value)
same = torch.allclose(mixed, fused.transpose(1, 2).flatten(2), atol=1e-5)
print("torch's own is equal:", same)

logits = query @ key.transpose(2, 3)
for name, scale in (("not divided", 1.0), ("divided by the root", math.sqrt(64))):
    largest = (logits / scale).softmax(dim=3).amax(dim=3).mean()
    spread = (logits / scale).std()
    print(f"{name:20} spread {spread:4.1f}, largest weight {largest:.2f}")
# --8<-- [end:show]

sharp, soft = (
    (logits / scale).softmax(dim=3).amax(dim=3).mean().item() for scale in (1.0, 8.0)
)
values = {"sharp": sharp, "soft": soft}
