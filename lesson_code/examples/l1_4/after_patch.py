# /// example
# cost = "quick"
# ///
"""The patch loss of two images that hide different numbers of patches, and its gradient."""

import torch

from lesson_code import ibot_patch_loss

# --8<-- [start:show]
torch.manual_seed(0)
mask = torch.tensor([[1, 1, 1, 1, 1, 0], [1, 0, 0, 0, 0, 0]]).bool()
teacher = 0.1 * torch.randn(2, 6, 32)
student = torch.cat(
    [teacher[:1], torch.zeros(1, 6, 32)]
)  # the second is not understood
loss = ibot_patch_loss(student.requires_grad_(), teacher, mask)
loss.backward()
one, two = (
    ibot_patch_loss(student[[n]], teacher[[n]], mask[[n]]).item() for n in (0, 1)
)
print(f"first image {one:.2f}, second {two:.2f}, loss {loss.item():.2f}")
print("which patches get a gradient:", (student.grad.norm(dim=2) > 0).int().tolist())
# --8<-- [end:show]

values = {
    "one": one,
    "two": two,
    "loss": loss.item(),
    "by_patches": (5 * one + two) / 6,
}
