# /// example
# cost = "quick"
# seed = 0
# ///
"""Follow the running mean of the teacher's outputs and see what subtracting it leaves."""

import torch
import torch.nn.functional as F

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
print("targets before centering:", F.softmax(teacher_output, dim=1).argmax(dim=1).tolist())
print("targets after centering: ", F.softmax(centered, dim=1).argmax(dim=1).tolist())
# --8<-- [end:show]

values = {"center_after_ten": 4 * (1 - 0.9**10)}
