# /// example
# cost = "quick"
# ///
"""Center a teacher's outputs by Sinkhorn-Knopp, and compare with a running center."""

import torch

from lesson_code import sinkhorn

# --8<-- [start:show]
torch.manual_seed(0)
outputs = 0.2 * torch.randn(256, 16) + 0.5 * torch.rand(
    16
)  # a part is common to all images
targets = {
    "neither": (outputs / 0.07).softmax(dim=1),
    "centered": ((outputs - outputs.mean(dim=0)) / 0.07).softmax(dim=1),
    "Sinkhorn": sinkhorn(outputs, epsilon=0.07, iterations=3),
}
print("least and most that a prototype gets of 256 images")
shares = {name: target.sum(dim=0) for name, target in targets.items()}
for name, share in shares.items():
    print(f"{name:9} {share.min().item():6.1f} {share.max().item():8.1f}")
official = (outputs / 0.07).exp()  # as DINOv2 has it, without logarithms
for _ in range(3):
    official = official / official.sum(dim=0) / 16
    official = official / official.sum(dim=1, keepdim=True) / 256
print("as in DINOv2:", torch.allclose(256 * official, targets["Sinkhorn"], atol=1e-5))
# --8<-- [end:show]

values = {name.lower(): share.max().item() for name, share in shares.items()}
