# /// example
# cost = "quick"
# ///
"""Make five mistakes in the DINO loss on purpose and print what each does to the value."""

import torch
import torch.nn.functional as F

from lesson_code import dino_loss, multi_crop_dino_loss

# --8<-- [start:show]
torch.manual_seed(0)
images = F.normalize(torch.randn(32, 64), dim=1)  # what the head says about 32 images
crops = [images + 0.03 * torch.randn(32, 64) for _ in range(4)]  # 2 global, 2 local
crops = [crop + torch.linspace(-0.2, 0.2, 64) for crop in crops]  # shared by all
center = torch.cat(crops[:2]).mean(dim=0, keepdim=True)


def report(mistake, loss, temperature=0.04, subtracted=center):
    p = F.softmax((crops[0] - subtracted) / temperature, dim=1)
    entropy = -(p * p.log()).sum(dim=1).mean()
    favorites = p.argmax(dim=1).unique().numel()
    print(f"{mistake:22}{loss:6.2f}{entropy:9.2f}{favorites:8d}")


print("                        loss  entropy  in use")
report("none", multi_crop_dino_loss(crops, crops[:2], center=center))
swapped = multi_crop_dino_loss(crops, crops[:2], 0.04, 0.1, center=center)
report("temperatures swapped", swapped, temperature=0.1)
late = 0.04 * center  # teacher / 0.04 - center is (teacher - 0.04 center) / 0.04
after = multi_crop_dino_loss(crops, crops[:2], center=late)
report("center after division", after, subtracted=late)
pairs = [dino_loss(s, t, center=center) for t in crops[:2] for s in crops]
report("same-view pairs kept", torch.stack(pairs).mean())
image_major = torch.stack(crops, dim=1).flatten(0, 1)  # all crops of image 0 first
wrong_order = multi_crop_dino_loss(image_major.chunk(4), crops[:2], center=center)
report("image-major order", wrong_order)
# --8<-- [end:show]


def target(temperature: float, subtracted: torch.Tensor) -> torch.Tensor:
    return F.softmax((crops[0] - subtracted) / temperature, dim=1)


def entropy_of(p: torch.Tensor) -> float:
    return -(p * p.log()).sum(dim=1).mean().item()


values = {
    "right": multi_crop_dino_loss(crops, crops[:2], center=center).item(),
    "kept": torch.stack(pairs).mean().item(),
    "image_major": wrong_order.item(),
    "entropy": entropy_of(target(0.04, center)),
    "swapped_entropy": entropy_of(target(0.1, center)),
    "favorites": target(0.04, center).argmax(dim=1).unique().numel(),
    "late_favorites": target(0.04, late).argmax(dim=1).unique().numel(),
}
