# /// example
# cost = "quick"
# ///
"""Measure one healthy teacher rightly, and in six ways that mislead."""

import torch
import torch.nn.functional as F

from lesson_code import teacher_divergence, teacher_entropy, teacher_targets

# --8<-- [start:show]
torch.manual_seed(0)
N, K = 256, 16
own = torch.eye(K)[torch.arange(N) % K]
favored = torch.zeros(K).index_fill(0, torch.tensor([3]), 0.3)  # one output is high
noise_1, noise_2 = 0.05 * torch.randn(2, N, K)
teacher, student = 0.2 * own + favored + noise_1, 2.5 * (0.2 * own + noise_2)
center = teacher.mean(dim=0)

targets = teacher_targets(teacher, center=center)
log_student = F.log_softmax(student / 0.1, dim=1)
sure = teacher_targets(10 * own)  # probabilities of exactly 0
h = {
    "right": teacher_entropy(teacher, 0.04, center),
    "without the center": teacher_entropy(teacher),
    "temperature of the student": teacher_entropy(teacher, 0.1, center),
    "no temperature": teacher_entropy(teacher, 1.0, center),
    "a sure teacher": teacher_entropy(10 * own),
    "the same by p log p": -(sure * sure.log()).sum(dim=1).mean(),
}
kl = {
    "right": teacher_divergence(student, teacher, center=center),
    "without the center": teacher_divergence(student, teacher),
    "kl_div averaged over all": F.kl_div(log_student, targets, reduction="none").mean(),
    "probabilities in kl_div": F.kl_div(
        log_student.exp(), targets, reduction="batchmean"
    ),
}
for title, numbers in (("h", h), ("KL", kl)):
    for name, number in numbers.items():
        print(f"{title:2}  {name:26} {number:7.3f}")
# --8<-- [end:show]

import math

values = {
    "right": h["right"].item(),
    "students": h["temperature of the student"].item(),
    "no_temperature": h["no temperature"].item(),
    "top": math.log(K),
    "divided": (kl["right"] / kl["kl_div averaged over all"]).item(),
}
