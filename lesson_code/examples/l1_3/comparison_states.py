# /// example
# cost = "quick"
# ///
"""Tabulate the three losses at a random start, where views agree, and at collapse."""

import math

import torch

from lesson_code import SSLComparison

# --8<-- [start:show]
torch.manual_seed(0)
first, second = torch.randn(2, 32, 128) / 128**0.5
apart = torch.eye(32, 128)  # each image has a direction, or a prototype, of its own
alike = apart[:1].expand(32, 128)  # every image has the same
states = {
    "random": (first, second),
    "views agree": (apart, apart),
    "all alike": (alike, alike),
    "all alike, uniform": (torch.zeros(32, 128), torch.zeros(32, 128)),
}
print("                      SimCLR     BYOL     DINO")
for name, (a, b) in states.items():
    simclr = SSLComparison.simclr_loss(a, b, temperature=0.5)
    byol = SSLComparison.byol_loss(a, b, b, a)  # a perfect predictor: p is z
    dino = SSLComparison.dino_loss(a, b)
    if name == "all alike, uniform":  # uniform is a matter of logits only
        print(f"{name:20}       --       -- {dino:8.4f}")
    else:
        print(f"{name:20} {simclr:8.4f} {byol:8.4f} {dino:8.4f}")
# --8<-- [end:show]

values = {
    "simclr_random": SSLComparison.simclr_loss(first, second, temperature=0.5).item(),
    "byol_random": SSLComparison.byol_loss(first, second, second, first).item(),
    "dino_random": SSLComparison.dino_loss(first, second).item(),
    "simclr_collapse": math.log(63),
    "simclr_agree": SSLComparison.simclr_loss(apart, apart, temperature=0.5).item(),
    "dino_agree": SSLComparison.dino_loss(apart, apart).item(),
    "dino_alike": SSLComparison.dino_loss(alike, alike).item(),
    "dino_uniform": math.log(128),
}
