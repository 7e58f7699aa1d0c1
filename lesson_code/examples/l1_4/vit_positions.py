# /// example
# cost = "quick"
# ///
"""Resize positions that hold the row and column of their patch, and see what becomes of them."""

import torch

from lesson_code import interpolate_positions

# --8<-- [start:show]
grid = torch.cartesian_prod(torch.arange(4.0), torch.arange(4.0))  # row, column
cls = torch.tensor([[99.0, 99.0]])
positions = torch.cat([cls, grid])[None]  # (1, 1 + 16, 2)

resized = interpolate_positions(positions, rows=2, columns=8)[0]  # (1 + 16, 2)
print("[CLS]  ", *resized[0].tolist())
for name, place in (("rows", 0), ("columns", 1)):
    for line in resized[1:, place].reshape(2, 8).tolist():
        print(f"{name:7}", *(f"{number:5.2f}" for number in line))
# --8<-- [end:show]
