# /// example
# cost = "quick"
# ///
"""Measure how hard three forms of the hinge push embeddings that are close to collapse."""

import torch

from lesson_code import variance_term

# --8<-- [start:show]
torch.manual_seed(0)
N = 64
column = torch.randn(N, 1, dtype=torch.float64)
column = (column - column.mean()) / column.std()  # mean 0, standard deviation 1

hinges = {
    "root of variance + 1e-4": variance_term,
    "root of variance": lambda z: torch.relu(1 - z.var(dim=0).sqrt()).mean(),
    "variance itself": lambda z: torch.relu(1 - z.var(dim=0)).mean(),
}
deviations = (0.5, 0.1, 0.01, 0.001, 0.0)
pushes = {}
print(f"{'deviation':23}" + "".join(f"{deviation:7}" for deviation in deviations))
for name, hinge in hinges.items():
    pushes[name] = []
    for deviation in deviations:
        z = (deviation * column).requires_grad_()
        (gradient,) = torch.autograd.grad(hinge(z), z)
        pushes[name].append(-(gradient * column).sum().item())  # how fast it widens
    print(f"{name:23}" + "".join(f"{abs(push):7.3f}" for push in pushes[name]))
# --8<-- [end:show]

import matplotlib.pyplot as plt

wide = torch.logspace(-4, 0, 81, dtype=torch.float64)
curves: dict[str, list[float]] = {}
fig, ax = plt.subplots(num="vicreg-push", figsize=(3.7, 2.6))
for color, line, (name, hinge) in zip(
    ("C0", "C1", "C2"), ("-", "--", "-."), hinges.items(), strict=True
):
    curves[name] = []
    for deviation in wide[:-1]:
        z = (deviation * column).requires_grad_()
        (gradient,) = torch.autograd.grad(hinge(z), z)
        curves[name].append(-(gradient * column).sum().item())
    ax.plot(wide[:-1], curves[name], color=color, linestyle=line, label=name)
ax.set_xscale("log")
ax.xaxis.set_major_formatter("{x:g}")
ax.set(
    xlabel="standard deviation", ylabel="push outward", ylim=(0, 2.05), xlim=(1e-4, 1)
)
ax.legend(loc="upper left")

half = (1e-4 / 3) ** 0.5  # x / sqrt(x^2 + 1e-4) = 1 / 2
values = {
    "root_at_hundredth": pushes["root of variance + 1e-4"][2],
    "plain_at_hundredth": pushes["variance itself"][2],
}
alt_text = {
    "vicreg-push": (
        "Line chart of the outward push against the standard deviation, from 0.0001 to 1 on a "
        f"logarithmic scale. Root of variance + 1e-4: rises from "
        f"{curves['root of variance + 1e-4'][0]:.2f} to "
        f"{curves['root of variance + 1e-4'][-1]:.2f}, half of it at {half:.3f}. Root of variance: "
        f"{curves['root of variance'][0]:.2f} throughout. Variance itself: from "
        f"{curves['variance itself'][0]:.2f} to {curves['variance itself'][-1]:.2f}, "
        "small until 0.1."
    )
}
