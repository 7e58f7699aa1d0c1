# /// example
# limit = 20
# ///
"""A center that is a plain attribute."""

import torch
from torch import nn

from lesson_code import CenteringMechanism


# --8<-- [start:show]
class PlainCenter(nn.Module):
    """WRONG: an attribute is neither saved nor moved with the module."""

    def __init__(self, output_dim: int) -> None:
        super().__init__()
        self.center = torch.zeros(1, output_dim)


for center in (PlainCenter(8), CenteringMechanism(8)):
    saved = "center" in center.state_dict()
    moved = center.to(torch.float64).center.dtype == torch.float64
    print(
        f"{type(center).__name__:18} saved: {saved!s:5}  moves with the module: {moved}"
    )
# --8<-- [end:show]
