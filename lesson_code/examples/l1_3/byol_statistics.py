# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Leave the target in evaluation mode and see what its batch normalization never learns."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

from lesson_code import BYOL

images = torch.tensor(load_digits().images)[:, None] / 16  # as in the run above it

# --8<-- [start:show]
inputs = images[:256].flatten(1).float()
print("target in            mean it saw   online   cosine of the features")
for mode in ("training mode", "evaluation mode"):
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.BatchNorm1d(64), nn.Linear(64, 32), nn.ReLU())
    model = BYOL(encoder, hidden_dim=64, output_dim=16, tau=0.0)  # the target is a copy
    if mode == "evaluation mode":
        model.target_encoder.eval()
        model.target_projector.eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for _ in range(30):
        noisy = inputs + 0.1 * torch.randn(2, 256, 64)
        optimizer.zero_grad()
        model(noisy[0], noisy[1]).backward()
        optimizer.step()
        model.update_target_network()
    model.eval()
    target, online = model.target_encoder, model.online_encoder
    cosine = F.cosine_similarity(target(inputs), online(inputs)).mean()
    means = [network[0].running_mean.mean() for network in (target, online)]
    print(f"{mode:18s} {means[0]:12.2f} {means[1]:10.2f} {cosine:18.2f}")
# --8<-- [end:show]

values = {"stale": means[0].item(), "mean": means[1].item(), "cosine": cosine.item()}
