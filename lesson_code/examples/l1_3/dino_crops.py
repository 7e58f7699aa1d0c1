# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Cut global and local crops from a photograph and measure how much they show."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from matplotlib.patches import Rectangle

# --8<-- [start:show]
from sklearn.datasets import load_sample_image
from torchvision.transforms import v2

photo = torch.tensor(load_sample_image("china.jpg")).permute(2, 0, 1)  # (3, 427, 640)
make_global = v2.RandomResizedCrop(224, scale=(0.4, 1.0))
make_local = v2.RandomResizedCrop(96, scale=(0.05, 0.4))

torch.manual_seed(0)
views = [make_global(photo) for _ in range(2)] + [make_local(photo) for _ in range(8)]
print("student:", ", ".join(f"{view.shape[1]}x{view.shape[2]}" for view in views))
print("teacher:", ", ".join(f"{view.shape[1]}x{view.shape[2]}" for view in views[:2]))


def place(make):
    """Draw where a crop lies, as top, left, bottom, right."""
    box = make.make_params([photo])
    bottom, right = box["top"] + box["height"], box["left"] + box["width"]
    return torch.tensor([box["top"], box["left"], bottom, right])


def area(box):
    return ((box[2] - box[0]).clamp(min=0) * (box[3] - box[1]).clamp(min=0)).item()


shown, shared = {"global": 0.0, "local": 0.0}, []
for _ in range(500):
    wide, small = place(make_global), place(make_local)
    shown["global"] += area(wide) / (427 * 640) / 500
    shown["local"] += area(small) / (427 * 640) / 500
    common = torch.cat([torch.maximum(wide, small)[:2], torch.minimum(wide, small)[2:]])
    shared.append(area(common) / area(small))
inside = sum(share == 1 for share in shared) / len(shared)
mean_shared = sum(shared) / len(shared)
print(
    f"share of the photograph: global {shown['global']:.2f}, local {shown['local']:.2f}"
)
print(f"a local crop shares {mean_shared:.2f} of its area with a global one")
print(f"and lies wholly inside it in {inside:.2f} of 500 draws")
# --8<-- [end:show]

torch.manual_seed(0)
boxes = [place(make_global) for _ in range(2)] + [place(make_local) for _ in range(8)]


def small(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Shrink an image and use 16 levels a color, for a light page; put its channels last."""
    shrunk = F.interpolate(image[None].float(), size, mode="area")[0]
    return ((shrunk / 16).round() * 16).clamp(max=255).permute(1, 2, 0).to(torch.uint8)


def cut(box: torch.Tensor, side: int) -> torch.Tensor:
    """Cut a crop out and shrink it to a square."""
    top, left, bottom, right = box.tolist()
    return small(photo[:, top:bottom, left:right], (side, side))


fig = plt.figure(num="multi-crop", figsize=(3.7, 4.5))
upper, lower = fig.subfigures(2, 1, height_ratios=(2.9, 1.6))
ax = upper.subplots()
ax.imshow(small(photo, (80, 120)), extent=(0, 640, 427, 0), interpolation="none")
for number, box in enumerate(boxes):
    top, left, bottom, right = box.tolist()
    color, width = ("C0", 2.4) if number < 2 else ("C1", 1.4)
    outline = {"facecolor": "none", "edgecolor": color, "linewidth": width}
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, **outline))
ax.set_title("where the crops lie: 2 global, 8 local")
ax.axis("off")
grid = lower.add_gridspec(2, 6, width_ratios=(2, 2, 1, 1, 1, 1))
places = [grid[:, 0], grid[:, 1], *(grid[n // 4, 2 + n % 4] for n in range(8))]
for number, (box, place_of) in enumerate(zip(boxes, places, strict=True)):
    ax = lower.add_subplot(place_of)
    ax.imshow(cut(box, 32 if number < 2 else 16), interpolation="none")
    ax.axis("off")
lower.suptitle("what the student sees", fontsize=9)

values = {"shared": mean_shared, "inside": inside, "local_share": shown["local"]}
alt_text = {
    "multi-crop": (
        "A photograph of a Chinese temple with ten rectangles on it: two large ones, the global "
        "crops, and eight small ones, the local crops. Below, the ten crops as the student sees "
        "them: the global ones show most of the temple, a local one a piece of roof, sky or trees."
    )
}
