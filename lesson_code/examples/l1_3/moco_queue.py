# /// example
# cost = "quick"
# ///
"""Watch the queue: which batch wrote each column, and how the pointer wraps around."""

import torch
from torch import nn

from lesson_code import MoCo

# --8<-- [start:show]
torch.manual_seed(0)
N, K = 4, 10  # 10 is no multiple of 4, on purpose
moco = MoCo(nn.Linear(16, 8), dim=8, K=K)
written_by = torch.zeros(K, dtype=torch.long)  # 0: random columns of the start
history = [written_by.tolist()]

print("step  pointer  written by batch")
for step in range(1, 6):
    before = moco.queue.clone()
    logits, labels = moco(torch.randn(N, 16), torch.randn(N, 16))
    written_by[(moco.queue != before).any(dim=0)] = step
    history.append(written_by.tolist())
    print(f"{step:4}  {moco.queue_ptr.item():7}  ", *history[-1])
print("logits:", tuple(logits.shape), " labels:", labels.tolist())
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, ax = plt.subplots(num="moco-queue", figsize=(3.7, 2.7))
for step, columns in enumerate(history):
    for column, batch in enumerate(columns):
        fresh = step > 0 and batch == step
        face = ("C1", 0.06 + 0.1 * batch) if batch else "none"
        ax.add_patch(
            plt.Rectangle(
                (column - 0.46, step - 0.42), 0.92, 0.84, facecolor=face, edgecolor="C1"
            )
        )
        weight = "bold" if fresh else "normal"
        text = str(batch) if batch else "·"
        ax.text(column, step, text, ha="center", va="center", fontweight=weight)
ax.set(xlim=(-0.6, K - 0.4), ylim=(len(history) - 0.5, -0.5))
ax.set(xlabel="column of the queue", ylabel="after step")
ax.set_xticks(range(K))
ax.set_yticks(range(len(history)))
ax.tick_params(length=0)
ax.spines[:].set_visible(False)

values = {"pointer": moco.queue_ptr.item()}
alt_text = {
    "moco-queue": (
        f"Grid with a row for each step and a column for each of {K} places of the queue, marked "
        "with the batch that wrote it. "
        + " ".join(
            f"After step {step}: {' '.join(map(str, columns))}."
            for step, columns in enumerate(history)
        )
    )
}
