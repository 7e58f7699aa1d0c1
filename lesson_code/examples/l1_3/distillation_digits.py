# /// example
# cost = "quick"
# tolerance = 0.05
# ///
"""Distill a teacher of digits into students with sixty images, and into one without threes."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from lesson_code import knowledge_distillation_loss

# --8<-- [start:teacher]
from functools import partial

from sklearn.datasets import load_digits
from torch import nn

digits = load_digits()  # 1,797 images of 8 x 8 pixels
images = torch.tensor(digits.data, dtype=torch.float32) / 16
labels = torch.tensor(digits.target)
train_images, train_labels = images[:1297], labels[:1297]
test_images, test_labels = images[1297:], labels[1297:]  # the end of the file


def network(width):
    layers = [nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


def train(model, inputs, loss_function, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_function(model(inputs)).backward()
        optimizer.step()
    return model.requires_grad_(False)


def accuracy(logits, answers):
    return 100 * (logits.argmax(dim=1) == answers).float().mean().item()


torch.manual_seed(0)
teacher = network(128)
train(teacher, train_images, partial(F.cross_entropy, target=train_labels), steps=100)
teacher_accuracy = accuracy(teacher(test_images), test_labels)
# --8<-- [end:teacher]

# --8<-- [start:students]
soft = {f"T = {T}": (T, 1.0) for T in (1, 4, 8)}  # temperature and alpha
settings = {"hard labels": (1, 0.0), **soft}
scores = {name: [] for name in settings}
for seed in range(6):
    for name, (T, alpha) in settings.items():
        torch.manual_seed(seed)  # the same sixty images, the same first weights
        sixty = torch.randperm(len(train_images))[:60]
        loss_function = partial(
            knowledge_distillation_loss,
            teacher_logits=teacher(train_images[sixty]),
            temperature=T,
            alpha=alpha,
            labels=train_labels[sixty],
        )
        student = train(network(64), train_images[sixty], loss_function, steps=150)
        scores[name].append(accuracy(student(test_images), test_labels))

print(f"teacher, 1,297 labeled images: {teacher_accuracy:.1f} % right")
print("students, 60 images   mean   gain: mean and least of 6 pairs")
hard = torch.tensor(scores["hard labels"])
for name, score in scores.items():
    gain = torch.tensor(score) - hard
    print(f"  {name:14s} {sum(score) / 6:9.1f} {gain.mean():+9.1f} {gain.min():+9.1f}")
# --8<-- [end:students]

# --8<-- [start:unseen]
seen = train_labels != 3
threes = test_labels == 3
column = F.one_hot(torch.tensor(3), 10)
print("\nstudents without a 3    3s right   with a bias   all right with the bias")
for name, (T, alpha) in {"hard labels": (1, 0.0), "T = 20": (20, 1.0)}.items():
    torch.manual_seed(0)
    loss_function = partial(
        knowledge_distillation_loss,
        teacher_logits=teacher(train_images[seen]),
        temperature=T,
        alpha=alpha,
        labels=train_labels[seen],
    )
    student = train(network(64), train_images[seen], loss_function, steps=100)
    logits = student(test_images)
    shifted = [logits + 0.25 * step * column for step in range(40)]
    best = max(shifted, key=lambda moved: accuracy(moved, test_labels))
    before, after = (accuracy(x[threes], test_labels[threes]) for x in (logits, best))
    whole = accuracy(best, test_labels)
    print(f"  {name:20s} {before:7.1f} {after:13.1f} {whole:16.1f}")
# --8<-- [end:unseen]

values = {
    "teacher": teacher_accuracy,
    "hard": hard.mean().item(),
    "soft_8": torch.tensor(scores["T = 8"]).mean().item(),
    "gain_8": (torch.tensor(scores["T = 8"]) - hard).mean().item(),
    "least_8": (torch.tensor(scores["T = 8"]) - hard).min().item(),
    "unseen_before": before,
    "unseen_after": after,
    "unseen_bias": (best - logits)[0, 3].item(),
    "threes": int(threes.sum()),
}

# The figure: what the teacher says about one digit.
candidates = (test_labels == 9) & (teacher(test_images).argmax(dim=1) == 9)
logits = teacher(test_images[candidates])
confidence = F.softmax(logits, dim=1)[:, 9]
middle = confidence.argsort()[len(confidence) // 2]  # neither a sure 9 nor a shaky one
soft = {T: F.softmax(logits[middle] / T, dim=0) for T in (1, 4)}
fig, axes = plt.subplots(
    3, 1, num="dark-knowledge", figsize=(3.7, 4.4), height_ratios=(1.1, 1, 1)
)
nine = test_images[candidates][middle].view(8, 8)
axes[0].imshow(nine, cmap="gray", interpolation="none")
axes[0].set_title("one test digit")
axes[0].axis("off")
for ax, (T, probabilities) in zip(axes[1:], soft.items(), strict=True):
    ax.bar(range(10), probabilities, color="C0")
    ax.set_xticks(range(10))
    ax.set_ylim(0, 1.18)
    ax.set_yticks([0, 0.5, 1])
    ax.set_ylabel("probability")
    ax.set_title(f"T = {T}")
    for digit, probability in enumerate(probabilities):
        if probability >= 0.05:
            label = f"{probability:.2f}"
            ax.text(digit, probability + 0.03, label, ha="center", fontsize=8.5)
axes[2].set_xlabel("digit")
second = int(soft[1].argsort()[-2])
values |= {
    "dark_9_t1": soft[1][9].item(),
    "dark_9_t4": soft[4][9].item(),
    "dark_second": second,
    "dark_second_t1": soft[1][second].item(),
    "dark_second_t4": soft[4][second].item(),
}
alt_text = {
    "dark-knowledge": (
        f"A handwritten 9 of 8 by 8 pixels and two bar charts of the teacher's ten probabilities "
        f"for it. At T = 1 the 9 has {soft[1][9]:.2f} and the runner-up, {second}, "
        f"{soft[1][second]:.2f}. At T = 4 the 9 has {soft[4][9]:.2f}, the {second} "
        f"{soft[4][second]:.2f}, and the others can be told apart."
    )
}
