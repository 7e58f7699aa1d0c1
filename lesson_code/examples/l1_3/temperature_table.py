# /// example
# cost = "quick"
# ///
"""Print and draw the softmax of three logits at four temperatures, with its entropy."""

import torch
import torch.nn.functional as F

from lesson_code import temperature_scaling

# --8<-- [start:show]
logits = torch.tensor([2.0, 1.0, 0.5])

print("  T      p0      p1      p2  entropy")
for temperature in (0.5, 1.0, 2.0, 5.0):
    p = F.softmax(temperature_scaling(logits, temperature), dim=0)
    entropy = -(p * p.log()).sum()
    print(f"{temperature:.1f}  {p[0]:.4f}  {p[1]:.4f}  {p[2]:.4f}   {entropy:.4f}")
# --8<-- [end:show]

import math

import matplotlib.pyplot as plt


def distribution(temperature: float) -> torch.Tensor:
    return F.softmax(logits.double() / temperature, dim=0)


def entropy_at(temperature: float) -> float:
    p = distribution(temperature)
    return -(p * p.clamp_min(1e-300).log()).sum().item()


temperatures = (0.5, 1.0, 2.0, 5.0)
fig, (bars, curve) = plt.subplots(
    2,
    1,
    num="temperature",
    figsize=(3.7, 4.8),
    height_ratios=(1.15, 1),
    layout="constrained",
)
for index in range(3):
    places = [group + 0.27 * (index - 1) for group in range(4)]
    heights = [distribution(t)[index].item() for t in temperatures]
    bars.bar(
        places, heights, width=0.25, color=f"C{index}", label=f"logit {logits[index]:g}"
    )
    for place, height in zip(places, heights, strict=True):
        bars.text(
            place,
            height + 0.015,
            f"{height:.2f}"[1:],
            ha="center",
            va="bottom",
            fontsize=8.5,
        )
bars.set_xticks(range(4), [f"T = {t:g}" for t in temperatures])
bars.set_ylim(0, 1)
bars.set_ylabel("probability")
bars.legend(loc="upper right")

grid = [10 ** (-2 + 4 * step / 120) for step in range(121)]
curve.plot(grid, [entropy_at(t) for t in grid], color="C0")
curve.plot(temperatures, [entropy_at(t) for t in temperatures], "o", color="C0")
curve.axhline(math.log(3), color="C1", linestyle="--")
curve.text(0.011, math.log(3) - 0.05, "ln 3: uniform", va="top", color="C1")
curve.text(0.011, 0.05, "one-hot", va="bottom")
curve.set_xscale("log")
curve.set_xticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
curve.set_xlabel("temperature T")
curve.set_ylabel("entropy (nats)")
curve.set_ylim(-0.06, 1.2)

values = {
    "sharp_first": distribution(0.5)[0].item(),
    "soft_first": distribution(5.0)[0].item(),
    "max_entropy": math.log(3),
}
alt_text = {
    "temperature": (
        "Two panels. Bar chart: the largest of three probabilities falls from "
        f"{distribution(0.5)[0]:.2f} at T = 0.5 to {distribution(5.0)[0]:.2f} at T = 5, where the "
        "three are almost equal. Curve: the entropy rises with T, from "
        f"{entropy_at(0.01):.2f} at T = 0.01 to {entropy_at(100):.2f} nats at T = 100."
    )
}
