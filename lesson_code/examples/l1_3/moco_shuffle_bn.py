# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Train MoCo on a task no image can solve: batch statistics solve it unless keys are shuffled."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]
import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import MoCo, SplitBatch

# --8<-- [start:show]
N, K, PARTS, STEPS = 32, 128, 8, 150


class UnshuffledMoCo(MoCo):
    """MoCo without shuffling BN: a key stays in the part of its query."""

    @torch.no_grad()
    def encode_shuffled_keys(self, im_k: torch.Tensor) -> torch.Tensor:
        """Encode keys in the order they come in."""
        return self.encode(self.encoder_k, im_k)


def small_network(normalization: nn.Module) -> nn.Module:
    """Return a small convolutional network from (N, 2, 6, 6) to (N, 16)."""
    return nn.Sequential(
        nn.Conv2d(2, 16, 3, padding=1),
        normalization,
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 36, 64),
        nn.ReLU(),
        nn.Linear(64, 16),
    )


def train_on_wrong_keys(
    moco_class: type[MoCo], normalization: nn.Module
) -> list[float]:
    """Train with keys cut from a neighbor in the query's part; return the losses."""
    torch.manual_seed(0)
    network = SplitBatch(small_network(normalization), PARTS)
    moco = moco_class(network, dim=16, K=K, m=0.999, T=0.2)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        texture = torch.randn(N, 2, 1, 1).exp() * torch.rand(N, 2, 4, 4)
        images = F.pad(texture, (1, 1, 1, 1))  # a dark frame, the same in all
        neighbors = images.unflatten(0, (PARTS, -1)).roll(1, dims=1).flatten(0, 1)
        loss = F.cross_entropy(*moco(images, neighbors))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


runs = {
    "batch norm": train_on_wrong_keys(UnshuffledMoCo, nn.BatchNorm2d(16)),
    "batch norm, shuffled": train_on_wrong_keys(MoCo, nn.BatchNorm2d(16)),
    "no batch norm": train_on_wrong_keys(UnshuffledMoCo, nn.Identity()),
}
print(f"{'chance':20}  {math.log(K + 1):.2f}")
for name, losses in runs.items():
    print(f"{name:20}  {sum(losses[-50:]) / 50:.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="moco-shuffle-bn", figsize=(3.7, 3.0))
for color, (name, losses) in enumerate(runs.items()):
    means = (
        torch.tensor(losses).view(-1, 10).mean(dim=1).tolist()[1:]
    )  # the queue is filled
    ax.plot(range(20, STEPS + 1, 10), means, color=f"C{color}", label=name)
ax.axhline(
    math.log(K + 1), linestyle="--", linewidth=1, color=plt.rcParams["text.color"]
)
ax.text(STEPS, math.log(K + 1) + 0.02, "chance", ha="right", va="bottom")
ax.set(xlabel="step", ylabel="loss (mean of 10 steps)")
ax.legend(loc="lower left")

final = {name: sum(losses[-50:]) / 50 for name, losses in runs.items()}
values = {
    "chance": math.log(K + 1),
    "leak": final["batch norm"],
    "shuffled": final["batch norm, shuffled"],
    "without": final["no batch norm"],
}
alt_text = {
    "moco-shuffle-bn": (
        f"Line chart of the loss over {STEPS} steps; chance is {math.log(K + 1):.2f}. Over the "
        "last 50 steps it is on average "
        + ", ".join(f"{loss:.2f} with {name}" for name, loss in final.items())
        + "."
    )
}
