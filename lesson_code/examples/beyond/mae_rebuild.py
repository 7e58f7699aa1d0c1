# /// example
# cost = "quick"
# ///
"""Rebuild hidden patches of digits by the best linear guess, at four mask ratios."""

import torch

from lesson_code import mae_loss, patchify, random_masking, unpatchify

# --8<-- [start:show]
from sklearn.datasets import load_digits

digits = torch.tensor(load_digits().images)[:, None] / 16  # (1797, 1, 8, 8), float64
train, test = digits[:1297], digits[1297:]
pixels = patchify(train, 2).flatten(1)  # (1297, 64), patch by patch
mean, covariance = pixels.mean(dim=0), pixels.T.cov() + 0.01 * torch.eye(64)


def linear_guess(images, keep):
    """Guess all pixels from the visible ones: the mean, moved along the covariance."""
    seen = (4 * keep[:, :, None] + torch.arange(4)).flatten(1)  # (N, S)
    among_seen = covariance[seen[:, :, None], seen[:, None]]  # (N, S, S)
    values = patchify(images, 2).flatten(1).gather(1, seen) - mean[seen]
    weights = torch.linalg.solve(among_seen, values)  # (N, S)
    moved = (covariance[seen] * weights[:, :, None]).sum(dim=1)  # (N, 64)
    return (mean + moved).unflatten(1, (16, 4))  # (N, 16, 4)


average = mean.view(16, 4).expand(len(test), 16, 4)
draw = torch.Generator().manual_seed(0)
print("ratio  visible  average digit  linear guess")
losses = {}
for ratio in (0.25, 0.5, 0.75, 0.9):
    keep, mask, restore = random_masking(len(test), 16, ratio, draw)
    guess = linear_guess(test, keep)
    baseline = mae_loss(average, test, mask, 2).item()
    losses[ratio] = mae_loss(guess, test, mask, 2).item()
    print(f"{ratio:5}  {keep.shape[1]:7}  {baseline:13.4f}  {losses[ratio]:12.4f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

COUNT = 5
chosen = test[:COUNT]
keep, mask, restore = random_masking(COUNT, 16, 0.75, draw)
guess = linear_guess(chosen, keep)
truth = patchify(chosen, 2)
rows = {
    "image": truth,
    "visible": truth.masked_fill(mask[:, :, None], torch.nan),
    "guess": torch.where(mask[:, :, None], guess, truth),
}
fig, axes = plt.subplots(3, COUNT, num="mae-rebuild", figsize=(4.4, 2.8))
for line, (name, tokens) in zip(axes, rows.items(), strict=True):
    pictures = unpatchify(tokens, 2, 8, 8)[:, 0]
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture.numpy(), cmap="gray", vmin=0, vmax=1, interpolation="none")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(True)
    line[0].set_ylabel(name)

values = {"at_quarter": losses[0.25], "at_most": losses[0.9]}
alt_text = {
    "mae-rebuild": (
        f"{COUNT} handwritten digits in three rows: whole, with 12 of 16 squares hidden, and with "
        "the hidden squares guessed. The guesses are gray and blurred, between several digits."
    )
}
