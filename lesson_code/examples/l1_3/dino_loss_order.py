# /// example
# cost = "quick"
# ///
"""Take three steps in the right order: loss with the old center first, the update after it."""

import torch

from lesson_code import CenteringMechanism, dino_loss

# --8<-- [start:show]
torch.manual_seed(0)
centering = CenteringMechanism(output_dim=16)

for step in range(3):
    teacher_output = 0.1 * torch.randn(8, 16) + torch.linspace(-0.1, 0.1, 16)
    student_output = teacher_output + 0.02 * torch.randn(8, 16)
    loss = dino_loss(student_output, teacher_output, center=centering.center)
    print(f"step {step}: center norm {centering.center.norm():.4f}, loss {loss:.4f}")
    centering.update_center(teacher_output)  # counts from the next step on
# --8<-- [end:show]
