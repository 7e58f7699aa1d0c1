# /// example
# cost = "quick"
# ///
"""Compute uniformity in wrong ways, on random directions and on two points."""

import torch
import torch.nn.functional as F

from lesson_code import uniformity

# --8<-- [start:show]
torch.manual_seed(0)
random = torch.randn(256, 128)
batches = {
    "random": random,
    "times 0.1": 0.1 * random,
    "two points": torch.ones(256, 128) * (-1.0) ** torch.arange(256)[:, None],
}


def squares(z: torch.Tensor) -> torch.Tensor:
    return torch.pdist(F.normalize(z)).square()


def log_mean_exp(x: torch.Tensor) -> float:
    return x.exp().mean().log().item()


def with_itself(z: torch.Tensor) -> float:
    z = F.normalize(z)
    return log_mean_exp(-2 * torch.cdist(z, z).square())


variants = {
    "right": lambda z: uniformity(z).item(),
    "not normalized": lambda z: log_mean_exp(-2 * torch.pdist(z).square()),
    "each with itself too": with_itself,
    "logarithm inside": lambda z: -2 * squares(z).mean().item(),
    "t = 100, right": lambda z: uniformity(z, t=100.0).item(),
    "t = 100, naive": lambda z: log_mean_exp(-100 * squares(z)),
}
table = {}
print(f"{'':20s}", *(f"{name:>10s}" for name in batches))
for name, variant in variants.items():
    table[name] = [variant(z) for z in batches.values()]
    print(f"{name:20s}", *(f"{value:10.2f}" for value in table[name]))
# --8<-- [end:show]

import math

values = {
    "right": table["right"][0],
    "itself": table["each with itself too"][0],
    "floor": math.log(1 / 256),
    "two_right": table["right"][2],
    "two_inside": table["logarithm inside"][2],
    "sharp": table["t = 100, right"][0],
}
