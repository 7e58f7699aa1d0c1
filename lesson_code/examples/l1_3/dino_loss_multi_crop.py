# /// example
# cost = "quick"
# ///
"""Count the terms of the multi-crop loss and compare the function with a loop over pairs."""

import torch

from lesson_code import dino_loss, multi_crop_dino_loss

# --8<-- [start:show]
torch.manual_seed(0)
images, prototypes = 4, 16

for local in (0, 2, 8):
    students = [0.1 * torch.randn(images, prototypes) for _ in range(2 + local)]
    teachers = [0.1 * torch.randn(images, prototypes) for _ in range(2)]
    terms = [
        dino_loss(students[v], teachers[g])
        for g in range(2)
        for v in range(2 + local)
        if v != g  # crop v of the student is crop g of the teacher
    ]
    same = torch.allclose(
        multi_crop_dino_loss(students, teachers), torch.stack(terms).mean()
    )
    print(f"2 + {local} crops: {len(terms):2d} terms, as the function: {same}")
# --8<-- [end:show]
