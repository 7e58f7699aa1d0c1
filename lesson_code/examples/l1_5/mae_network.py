# /// example
# cost = "quick"
# limit = 240
# tolerance = 1e-2
# ///
"""A masked autoencoder with an encoder of visible patches, trained on digits for a moment."""

import torch

# --8<-- [start:imports]
from torch import nn

# --8<-- [end:imports]

from lesson_code import mae_loss, patchify, random_masking


# --8<-- [start:network]
def take(tokens, index):
    """Pick the tokens of each image that the index names, in its order."""
    return tokens.gather(1, index[:, :, None].expand(-1, -1, tokens.shape[2]))


def transformer(width, depth):
    shape = width, 4, 2 * width, 0.0  # heads, hidden units, dropout
    layer = nn.TransformerEncoderLayer(*shape, batch_first=True, norm_first=True)
    return nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)


class MaskedAutoencoder(nn.Module):
    """An encoder of visible patches, and a decoder of all places."""

    def __init__(self, patches, numbers, width=48):
        super().__init__()
        self.embed = nn.Linear(numbers, width)
        self.places = nn.Parameter(0.1 * torch.randn(2, patches, width))
        self.encoder, self.decoder = transformer(width, 2), transformer(width, 1)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.to_pixels = nn.Linear(width, numbers)

    def encode(self, patches, keep):
        tokens = self.embed(patches) + self.places[0]  # a place before any is dropped
        return self.encoder(take(tokens, keep))  # (N, L_keep, width)

    def decode(self, encoded, restore):
        n, kept = encoded.shape[:2]
        hidden = self.mask_token.expand(n, restore.shape[1] - kept, -1)
        tokens = take(torch.cat([encoded, hidden], dim=1), restore)  # (N, L, width)
        return self.to_pixels(self.decoder(tokens + self.places[1]))  # (N, L, P)


# --8<-- [end:network]
# --8<-- [start:train]
from sklearn.datasets import load_digits

digits = (
    torch.tensor(load_digits().images)[:, None] - 5
) / 6  # (1797, 1, 8, 8), float64
train, test = digits[:1297], digits[1297:]
torch.manual_seed(0)
model = MaskedAutoencoder(patches=16, numbers=4).double()
optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3)
draw = torch.Generator().manual_seed(0)
keep, mask, restore = random_masking(len(test), 16, 0.5, draw)
losses = []
for step in range(201):
    if step in (0, 200):
        with torch.no_grad():
            guess = model.decode(model.encode(patchify(test, 2), keep), restore)
        losses.append(mae_loss(guess, test, mask, 2).item())
        print(
            f"step {step:3}: loss on hidden patches of unseen digits {losses[-1]:.2f}"
        )
    batch = train[torch.randint(len(train), (64,))]
    keep_some, hidden, back = random_masking(len(batch), 16, 0.5)
    guess = model.decode(model.encode(patchify(batch, 2), keep_some), back)
    loss = mae_loss(guess, batch, hidden, 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
average = patchify(train.mean(dim=0, keepdim=True), 2).expand_as(patchify(test, 2))
print(f"the average digit in every hole: {mae_loss(average, test, mask, 2):.2f}")
# --8<-- [end:train]

values = {"before": losses[0], "after": losses[1]}
