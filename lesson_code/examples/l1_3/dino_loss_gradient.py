# /// example
# cost = "quick"
# ///
"""Check the gradient of the DINO loss: none for the teacher, probabilities for the student."""

import torch
import torch.nn.functional as F

from lesson_code import dino_loss

# --8<-- [start:show]
torch.manual_seed(0)
student = torch.randn(4, 6, dtype=torch.float64).mul(0.1).requires_grad_()
teacher = torch.randn(4, 6, dtype=torch.float64).mul(0.1).requires_grad_()

dino_loss(student, teacher).backward()

p_student = F.softmax(student / 0.1, dim=1)
p_teacher = F.softmax(teacher / 0.04, dim=1)
expected = (p_student - p_teacher) / (0.1 * 4)
print("gradient of the teacher:", teacher.grad)
print("student as derived:     ", torch.allclose(student.grad, expected))
# --8<-- [end:show]

student_norm = student.grad.norm().item()
undetached = (
    -(p_teacher * F.log_softmax(student.detach() / 0.1, dim=1)).sum(dim=1).mean()
)
(leak,) = torch.autograd.grad(undetached, teacher)
values = {"student_norm": student_norm, "leak_norm": leak.norm().item()}
