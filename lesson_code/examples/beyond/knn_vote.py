# /// example
# cost = "quick"
# ///
"""Let a k-NN vote by hand: one near neighbor against two farther ones, at two temperatures."""

import torch

from lesson_code import knn_predict

# --8<-- [start:show]
degrees = torch.tensor([10.0, 35.0, -40.0, 120.0, 200.0])
labels = torch.tensor([0, 1, 1, 0, 1])
angle = torch.deg2rad(degrees)
features = torch.stack([angle.cos(), angle.sin()], dim=1)
query = torch.tensor([[1.0, 0.0]])  # at 0 degrees

shares = {}
for temperature in (0.07, 0.5):
    cosine = angle[:3].cos()  # the three nearest
    votes = (cosine / temperature).softmax(dim=0)
    shares[temperature] = votes[0].item()
    winner = knn_predict(features, labels, query, 3, temperature).item()
    print(f"T = {temperature}:", end="")
    for neighbor, vote in enumerate(votes.tolist()):
        print(f"  class {labels[neighbor]}: {vote:.3f}", end="")
    print(f"  -> class {winner}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="knn-vote", figsize=(3.7, 3.4))
ax.add_patch(plt.Circle((0, 0), 1, fill=False, linewidth=0.8, alpha=0.6))
names = {0: "class 0", 1: "class 1"}
for number, ((x, y), label) in enumerate(
    zip(features.tolist(), labels.tolist(), strict=True)
):
    ax.plot(
        x,
        y,
        "os"[label],
        color=f"C{label}",
        markersize=9,
        fillstyle="full" if number < 3 else "none",
        label=names.pop(label, None),
    )
    if number < 3:
        ax.plot([0, x], [0, y], color=f"C{label}", linewidth=1, alpha=0.6)
ax.plot([0, 1], [0, 0], color=plt.rcParams["text.color"], linewidth=1)
ax.text(1.08, 0, "query", va="center", ha="left")
ax.set(xlim=(-1.25, 1.55), ylim=(-1.25, 1.25), aspect="equal")
ax.set_axis_off()
ax.legend(loc="lower left", frameon=False)

values = {
    "share_cold": shares[0.07],
    "share_hot": shares[0.5],
    "imagenet_gib": 50_000 * 1_281_167 * 4 / 2**30,  # in float32
}
alt_text = {
    "knn-vote": (
        "Unit circle with a query at 0 degrees. Of its three nearest neighbors, one of class 0 "
        f"stands at {degrees[0]:.0f} degrees and two of class 1 at {degrees[1]:.0f} and "
        f"{degrees[2]:.0f} degrees. Two more points, farther away, are drawn empty."
    )
}
