# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Train a small network on digits with centering, sharpening, both and neither."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import CenteringMechanism, dino_loss, ema_update


def entropy(p):
    return -torch.special.xlogy(p, p).sum(dim=-1)


def measure(p_teacher, p_student):
    mean_entropy = entropy(p_teacher).mean()
    cross_entropy = -torch.special.xlogy(p_teacher, p_student).sum(dim=1).mean()
    information = entropy(p_teacher.mean(dim=0)) - mean_entropy
    divergence = cross_entropy - mean_entropy
    return mean_entropy, divergence, information.clamp_min(0)  # 0 up to round-off


# --8<-- [start:network]
import copy

from sklearn.datasets import load_digits

digits = torch.tensor(load_digits().data, dtype=torch.float64) / 16  # (1797, 64)


class Network(nn.Module):
    """A small body, then the cosine to each of 32 prototypes, as in DINO's head."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(64, 128),
            nn.ReLU(),
            nn.Linear(128, 64),
            nn.GELU(),
            nn.Linear(64, 64),
        )
        self.prototypes = nn.Parameter(torch.rand(32, 64) - 0.5)

    def forward(self, images):
        return F.linear(F.normalize(self.body(images)), F.normalize(self.prototypes))


def view(images):
    return images + torch.rand_like(images) - 0.5


# --8<-- [end:network]
# --8<-- [start:train]
def train(data, center, teacher_temperature, momentum=0.97, every=1, steps=200, seed=0):
    torch.manual_seed(seed)
    student = Network().double()
    teacher = copy.deepcopy(student)
    centering = CenteringMechanism(output_dim=32).double()
    optimizer = torch.optim.AdamW(student.parameters(), lr=3e-3)
    history = []
    for step in range(1, steps + 1):
        images = data[torch.randint(len(data), (64,))]
        first, second = view(images), view(images)
        with torch.no_grad():
            targets = teacher(torch.cat([first, second]))
        output = student(torch.cat([second, first]))  # each row meets the other view
        old = centering.center.clone()
        loss = dino_loss(output, targets, 0.1, teacher_temperature, center=old)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % every == 0:
            ema_update(teacher, student, momentum)
        if center:
            centering.update_center(targets)
        p_teacher = F.softmax((targets - old) / teacher_temperature, dim=1)
        p_student = F.softmax(output.detach() / 0.1, dim=1)
        history.append([value.item() for value in measure(p_teacher, p_student)])
    return torch.tensor(history)


def report(name, history):
    mean_entropy, divergence, information = history[-20:].mean(dim=0)
    print(f"{name:25}{mean_entropy:6.2f}{divergence:6.2f}{information:6.2f}")


runs = {
    "both": train(digits, center=True, teacher_temperature=0.04),
    "centering only": train(digits, center=True, teacher_temperature=0.1),
    "sharpening only": train(digits, center=False, teacher_temperature=0.04),
    "neither": train(digits, center=False, teacher_temperature=0.1),
}
print("last 20 steps                 h    KL     I")
for name, history in runs.items():
    report(name, history)
# --8<-- [end:train]
# --8<-- [start:variations]
print("both, 600 steps, the teacher is a copy:")
copies = {}
for every in (1, 28):  # 28 steps are an epoch
    copies[every] = train(digits, True, 0.04, momentum=0.0, every=every, steps=600)
    report(f"  of every {every} steps", copies[every])

print("both, but the teacher is warmer:")
warmer = {}
for temperature in (0.06, 0.08):
    warmer[temperature] = train(digits, True, temperature)
    report(f"  at {temperature}", warmer[temperature])

torch.manual_seed(0)
centers = 4 * torch.rand(8, 64, dtype=torch.float64)
clusters = centers[torch.randint(8, (1797,))]
print("on eight clear clusters:")
clustered = train(clusters, center=True, teacher_temperature=0.04)
report("  both", clustered)
for seed in (0, 1, 2):
    history = train(clusters, center=False, teacher_temperature=0.04, seed=seed)
    report(f"  sharpening only, seed {seed}", history)
# --8<-- [end:variations]

import matplotlib.pyplot as plt

styles = {
    "both": ("C0", "-"),
    "centering only": ("C1", "--"),
    "sharpening only": ("C2", "-."),
    "neither": ("C3", ":"),
}
panels = ("teacher entropy", "KL(teacher, student)", "information")
fig, axes = plt.subplots(
    3, 1, num="four-runs", figsize=(3.7, 5.6), sharex=True, layout="constrained"
)
for column, (axis, title) in enumerate(zip(axes, panels, strict=True)):
    for name, (color, line) in styles.items():
        steps = list(range(0, 200, 4))
        axis.plot(
            steps, runs[name][::4, column], color=color, linestyle=line, label=name
        )
    axis.set_ylabel(title)
axes[0].axhline(math.log(32), color="C5", linewidth=0.8)
axes[0].set_ylim(-0.1, 3.9)
axes[0].text(200, math.log(32) + 0.05, "ln 32", va="bottom", ha="right")
axes[2].legend(loc="upper left")
axes[2].set_xlabel("training step")

last = {name: history[-20:].mean(dim=0).tolist() for name, history in runs.items()}
other_constant = train(digits, False, 0.1, seed=1)[-1, 0].item()
values = {
    "loss_both": last["both"][0] + last["both"][1],
    "loss_sharp": last["sharpening only"][0] + last["sharpening only"][1],
    "both_kl": last["both"][1],
    "both_information": last["both"][2],
    "uniform_entropy": last["centering only"][0],
    "log_prototypes": math.log(32),
    "copied_kl": copies[1][:, 1].max().item(),
    "copied_each_epoch": copies[28][-20:, 2].mean().item(),
    "warm_information": warmer[0.06][-20:, 2].mean().item(),
    "warmest_information": warmer[0.08][-20:, 2].mean().item(),
    "neither_entropy": last["neither"][0],
    "neither_entropy_other_seed": other_constant,
    "clustered_information": clustered[-20:, 2].mean().item(),
    "log_clusters": math.log(8),
}
alt_text = {
    "four-runs": (
        "Three panels over 200 training steps. Teacher entropy: centering only rises to "
        f"{last['centering only'][0]:.2f}, sharpening only falls to "
        f"{last['sharpening only'][0]:.2f}, neither stays near {last['neither'][0]:.2f}, both "
        f"rises, then falls to {last['both'][0]:.2f}. KL divergence: near 0 for all but both, "
        f"which stays at {last['both'][1]:.2f}. Information: {last['both'][2]:.2f} for both, near "
        "0 for the others."
    )
}
