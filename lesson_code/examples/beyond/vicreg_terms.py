# /// example
# cost = "quick"
# ///
"""Let VICReg move free embeddings, with all terms and with one left out, and watch the terms."""

import torch

from lesson_code import covariance_term, variance_term, vicreg_loss

# --8<-- [start:show]
torch.manual_seed(0)
N, D = 64, 8
sources = torch.randn(N, 3, dtype=torch.float64)
mixed = sources @ torch.randn(3, D, dtype=torch.float64)  # 8 columns, 3 sources
start = 0.2 * (mixed + torch.randn(2, N, D, dtype=torch.float64))  # narrow, noisy


def measure(views):
    apart = (views[0] - views[1]).square().mean()
    flat = (variance_term(views[0]) + variance_term(views[1])) / 2
    redundant = covariance_term(views[0]) + covariance_term(views[1])
    return [term.item() for term in (apart, flat, redundant)]


def descend(**weights):
    views = start.clone()
    history = [measure(views)]
    for _ in range(300):
        views.requires_grad_()
        loss = vicreg_loss(views[0], views[1], **weights)
        (gradient,) = torch.autograd.grad(loss, views)
        views = (views - gradient).detach()
        history.append(measure(views))
    return torch.tensor(history), views


runs = {
    "all terms": descend(),
    "no variance": descend(variance=0.0),
    "no covariance": descend(covariance=0.0),
    "no invariance": descend(invariance=0.0),
}
print(f"{'after 300 steps':18}s     v      c    std")
for name, (history, views) in runs.items():
    s, v, c = history[-1].tolist()
    std = views.std(dim=1).mean()
    print(f"{name:13}{s:6.2f}{v:6.2f}{c:7.2f}{std:7.2f}")
# --8<-- [end:show]

import matplotlib.pyplot as plt

styles = {
    "all terms": ("C0", "-"),
    "no variance": ("C1", "--"),
    "no covariance": ("C2", "-."),
    "no invariance": ("C3", ":"),
}
fig, axes = plt.subplots(3, 1, num="vicreg-terms", figsize=(3.7, 5.0), sharex=True)
labels = ("s, distance of views", "v, lack of variance", "c, covariance")
for column, (ax, label) in enumerate(zip(axes, labels, strict=True)):
    for name, (color, line) in styles.items():
        steps = list(range(0, 301, 5))
        ax.plot(
            steps, runs[name][0][::5, column], color=color, linestyle=line, label=name
        )
    ax.set_ylabel(label)
    ax.set_ylim(bottom=0)
axes[0].legend(loc="center right")
axes[2].set_xlabel("step")
axes[2].set_xlim(0, 300)

ends = {name: history[-1].tolist() for name, (history, _) in runs.items()}
deviations = {name: views.std(dim=1).mean().item() for name, (_, views) in runs.items()}
values = {
    "std_before": start.std(dim=1).mean().item(),
    "std_all": deviations["all terms"],
    "std_no_variance": deviations["no variance"],
    "v_no_variance": ends["no variance"][1],
    "c_all": ends["all terms"][2],
    "c_no_covariance": ends["no covariance"][2],
    "s_no_invariance": ends["no invariance"][0],
}
alt_text = {
    "vicreg-terms": (
        "Three line charts over 300 steps, one for each term of the loss, for four runs. "
        + " ".join(
            f"At the end, {name}: s {s:.2f}, v {v:.2f}, c {c:.2f}."
            for name, (s, v, c) in ends.items()
        )
    )
}
