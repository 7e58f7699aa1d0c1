# /// example
# cost = "quick"
# ///
"""Follow one weight on a straight walk with the right update and with five wrong ones."""

import torch
from torch import nn

from lesson_code import ema_update


# --8<-- [start:show]
def walk(update, before_step=False):
    online, target = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.zeros_(online.weight)
    nn.init.zeros_(target.weight)
    for _ in range(100):
        if before_step:
            update(online, target)
        with torch.no_grad():
            online.weight += 0.01  # what optimizer.step() does in this toy
        if not before_step:
            update(online, target)
    return f"online {online.weight.item():.3f}   target {target.weight.item():.3f}"


def right(online, target):
    ema_update(target, online, 0.9)


def four_times(online, target):
    for _ in range(4):
        ema_update(target, online, 0.9)


def weights_swapped(online, target):
    ema_update(target, online, 0.1)


def networks_swapped(online, target):
    ema_update(online, target, 0.9)


print("after each step     ", walk(right))
print("before each step    ", walk(right, before_step=True))
print("four times a step   ", walk(four_times))
print("weights swapped     ", walk(weights_swapped))
print("networks swapped    ", walk(networks_swapped))
print("never called        ", walk(lambda online, target: None))
# --8<-- [end:show]
