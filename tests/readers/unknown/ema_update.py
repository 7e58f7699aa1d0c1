"""Rare wrong functions for ema_update."""

import torch


def _pairs(target, online):
    return list(zip(target.parameters(), online.parameters(), strict=True))


@torch.no_grad()
def momentum_squared(target, online, momentum):
    """Keeps the square of the momentum."""
    for t, o in _pairs(target, online):
        t.lerp_(o, 1 - momentum**2)


@torch.no_grad()
def last_parameter_left_out(target, online, momentum):
    """Leaves the last parameter of the network alone."""
    for t, o in _pairs(target, online)[:-1]:
        t.lerp_(o, 1 - momentum)


@torch.no_grad()
def steps_by_the_sign(target, online, momentum):
    """Takes a step of 1 - m in the direction of online, whatever the distance."""
    for t, o in _pairs(target, online):
        t.add_((1 - momentum) * torch.sign(o - t))


@torch.no_grad()
def keeps_the_length(target, online, momentum):
    """Scales the average so that each parameter keeps its old length."""
    for t, o in _pairs(target, online):
        length = t.norm()
        t.lerp_(o, 1 - momentum)
        t.mul_(length / t.norm().clamp_min(1e-12))


@torch.no_grad()
def first_half_of_each(target, online, momentum):
    """Moves only the first half of the entries of each parameter."""
    for t, o in _pairs(target, online):
        new = t.lerp(o, 1 - momentum).flatten()
        half = new.numel() // 2
        new[half:] = t.flatten()[half:]
        t.copy_(new.view_as(t))


@torch.no_grad()
def larger_of_both(target, online, momentum):
    """Takes the larger of the average and the old value."""
    for t, o in _pairs(target, online):
        t.copy_(torch.maximum(t, t.lerp(o, 1 - momentum)))


@torch.no_grad()
def average_of_the_cubes(target, online, momentum):
    """Averages the cubes and takes the root."""
    for t, o in _pairs(target, online):
        cubes = momentum * t**3 + (1 - momentum) * o**3
        t.copy_(cubes.sign() * cubes.abs().pow(1 / 3))


@torch.no_grad()
def deeper_is_slower(target, online, momentum):
    """Takes smaller steps for later parameters."""
    for depth, (t, o) in enumerate(_pairs(target, online)):
        t.lerp_(o, (1 - momentum) / (depth + 1))
