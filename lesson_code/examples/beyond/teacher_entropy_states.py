# /// example
# cost = "quick"
# ///
"""Place a useful teacher, three collapsed ones and one in between by their two entropies."""

import torch

from lesson_code import (
    dino_loss,
    marginal_entropy,
    teacher_divergence,
    teacher_entropy,
)

# --8<-- [start:show]
torch.manual_seed(0)
N, K = 256, 16
kind = torch.arange(N) % K  # 16 images of each kind
noise_1, noise_2 = 0.05 * torch.randn(2, N, K)  # what differs between two views
own, shared = 0.2 * torch.eye(K)[kind], 0.2 * torch.eye(K)[kind % 8]
first, constant = torch.eye(K)[:1].expand(N, K), 0.05 * torch.randn(1, K).expand(N, K)
views = {
    "useful": (own + noise_1, own + noise_2),
    "half of them used": (shared + noise_1, shared + noise_2),
    "one prototype": (first, first),
    "uniform": (0 * first, 0 * first),
    "any constant": (constant, constant),
}
print("teacher             loss      h     KL  h of the mean")
measured = {}
for name, (teacher, other_view) in views.items():
    student = 2.5 * other_view  # at temperature 0.1 what the teacher is at 0.04
    loss, h = dino_loss(student, teacher), teacher_entropy(teacher)
    kl = teacher_divergence(student, teacher).clamp_min(0)  # 0 up to rounding
    together = marginal_entropy(teacher)
    assert torch.allclose(loss, h + kl, atol=1e-5)
    print(f"{name:17} {loss:6.2f} {h:6.2f} {kl:6.2f} {together:6.2f}")
    measured[name] = (loss.item(), h.item(), kl.item(), together.item())
# --8<-- [end:show]

import math

import matplotlib.pyplot as plt

top = math.log(K)
fig, ax = plt.subplots(num="teacher-entropy-map", figsize=(3.7, 3.3))
ax.fill([0, 0, top], [0, top, top], color="C5", alpha=0.15, linewidth=0)
ax.plot([0, top], [0, top], color="C5", linewidth=1)
ax.axhline(top, color="C5", linewidth=1)
labels = {
    "useful": (0.12, -0.14, "left", "C2"),
    "half of them used": (0.12, -0.14, "left", "C1"),
    "one prototype": (0.3, 0.13, "left", "C3"),
    "uniform": (0.06, 0.17, "right", "C3"),
    "any constant": (0.14, -0.14, "left", "C3"),
}
for name, (dx, dy, side, color) in labels.items():
    _, h_value, _, mean_value = measured[name]
    ax.plot(h_value, mean_value, "o", color=color, markersize=7, clip_on=False)
    ax.text(h_value + dx, mean_value + dy, name, ha=side, va="center", color=color)
across, up = measured["half of them used"][1::2]
arrow = {"arrowstyle": "<->", "color": plt.rcParams["text.color"], "shrinkB": 4}
ax.annotate("", (across, across), (across, up), arrowprops=arrow)
ax.text(across + 0.1, (across + up) / 2 + 0.1, "information", va="center")
ax.set(xlim=(0, top + 0.05), ylim=(0, top + 0.05), aspect="equal")
ax.set(xlabel="h: entropy of one target", ylabel="entropy of the mean target")

values = {
    "top": top,
    "useful_loss": measured["useful"][0],
    "half_loss": measured["half of them used"][0],
    "half_mean": measured["half of them used"][3],
    "half_information": measured["half of them used"][3]
    - measured["half of them used"][1],
    "useful_information": measured["useful"][3] - measured["useful"][1],
    "constant_h": measured["any constant"][1],
}
alt_text = {
    "teacher-entropy-map": (
        f"A triangle above the diagonal of a square with sides from 0 to ln {K} = {top:.2f}. "
        "Across: the entropy of one target. Upward: the entropy of the mean target. "
        + " ".join(
            f"{name.capitalize()}: {row[1]:.2f} across, {row[3]:.2f} up."
            for name, row in measured.items()
        )
        + " The three collapsed teachers lie on the diagonal; the useful one is far above it."
    )
}
