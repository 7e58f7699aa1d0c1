# /// example
# limit = 20
# ///
"""A DINO loss that trains its teacher and forgets the center."""

import torch
import torch.nn.functional as F

from lesson_code import dino_loss


# --8<-- [start:show]
def unprotected(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    """WRONG: no center, and the teacher receives a gradient."""
    targets = F.softmax(teacher / 0.04, dim=1)
    return -(targets * F.log_softmax(student / 0.1, dim=1)).sum(dim=1).mean()


torch.manual_seed(0)
student, teacher = torch.randn(2, 32, 64).unbind()
center = teacher.mean(dim=0) + 1.0
student.requires_grad_()
teacher.requires_grad_()

losses = {
    "unprotected": unprotected(student, teacher),
    "dino_loss": dino_loss(student, teacher, center=center),
}
print("             loss  gradient into student  into teacher")
for name, loss in losses.items():
    grads = torch.autograd.grad(loss, (student, teacher), allow_unused=True)
    norms = [0.0 if grad is None else grad.norm().item() for grad in grads]
    print(f"{name:11} {loss:5.2f} {norms[0]:22.3f} {norms[1]:13.3f}")
# --8<-- [end:show]

wrong = torch.autograd.grad(unprotected(student, teacher), (student, teacher))
values = {
    "student_gradient": wrong[0].norm().item(),
    "teacher_gradient": wrong[1].norm().item(),
}
