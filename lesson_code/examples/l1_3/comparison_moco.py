# /// example
# cost = "quick"
# ///
"""Take a few real MoCo steps with a ResNet-18 on views of two photographs."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_images
from torch import nn
from torchvision.transforms import v2

from lesson_code import MoCo, SplitBatch

tiles = []
for photograph in load_sample_images().images:
    pixels = torch.tensor(photograph).permute(2, 0, 1)
    for top in (0, 213):
        for left in (0, 160, 320, 480):
            tiles.append(pixels[:, top : top + 213, left : left + 160])

augment = v2.Compose(
    [
        v2.ToDtype(torch.float32, scale=True),
        v2.RandomResizedCrop(64, scale=(0.2, 1.0), antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
        v2.RandomGrayscale(p=0.2),
    ]
)


def batch_of_views():
    return torch.stack([augment(tile) for tile in tiles])


# --8<-- [start:show]
from torchvision.models import resnet18

torch.manual_seed(0)
network = resnet18(weights=None, zero_init_residual=True)
network.fc = nn.Linear(512, 128)  # from 1000 classes to keys of length 128
moco = MoCo(SplitBatch(network, 4), dim=128, K=64, m=0.99, T=0.2)
optimizer = torch.optim.SGD(moco.encoder_q.parameters(), lr=0.005)

for step in range(5):
    logits, labels = moco(batch_of_views(), batch_of_views())
    loss = F.cross_entropy(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step}: loss {loss:.2f}, queue pointer {moco.queue_ptr.item()}")
# --8<-- [end:show]

import math

values = {"log_candidates": math.log(65)}
