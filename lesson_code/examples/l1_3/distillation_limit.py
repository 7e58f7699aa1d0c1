# /// example
# cost = "quick"
# ///
"""Compare the soft loss at high temperature with the squared difference of the logits."""

import torch

from lesson_code import knowledge_distillation_loss

# --8<-- [start:show]
torch.manual_seed(0)
teacher_logits = torch.randn(8, 10, dtype=torch.float64)
student_logits = torch.randn(8, 10, dtype=torch.float64)

for T in (1, 3, 10, 30, 100):
    loss = knowledge_distillation_loss(student_logits, teacher_logits, temperature=T)
    print(f"T = {T:3d}   soft loss {loss:.4f}")

difference = student_logits - teacher_logits
difference -= difference.mean(dim=1, keepdim=True)  # softmax ignores a shift
limit = difference.pow(2).sum(dim=1).mean() / (2 * 10)
print(f"half the mean squared difference of logits: {limit:.4f}")
# --8<-- [end:show]


def excess(temperature: float) -> float:
    """Return by how much the soft loss differs from its limit, as a percentage."""
    loss = knowledge_distillation_loss(
        student_logits, teacher_logits, temperature=temperature
    )
    return 100 * abs(loss.item() / limit.item() - 1)


values = {"excess_10": excess(10)}
