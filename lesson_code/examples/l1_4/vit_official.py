# /// example
# cost = "quick"
# ///
"""Look at the official network, for readers who have its file: attention, and neighbors."""

import torch
import torch.nn.functional as F

from lesson_code import VisionTransformer, knn_predict, load_official

# --8<-- [start:show]
from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits, load_sample_image


@torch.no_grad()
def look(model: VisionTransformer) -> float:
    """Draw where each head of [CLS] looks in a photograph; name digits by neighbors."""
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    photo = torch.tensor(load_sample_image("flower.jpg")).permute(2, 0, 1)[None] / 255
    photo = F.interpolate(photo, size=(320, 480), mode="area")  # (1, 3, 320, 480)
    rows, columns = 320 // model.patch, 480 // model.patch
    maps = model.attention_maps((photo - mean) / std)[0, :, 0, 1:]  # (h, L)
    fig, axes = plt.subplots(1, 1 + len(maps), figsize=(2 + 2 * len(maps), 2))
    axes[0].imshow(photo[0].permute(1, 2, 0).numpy())
    for ax, one in zip(axes[1:], maps, strict=True):
        ax.imshow(one.reshape(rows, columns).numpy())
    digits = load_digits()
    images = torch.tensor(digits.images[:1000], dtype=torch.float32)[:, None] / 16
    images = F.interpolate(images, size=(64, 64), mode="bicubic").expand(-1, 3, -1, -1)
    features = model((images - mean) / std)[0]
    labels = torch.tensor(digits.target[:1000])
    named = knn_predict(features[:500], labels[:500], features[500:])
    return (named == labels[500:]).float().mean().item()


path = Path("dino_deitsmall16_pretrain.pth")
if path.is_file():
    print(f"digits named right by neighbors: {look(load_official(path)):.3f}")
    plt.show()
else:
    print(f"{path} is not in this folder; nothing was loaded.")
# --8<-- [end:show]
