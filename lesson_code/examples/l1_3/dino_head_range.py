# /// example
# cost = "quick"
# ///
"""Show what leaves DINO's head, and where its parameters are."""

import torch

from lesson_code.dino_head import DINOHead

# --8<-- [start:show]
torch.manual_seed(0)
head = DINOHead(in_dim=384, out_dim=1024)
features = torch.randn(32, 384)
with torch.no_grad():
    outputs = head(features)
    direction = head.mlp(features)
norms = head.last_layer.weight.norm(dim=1)
print(f"outputs {tuple(outputs.shape)}, largest size {outputs.abs().max():.2f}")
print(f"bottleneck before scaling, mean length {direction.norm(dim=1).mean():.4f}")
print(f"prototypes, least and greatest length {norms.min():.4f} {norms.max():.4f}")

with torch.device("meta"):  # count without memory
    full = DINOHead(in_dim=384, out_dim=65536)
perceptron = sum(parameter.numel() for parameter in full.mlp.parameters())
prototypes = full.last_layer.weight.numel()
print(f"parameters: perceptron {perceptron:,}, prototypes {prototypes:,}")
# --8<-- [end:show]

values = {
    "perceptron_millions": perceptron / 1e6,
    "prototype_millions": prototypes / 1e6,
}
