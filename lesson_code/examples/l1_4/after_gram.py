# /// example
# cost = "quick"
# ///
"""Let patches learn one thing for the whole image, with Gram anchoring and without."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from lesson_code import gram_loss

# --8<-- [start:show]
torch.manual_seed(0)
thing = torch.zeros(8, 8).bool()
thing[2:6, 3:7] = True  # 16 of 64 patches show an object
kinds = torch.randn(2, 32)[thing.flatten().long()]
early = (kinds + 0.3 * torch.randn(64, 32))[None]  # features of an early teacher
goal = F.normalize(torch.randn(32), dim=0)  # what the image as a whole is to say


def whole(x):
    return 1 - (F.normalize(x, dim=2) @ goal).mean()


def train(weight):
    x = early.clone().requires_grad_()
    optimizer = torch.optim.Adam([x], lr=0.02)
    for _ in range(300):
        loss = whole(x) + weight * gram_loss(x, early)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return x.detach()


def contrast(x):
    """The mean cosine of object patches with each other, less that with the ground."""
    unit, inside = F.normalize(x[0], dim=1), thing.flatten()
    cosines = unit[inside] @ unit.T
    return (cosines[:, inside].mean() - cosines[:, ~inside].mean()).item()


runs = {"early": early, "without": train(0.0), "anchored": train(10.0)}
for name, x in runs.items():
    print(f"{name:9} loss {whole(x).item():.2f}, contrast {contrast(x):.2f}")
# --8<-- [end:show]

fig, panels = plt.subplots(1, 3, num="gram", figsize=(4.8, 2))
for ax, (name, x) in zip(panels, runs.items(), strict=True):
    unit = F.normalize(x[0], dim=1)
    ax.imshow((unit @ unit[27]).view(8, 8), vmin=-0.2, vmax=1.2, cmap="gray")
    ax.set_title(name, fontsize=9)
    ax.axis("off")
values = {name: round(contrast(x), 2) for name, x in runs.items()}
values |= {f"loss_{name}": round(whole(x).item(), 2) for name, x in runs.items()}
alt_text = {
    "gram": "Three grids of 8 by 8 patches, gray by their cosine with one patch of an object. "
    "Early and anchored: a bright object on dark ground. Without: all is bright."
}
