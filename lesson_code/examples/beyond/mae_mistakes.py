# /// example
# cost = "quick"
# ///
"""Measure what three silent mistakes around MAE's mask do to the numbers."""

import torch

from lesson_code import mae_loss, patchify, random_masking

# --8<-- [start:show]
torch.manual_seed(0)
images, prediction = torch.randn(8, 3, 32, 32), torch.zeros(8, 16, 192)
keep, mask, restore = random_masking(8, 16, 0.75)
errors = (prediction - patchify(images, 8)).square().mean(dim=2)  # (N, L)
correct = mae_loss(prediction, images, mask, 8).item()
over_all = (errors * mask).mean().item()
print(f"loss {correct:.4f}, divided by all patches {over_all:.4f}")

print("wrong index: share of patches in their place, by hand 2 / L")
for count in (2, 4, 16, 196):
    _, _, back = random_masking(1000, count, 0.5)
    share = (back == back.argsort(dim=1)).float().mean()
    print(f"L = {count:3}: {share:.3f}, by hand {2 / count:.3f}")

kept = random_masking(1, 100, 0.9)[0].shape[1]
print(f"kept of 100 at ratio 0.9: {kept}, by int(): {int(100 * (1 - 0.9))}")
# --8<-- [end:show]

values = {"factor": over_all / correct}
