# /// example
# cost = "quick"
# ///
"""Train MAE for a moment, let it paint the hidden patches of test digits, and compare."""

# --8<-- [start:show]
import torch

from lesson_code import mae_loss
from lesson_code.lab import Run, train

trained = train(Run("mae", steps=80, batch=128))
images, model = trained.data.test.images, trained.method.eval()
with torch.no_grad():
    painted, mask = model.paint(images, torch.Generator().manual_seed(0))
gray = torch.zeros_like(painted)  # the mean of every standardized image
painted_loss = mae_loss(painted, images, mask, patch=2)

print(f"hidden: {mask[0].sum()} of {mask.shape[1]} patches")
print(f"gray everywhere: loss {mae_loss(gray, images, mask, patch=2):.2f}")
print(f"painted: at most two thirds of that: {painted_loss.item() < 2 / 3}")
# --8<-- [end:show]
