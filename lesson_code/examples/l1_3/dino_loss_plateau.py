# /// example
# cost = "quick"
# ///
"""Print the value at which the DINO loss stands still when all outputs are uniform."""

import torch

from lesson_code import dino_loss

# --8<-- [start:show]
for prototypes in (4096, 8192, 65536):
    constant = torch.zeros(2, prototypes)
    print(f"K = {prototypes:5d}: {dino_loss(constant, constant):.4f}")
# --8<-- [end:show]

values = {"official": dino_loss(constant, constant).item()}
