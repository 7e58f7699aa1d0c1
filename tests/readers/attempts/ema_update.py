"""Honest wrong attempts at ema_update."""

import copy

import torch
from torch import nn

EXPECTED: dict[str, str] = {
    "shares_swapped": "m and 1 - m are swapped",
    "lerp_with_the_momentum": "m and 1 - m are swapped: lerp takes the step, not m",
    "networks_swapped": "moves online toward target: the networks are swapped",
    "wrong_sign": "wrong sign: target moves away from online",
    "only_a_name": "assigns to a loop variable: target never changes",
    "hands_back_a_copy": "convention: returns a new network, target never changes",
    "no_no_grad": "no no_grad: raises, or records the target in the graph",
    "shares_the_memory": "target gets online's memory: both networks become one",
    "whole_state": "buffers are averaged as well (state_dict)",
    "copies_the_buffers": "convention: buffers are copied from online",
    "stops_at_a_counter": "raises with batch norm: a whole number cannot be scaled",
    "weights_only": "biases are left out",
    "trainable_only": "a frozen target never moves: requires_grad is asked",
    "adds_all_of_online": "online is not weighted by 1 - m",
    "nested_modules_again": "parameters of nested modules move several times",
    "top_level_only": "parameters of nested modules never move",
    "leaves_too_early": "return within the loop: only the first parameter moves",
    "new_parameters": "puts new Parameter objects into target: references go stale",
    "scales_online": "mutates online: it is scaled by 1 - m in place",
    "freezes_online": "switches requires_grad of online off",
    "half_precision": "computes in float16",
    "full_copy": "ignores the momentum: a full copy",
    "plain_mean": "ignores the momentum: the mean of both",
    "bias_correction": "divides by 1 - m, as Adam does",
    "target_twice": "two: the target is scaled by m before its difference is taken",
    "average_of_gradients": "averages the gradients, not the parameters",
    "multiplies_generators": "raises: parameters() is a generator, no number",
}


@torch.no_grad()
def shares_swapped(target, online, momentum):
    """Believes the momentum is the share of the new network."""
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(1 - momentum).add_(momentum * p_o)


@torch.no_grad()
def lerp_with_the_momentum(target, online, momentum):
    """Believes lerp takes the momentum as its weight."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.lerp_(o, momentum)


@torch.no_grad()
def networks_swapped(target, online, momentum):
    """Believes the online network follows the target."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        o.copy_(momentum * o + (1 - momentum) * t)


@torch.no_grad()
def wrong_sign(target, online, momentum):
    """Believes the difference is taken from target to online."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t += (1 - momentum) * (t - o)


def only_a_name(target, online, momentum):
    """Believes an assignment to the loop variable reaches the network."""
    for p, q in zip(target.parameters(), online.parameters(), strict=True):
        p = momentum * p + (1 - momentum) * q


def hands_back_a_copy(target, online, momentum):
    """Believes the caller writes target = ema_update(...)."""
    new = copy.deepcopy(target)
    with torch.no_grad():
        for n, o in zip(new.parameters(), online.parameters(), strict=True):
            n.copy_(momentum * n + (1 - momentum) * o)
    return new


def no_no_grad(target, online, momentum):
    """Believes an update in place needs no care for the graph."""
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(momentum)
        p_t.add_((1 - momentum) * p_o)


def shares_the_memory(target, online, momentum):
    """Believes data can be handed over and then averaged."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        old = t.data.clone()
        t.data = o.data
        t.data.mul_(1 - momentum).add_(old, alpha=momentum)


@torch.no_grad()
def whole_state(target, online, momentum):
    """Believes state_dict holds the parameters."""
    new = online.state_dict()
    for name, value in target.state_dict().items():
        value.copy_(momentum * value + (1 - momentum) * new[name])


@torch.no_grad()
def copies_the_buffers(target, online, momentum):
    """Believes the running statistics must come from online."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data = t.data * momentum + o.data * (1.0 - momentum)
    for b_t, b_o in zip(target.buffers(), online.buffers(), strict=True):
        b_t.copy_(b_o)


def stops_at_a_counter(target, online, momentum):
    """Believes every entry of state_dict is a floating-point number."""
    sd_t, sd_o = target.state_dict(), online.state_dict()
    for key in sd_t:
        sd_t[key].mul_(momentum)
        sd_t[key].add_(sd_o[key], alpha=1 - momentum)


@torch.no_grad()
def weights_only(target, online, momentum):
    """Believes that biases are not worth averaging, as with weight decay."""
    source = dict(online.named_parameters())
    for name, p in target.named_parameters():
        if name.endswith("weight"):
            p.mul_(momentum).add_(source[name], alpha=1 - momentum)


@torch.no_grad()
def trainable_only(target, online, momentum):
    """Believes parameters without requires_grad must be left alone."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        if not t.requires_grad:
            continue
        t.copy_(t * momentum + o * (1 - momentum))


@torch.no_grad()
def adds_all_of_online(target, online, momentum):
    """Believes it works like the momentum of SGD: v = m v + g."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.mul_(momentum).add_(o)


@torch.no_grad()
def nested_modules_again(target, online, momentum):
    """Believes one must walk through modules to find all parameters."""
    for mod_t, mod_o in zip(target.modules(), online.modules(), strict=True):
        for t, o in zip(mod_t.parameters(), mod_o.parameters(), strict=True):
            t.lerp_(o, 1 - momentum)


@torch.no_grad()
def top_level_only(target, online, momentum):
    """Believes parameters of the children come with recurse=False."""
    ours = target.named_parameters(recurse=False)
    theirs = dict(online.named_parameters(recurse=False))
    for name, p in ours:
        p.copy_(momentum * p + (1 - momentum) * theirs[name])


@torch.no_grad()
def leaves_too_early(target, online, momentum):
    """Believes return belongs below the last line."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.mul_(momentum).add_((1 - momentum) * o.data)
        return


def new_parameters(target, online, momentum):
    """Believes a parameter is changed by putting a new one into its place."""
    theirs = dict(online.named_parameters())
    for name, p in list(target.named_parameters()):
        path, _, leaf = name.rpartition(".")
        value = momentum * p.detach() + (1 - momentum) * theirs[name].detach()
        setattr(target.get_submodule(path), leaf, nn.Parameter(value))


def scales_online(target, online, momentum):
    """Believes data may be used as scratch space."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.mul_(momentum).add_(o.data.mul_(1 - momentum))


def freezes_online(target, online, momentum):
    """Believes no gradient may flow, so switches it off for both."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.requires_grad_(False)
        o.requires_grad_(False)
        t.mul_(momentum).add_(o, alpha=1 - momentum)


@torch.no_grad()
def half_precision(target, online, momentum):
    """Believes an average needs no more than 16 bits."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        mixed = momentum * t.half() + (1 - momentum) * o.half()
        t.copy_(mixed)


def full_copy(target, online, momentum):
    """Believes the target is a copy of online at every step."""
    target.load_state_dict(online.state_dict())


@torch.no_grad()
def plain_mean(target, online, momentum):
    """Believes an average of two is their mean."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.copy_(torch.stack([t, o]).mean(dim=0))


@torch.no_grad()
def bias_correction(target, online, momentum):
    """Believes every moving average is corrected for its start at zero."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.copy_((momentum * t + (1 - momentum) * o) / (1 - momentum))


@torch.no_grad()
def target_twice(target, online, momentum):
    """Believes one scales first and then steps by the difference."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.mul_(momentum)
        t.add_((1 - momentum) * (o - t))


@torch.no_grad()
def average_of_gradients(target, online, momentum):
    """Believes it is the gradient whose average is kept."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        g_t = torch.zeros_like(t) if t.grad is None else t.grad
        g_o = torch.zeros_like(o) if o.grad is None else o.grad
        t.grad = momentum * g_t + (1 - momentum) * g_o


@torch.no_grad()
def multiplies_generators(target, online, momentum):
    """Believes all parameters can be multiplied at once."""
    mixed = momentum * target.parameters() + (1 - momentum) * online.parameters()
    for t, new in zip(target.parameters(), mixed, strict=True):
        t.copy_(new)
