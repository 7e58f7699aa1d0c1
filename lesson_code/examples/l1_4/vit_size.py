# /// example
# cost = "quick"
# ///
"""Count the parameters of a ViT-S/16, and the multiplications that images of any size cost."""

import torch

from lesson_code import VisionTransformer

# --8<-- [start:show]
with torch.device("meta"):  # sizes without numbers
    model = VisionTransformer()
count = sum(weight.numel() for weight in model.parameters())
print(f"ViT-S/16: {count / 1e6:.1f} million parameters")

D, depth, cost = 384, 12, {}
print("size patch tokens  billions of products  share of L x L")
for size, patch in ((96, 16), (224, 16), (448, 16), (224, 8)):
    L = 1 + (size // patch) ** 2
    pairs = depth * 2 * L * L * D  # logits, and what is mixed
    linear = depth * 12 * L * D * D  # qkv 3, proj 1, the perceptron 8
    cost[size, patch] = pairs + linear
    share = pairs / cost[size, patch]
    print(f"{size:4} {patch:5} {L:6} {cost[size, patch] / 1e9:21.1f} {share:15.0%}")
# --8<-- [end:show]

values = {
    "millions": count / 1e6,
    "small_patches": cost[224, 8] / cost[224, 16],
    "local": cost[224, 16] / cost[96, 16],
    "weights": (785 / 197) ** 2,
}
