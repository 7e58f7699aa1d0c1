# /// example
# cost = "quick"
# ///
"""Split the gradient into the part SimSiam keeps and the part it stops; follow both."""

import torch
import torch.nn.functional as F

from lesson_code import simsiam_loss


def spread(z: torch.Tensor) -> float:
    """Mean deviation of the unit rows, times sqrt(D): 1 healthy, 0 collapsed."""
    return F.normalize(z, dim=1).std(dim=0).mean().item() * z.shape[1] ** 0.5


# --8<-- [start:show]
def two_parts(points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """Return the gradients through the predictor and into the targets, and the loss."""
    points = points.clone().requires_grad_()
    noise = 0.125 * torch.randn(2, *points.shape)
    z_1, z_2 = F.normalize(points + noise, dim=-1)  # two views of every point
    both = F.pad(torch.cat([z_1, z_2]), (0, 1), value=1.0)  # a column for the bias
    swapped = torch.cat([z_2, z_1])
    weight = torch.linalg.lstsq(both.detach(), swapped.detach()).solution
    p_1, p_2 = (both @ weight).chunk(2)  # the best linear prediction of the other view
    loss = simsiam_loss(p_1, p_2, z_1, z_2)
    stopped = simsiam_loss(z_2, z_1, p_2, p_1)  # roles exchanged: the targets move
    (kept,) = torch.autograd.grad(loss, points, retain_graph=True)
    (removed,) = torch.autograd.grad(stopped, points)
    return kept, removed, loss.item()


torch.manual_seed(0)
N, D, rate = 256, 16, 10.0
middle = 4 * torch.eye(D)[0]
start = F.normalize(torch.randn(N, D) + middle, dim=1)  # all lean one way
kept, removed, _ = two_parts(start)
print(f"spread at the start     {spread(start):.3f}")
print(f"10 x the kept part      {spread(start - 10 * rate * kept):.3f}")
print(f"10 x the removed part   {spread(start - 10 * rate * removed):.3f}")

history: dict[str, list[tuple[float, float]]] = {"stop": [], "flow": []}
for name in history:
    torch.manual_seed(1)  # the same noise for both
    points = start
    for _ in range(201):
        kept, removed, loss_value = two_parts(points)
        history[name].append((spread(points), loss_value))
        gradient = kept if name == "stop" else kept + removed
        points = F.normalize(points - rate * gradient, dim=1)
for step in (0, 50, 100, 200):
    (a, loss_a), (b, loss_b) = history["stop"][step], history["flow"][step]
    print(f"step {step:3}  stop: spread {a:.2f}, loss {loss_a:.2f}", end="")
    print(f"   flow: spread {b:.2f}, loss {loss_b:.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

fig, axes = plt.subplots(
    2, 1, num="simsiam-forces", figsize=(3.7, 4.2), sharex=True, layout="constrained"
)
labels = {"stop": "stop-gradient", "flow": "gradient on both sides"}
for color, (name, rows) in zip(("C0", "C3"), history.items(), strict=True):
    for ax, column in zip(axes, zip(*rows, strict=True), strict=True):
        ax.plot(column, color=color, label=labels[name])
axes[0].set(ylabel="spread", ylim=(0, 1.1))
axes[1].set(ylabel="loss", xlabel="step", xlim=(0, 200))
axes[0].legend(loc="lower left")

values = {
    "start": history["stop"][0][0],
    "stop_end": history["stop"][-1][0],
    "flow_end": history["flow"][-1][0],
    "stop_loss": history["stop"][-1][1],
    "flow_loss": history["flow"][-1][1],
}
alt_text = {
    "simsiam-forces": (
        f"Two line charts over 200 steps. Spread: from {values['start']:.2f} it rises to "
        f"{values['stop_end']:.2f} with the stop-gradient and falls to "
        f"{values['flow_end']:.2f} with gradient on both sides. Loss: it ends at "
        f"{values['stop_loss']:.2f} with the stop-gradient and lower, at "
        f"{values['flow_loss']:.2f}, with gradient on both sides."
    )
}
