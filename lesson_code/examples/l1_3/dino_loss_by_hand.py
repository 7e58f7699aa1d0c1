# /// example
# cost = "quick"
# ///
"""Evaluate the DINO loss on logits so simple that every value can be checked by hand."""

# --8<-- [start:imports]
import math

# --8<-- [end:imports]
import torch

from lesson_code import dino_loss

# --8<-- [start:show]
teacher = torch.tensor([[0.04 * math.log(3), 0.0]])  # target (3/4, 1/4) at 0.04
agrees = torch.tensor([[0.1 * math.log(3), 0.0]])  # student (3/4, 1/4) at 0.1
unsure = torch.tensor([[0.0, 0.0]])  # student (1/2, 1/2)
opposes = torch.tensor([[0.0, 0.1 * math.log(3)]])  # student (1/4, 3/4)

print(f"student agrees:        {dino_loss(agrees, teacher):.4f}")
print(f"student unsure:        {dino_loss(unsure, teacher):.4f}")
print(f"student opposes:       {dino_loss(opposes, teacher):.4f}")
print(f"agrees, all centered:  {dino_loss(agrees, teacher, center=teacher):.4f}")
# --8<-- [end:show]

values = {
    "agrees": dino_loss(agrees, teacher).item(),
    "unsure": dino_loss(unsure, teacher).item(),
    "opposes": dino_loss(opposes, teacher).item(),
    "centered": dino_loss(agrees, teacher, center=teacher).item(),
}
