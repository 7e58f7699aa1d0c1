# /// example
# cost = "quick"
# ///
"""Compare uniformity with closed forms, from a point to random directions."""

import math

import torch

from lesson_code import uniformity

# --8<-- [start:show]
torch.manual_seed(0)
N = 1000
turn = 2 * math.pi * torch.arange(N) / N
bessel = torch.special.i0(torch.tensor(4.0)).item()  # the mean of exp(4 cos(angle))

points = {
    "one point": torch.ones(N, 3),
    "two opposite points": torch.eye(3)[:1] * (-1.0) ** torch.arange(N)[:, None],
    "a circle": torch.stack([turn.cos(), turn.sin()], dim=1),
    "a sphere, D = 3": torch.randn(N, 3),
    "random, D = 128": torch.randn(N, 128),
    "orthogonal directions": torch.eye(N),
}
by_hand = {
    "one point": 0.0,
    "two opposite points": math.log((1 + math.exp(-8)) / 2),
    "a circle": math.log(math.exp(-4) * bessel),
    "a sphere, D = 3": math.log((1 - math.exp(-8)) / 8),
    "orthogonal directions": -4.0,
}
shapes = {}
for name, z in points.items():
    shapes[name] = uniformity(z).item()
    print(f"{name:22s} {shapes[name]:7.3f}", end="")
    print(f"   by hand {by_hand[name]:6.2f}" if name in by_hand else "")
# --8<-- [end:show]

values = {
    "circle": shapes["a circle"],
    "many": shapes["random, D = 128"],
    "two": shapes["two opposite points"],
}
