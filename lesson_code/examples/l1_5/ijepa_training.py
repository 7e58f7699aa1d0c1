# /// example
# cost = "quick"
# limit = 240
# tolerance = 1e-2
# ///
"""Train a small I-JEPA on digits, and watch the loss beside what its features tell apart."""

import torch

# --8<-- [start:imports]
import copy

from torch import nn

# --8<-- [end:imports]

from lesson_code import ema_update, ijepa_loss, patchify, sample_blocks

# --8<-- [start:networks]
from sklearn.datasets import load_digits

images = torch.tensor(load_digits().images)[:, None] / 16  # (1797, 1, 8, 8), float64
patches = (patchify(images, 2) - 0.3) / 0.4  # (1797, 16, 4)


def layers(enter, leave):
    return nn.Sequential(nn.Linear(enter, 64), nn.GELU(), nn.Linear(64, leave))


class Encoder(nn.Module):
    """Say something of each patch that it sees, knowing the mean of the others."""

    def __init__(self):
        super().__init__()
        self.places = nn.Parameter(torch.randn(16, 8))
        self.look, self.mix = layers(12, 32), layers(64, 32)

    def forward(self, patches, keep=slice(None)):
        places = self.places.expand(len(patches), -1, -1)
        seen = self.look(torch.cat([patches, places], dim=2)[:, keep])  # (N, K, 32)
        return self.mix(torch.cat([seen, seen.mean(1, True).expand_as(seen)], dim=2))


# --8<-- [end:networks]
# --8<-- [start:show]
torch.manual_seed(0)
encoder, predictor = Encoder().double(), layers(40, 32).double()
target = copy.deepcopy(encoder)
places = nn.Parameter(torch.randn(16, 8).double())  # where the predictor looks
trained = [*encoder.parameters(), *predictor.parameters(), places]
optimizer = torch.optim.AdamW(trained, lr=1e-3)
told = {}
for step in range(101):
    batch = patches[torch.randint(1797, (128,))]
    context, blocks = sample_blocks(4, 4)
    summary = encoder(batch, context).mean(dim=1)[:, None, None]  # (N, 1, 1, 32)
    asked = places[blocks].expand(len(batch), -1, -1, -1)  # (N, 4, B, 8)
    known = summary.expand(-1, *blocks.shape, -1)
    prediction = predictor(torch.cat([known, asked], dim=3))
    with torch.no_grad():
        features = target(batch)
    loss = ijepa_loss(prediction, features, blocks.expand(len(batch), -1, -1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    ema_update(target, encoder, 0.99)
    if step in (0, 20, 100):
        spread = nn.functional.layer_norm(features, (32,)).std(dim=0).mean()
        told[step] = loss.item(), spread.item()
        print(f"step {step:3}: loss {loss:.3f}, spread at a place {spread:.3f}")
# --8<-- [end:show]

values = {
    "loss_before": told[0][0],
    "loss_after": told[100][0],
    "spread_before": told[0][1],
    "spread_after": told[100][1],
}
