# /// example
# limit = 20
# ///
"""A distillation loss whose weight and labels do nothing."""

import torch
import torch.nn.functional as F

from lesson_code import knowledge_distillation_loss


# --8<-- [start:show]
def soft_only(
    student: torch.Tensor, teacher: torch.Tensor, T: float = 3.0, alpha: float = 0.7
) -> torch.Tensor:
    """WRONG: alpha is never used, and there is no place for labels."""
    log_student = F.log_softmax(student / T, dim=1)
    return T**2 * F.kl_div(
        log_student, F.softmax(teacher / T, dim=1), reduction="batchmean"
    )


torch.manual_seed(0)
student, teacher = torch.randn(2, 8, 10)
labels = teacher.argmax(dim=1)
print("alpha  soft only  with labels")
for alpha in (0.0, 0.5, 1.0):
    wrong = soft_only(student, teacher, alpha=alpha)
    right = knowledge_distillation_loss(student, teacher, alpha=alpha, labels=labels)
    print(f"{alpha:5} {wrong:10.4f} {right:12.4f}")
# --8<-- [end:show]
