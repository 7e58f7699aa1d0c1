# /// example
# cost = "quick"
# ///
"""Show that batch normalization says of one image what the batch around it makes of it."""

import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from torch import nn

images = torch.tensor(load_digits().images, dtype=torch.float32)[:, None] / 16

# --8<-- [start:show]
ink = images.mean(dim=(1, 2, 3))[:, None]  # one feature of each scan, (N, 1)
order = ink.flatten().argsort()
scan = order[len(order) // 2]  # one of middling ink
batches = {
    "light": torch.stack([scan, *order[:11]]),
    "dark": torch.stack([scan, *order[-11:]]),
}

norm = nn.BatchNorm1d(1)
says = {}
for mode in (True, False):
    norm.train(mode)
    for name, batch in batches.items():
        says[name, mode] = norm(ink[batch])[0].item()
        kind = "training" if mode else "evaluation"
        print(f"among {name:5} scans, in {kind:10}: {says[name, mode]:6.2f}")
# --8<-- [end:show]

values = {
    "light": says["light", True],
    "dark": says["dark", True],
    "rest": says["light", False],
}
norm.train()
fig, axes = plt.subplots(
    2, 1, num="representations-batch", figsize=(3.7, 1.6), sharex=True
)
for ax, (name, batch) in zip(axes, batches.items(), strict=True):
    after = norm(ink[batch]).detach().flatten().tolist()
    ax.axvline(0, color="C5", linewidth=0.8)
    ax.plot(after[1:], [0] * 11, "o", color="C0", fillstyle="none")
    ax.plot(after[:1], [0], "*", color="C1", markersize=12)
    ax.set(yticks=[], title=f"among {name} scans")
    ax.spines["left"].set_visible(False)
alt_text = {
    "representations-batch": "Two number lines with the ink of twelve scans after batch "
    "normalization. The same scan, a star, is far right of zero among light scans and far left "
    "of it among dark ones."
}
