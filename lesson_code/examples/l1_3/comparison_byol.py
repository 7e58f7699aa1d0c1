# /// example
# cost = "quick"
# ///
"""Take a few real BYOL steps with a ResNet-18 on views of two photographs."""

import torch
from sklearn.datasets import load_sample_images
from torch import nn
from torchvision.models import resnet18
from torchvision.transforms import v2

from lesson_code import BYOL

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
torch.manual_seed(0)
network = resnet18(weights=None, zero_init_residual=True)
network.fc = nn.Identity()  # hand the 512 features on; BYOL measures how many
byol = BYOL(network, hidden_dim=256, output_dim=64, tau=0.99)
optimizer = torch.optim.SGD(byol.parameters(), lr=0.002)

for step in range(4):
    loss = byol(batch_of_views(), batch_of_views())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    byol.update_target_network()
    print(f"step {step}: loss {loss:.2f}")
# --8<-- [end:show]
