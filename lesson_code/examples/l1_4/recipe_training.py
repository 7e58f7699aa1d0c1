# /// example
# cost = "quick"
# limit = 120
# tolerance = 1e-3
# ///
"""Train DINO on digits by the whole recipe, with a fixed and with a trained gain."""

import torch
from torch import nn

from lesson_code import CenteringMechanism, DINOHead, clip_each_gradient
from lesson_code import cosine_schedule, ema_update, linear_warmup
from lesson_code import multi_crop_dino_loss, parameter_groups

# --8<-- [start:train]
import copy

from sklearn.datasets import load_digits

digits = load_digits()
images = torch.tensor(digits.data) / 16 - 0.5  # (1797, 64), float64


def view(batch, kept):
    return batch * (torch.rand_like(batch) < kept) + 0.1 * torch.randn_like(batch)


def network(gain):
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU())
    head = DINOHead(128, 32, hidden_dim=128, bottleneck_dim=32)
    head.last_layer.parametrizations.weight.original0.requires_grad_(gain)
    return nn.Sequential(encoder, head).double()


def train(gain, epochs=16, length=12):
    student, centering = network(gain), CenteringMechanism(32).double()
    teacher = copy.deepcopy(student).requires_grad_(False)
    optimizer = torch.optim.AdamW(parameter_groups(student))
    steps = epochs * length
    rates = cosine_schedule(2e-3, 1e-6, steps, warmup_steps=2 * length)
    decays = cosine_schedule(0.04, 0.4, steps)
    momenta = cosine_schedule(0.97, 1.0, steps)
    for step in range(steps):
        decayed, free = optimizer.param_groups
        decayed["weight_decay"] = decays[step]
        decayed["lr"] = free["lr"] = rates[step]
        batch = images[torch.randint(len(images), (128,))]
        views = [view(batch, kept) for kept in (0.8, 0.8, 0.5, 0.5)]
        targets = [teacher(x) for x in views[:2]]
        tau = linear_warmup(step // length, 6, start=0.04, end=0.07)
        outputs = [student(x) for x in views]
        loss = multi_crop_dino_loss(outputs, targets, 0.1, tau, centering.center)
        optimizer.zero_grad()
        loss.backward()
        clip_each_gradient(student, max_norm=3.0)
        if step < length:  # the first epoch
            student[1].last_layer.zero_grad(set_to_none=True)
        optimizer.step()
        centering.update_center(torch.cat(targets))
        ema_update(teacher, student, momenta[step])
    return teacher.eval(), loss.item()


# --8<-- [end:train]
# --8<-- [start:judge]
def purity(network):
    """Share of the images whose digit is the most frequent one of their prototype."""
    pairs = 10 * network(images).argmax(dim=1) + torch.tensor(digits.target)
    counts = torch.bincount(pairs, minlength=320).view(32, 10)
    return (counts.max(dim=1).values.sum() / len(images)).item()


found = {"untrained": purity(network(False).eval())}
print(f"untrained: purity {found['untrained']:.2f}")
for name in ("fixed", "trained"):
    teacher, loss = train(name == "trained")
    found[name] = purity(teacher)
    found["row"] = teacher[1].last_layer.weight.norm(dim=1).min().item()
    print(
        f"{name} gain: loss {loss:.2f}, purity {found[name]:.2f}, "
        f"row {found['row']:.2f}"
    )
# --8<-- [end:judge]

values = found
