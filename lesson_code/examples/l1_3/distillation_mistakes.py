# /// example
# cost = "quick"
# ///
"""Make five mistakes in the distillation loss on purpose and print what each computes."""

import torch
import torch.nn.functional as F

from lesson_code import knowledge_distillation_loss

# --8<-- [start:show]
torch.manual_seed(0)
student, teacher = torch.randn(8, 10), 3 * torch.randn(8, 10)
labels = teacher.argmax(dim=1)
T = 3.0

log_student = F.log_softmax(student / T, dim=1)
soft_student = F.softmax(student / T, dim=1)
soft_teacher = F.softmax(teacher / T, dim=1)
right = knowledge_distillation_loss(student, teacher, T)
low, high = (
    knowledge_distillation_loss(student, teacher, T, alpha, labels)
    for alpha in (0.1, 0.9)
)
mean = F.kl_div(log_student, soft_teacher, reduction="none").mean() * T**2
no_log = F.kl_div(soft_student, soft_teacher, reduction="batchmean") * T**2
no_square = F.kl_div(log_student, soft_teacher, reduction="batchmean")
swapped = F.kl_div(soft_teacher.log(), soft_student, reduction="batchmean") * T**2

print(f"right, soft loss alone      {right:8.4f}")
print(f"right, alpha 0.1 and 0.9    {low:8.4f} {high:8.4f}")
print(f"alpha ignored               {right:8.4f} {right:8.4f}")
print(f"mean instead of batchmean   {mean:8.4f}")
print(f"probabilities, not logs     {no_log:8.4f}")
print(f"factor T squared forgotten  {no_square:8.4f}")
print(f"student and teacher swapped {swapped:8.4f}")
# --8<-- [end:show]

values = {
    "mean_ratio": round((right / mean).item(), 4),
    "no_log": no_log.item(),
    "square_ratio": round((right / no_square).item(), 4),
}
