# /// example
# cost = "quick"
# ///
"""Follow the running mean of the teacher's outputs and see what subtracting it leaves."""

import torch

from lesson_code import CenteringMechanism

# --8<-- [start:show]
teacher_output = torch.tensor([[5.0, -1.0], [3.0, 1.0]])  # two images, mean (4, 0)
centering = CenteringMechanism(output_dim=2, momentum=0.9)

for step in range(1, 51):
    centering.update_center(teacher_output)
    if step in (1, 2, 10, 50):
        first, second = centering.center[0].tolist()
        print(f"after {step:2d} updates the center is ({first:.4f}, {second:.4f})")

centered = centering.apply_centering(teacher_output)
print("raw rows:     ", teacher_output.tolist())
print("centered rows:", [[round(x, 2) for x in row] for row in centered.tolist()])
# --8<-- [end:show]

values = {"center_after_ten": 4 * (1 - 0.9**10)}
