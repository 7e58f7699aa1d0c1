# /// example
# cost = "quick"
# ///
"""Freeze a layer by no gradient and by one of zero, and see which of them holds."""

import torch
from torch import nn

# --8<-- [start:show]
for none in (True, False):
    torch.manual_seed(0)
    layer = nn.Linear(4, 3)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.01, weight_decay=0.4)
    layer(torch.ones(1, 4)).sum().backward()
    before = layer.weight.detach().clone()
    layer.zero_grad(set_to_none=none)
    optimizer.step()
    moved = (layer.weight - before).abs().max().item()
    print("gradient", "none:" if none else "zero:", f"weights move by {moved:.4f}")
# --8<-- [end:show]

values = {"moved": moved}
