# /// example
# cost = "quick"
# ///
"""Measure four kinds of teacher: a useful one and three collapsed ones."""

import torch
import torch.nn.functional as F


# --8<-- [start:show]
def entropy(p):
    return -torch.special.xlogy(p, p).sum(dim=-1)


def measure(p_teacher, p_student):
    mean_entropy = entropy(p_teacher).mean()
    cross_entropy = -torch.special.xlogy(p_teacher, p_student).sum(dim=1).mean()
    information = entropy(p_teacher.mean(dim=0)) - mean_entropy
    divergence = cross_entropy - mean_entropy
    return mean_entropy, divergence, information.clamp_min(0)  # 0 up to round-off


own = 40 * F.one_hot(torch.arange(32) % 8, 8).float()  # each image has its prototype
teachers = {
    "useful": own,
    "one prototype": own[:1].expand(32, 8),
    "uniform": torch.zeros(32, 8),
    "any constant": torch.linspace(-1, 1, 8).expand(32, 8),
}
print("teacher        entropy       KL  information")
for name, logits in teachers.items():
    p = F.softmax(logits, dim=1)
    mean_entropy, divergence, information = measure(p, p)
    print(f"{name:13} {mean_entropy:8.4f} {divergence:8.4f} {information:12.4f}")
# --8<-- [end:show]

import math

values = {"log_prototypes": math.log(8)}
