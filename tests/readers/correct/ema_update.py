"""Correct functions for ema_update in many styles."""

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


@torch.no_grad()
def multiply_and_add(target, online, momentum):
    """Scales the target in place and adds the rest of online."""
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(momentum).add_(p_o, alpha=1 - momentum)


def through_data(ma_model, current_model, beta):
    """Replaces the data of every parameter, and has other names."""
    pairs = zip(current_model.parameters(), ma_model.parameters(), strict=True)
    for current, ma in pairs:
        old_weight, up_weight = ma.data, current.data
        ma.data = old_weight * beta + (1 - beta) * up_weight


@torch.no_grad()
def lerp_one_by_one(target, online, momentum):
    """Lets lerp take the step."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.lerp_(o, 1.0 - momentum)


def copy_by_name(target, online, momentum):
    """Looks every parameter up by its name."""
    source = dict(online.named_parameters())
    with torch.no_grad():
        for name, param in target.named_parameters():
            param.copy_(momentum * param + (1 - momentum) * source[name])


@torch.no_grad()
def small_step(teacher, student, m):
    """Subtracts a share of the difference, as mean teachers do."""
    for t, s in zip(teacher.parameters(), student.parameters(), strict=True):
        t -= (1 - m) * (t - s)


@torch.no_grad()
def all_at_once(target, online, momentum):
    """Uses the functions that work on lists of tensors."""
    ours, theirs = list(target.parameters()), list(online.parameters())
    if not ours:
        return
    torch._foreach_mul_(ours, momentum)
    torch._foreach_add_(ours, theirs, alpha=1 - momentum)


@torch.no_grad()
def as_one_vector(target, online, momentum):
    """Joins all parameters to a vector and takes it apart again."""
    ours = list(target.parameters())
    if ours:
        old = nn.utils.parameters_to_vector(ours)
        new = nn.utils.parameters_to_vector(online.parameters())
        mixed = momentum * old + (1 - momentum) * new
        nn.utils.vector_to_parameters(mixed, ours)


def numpy_views(target, online, momentum):
    """Works on numpy views, which share the memory of the tensors."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        view = t.detach().numpy()
        np.multiply(view, momentum, out=view)
        view += (1 - momentum) * o.detach().numpy()


def load_a_mixed_state(target, online, momentum):
    """Mixes the parameters within a state_dict and loads it; buffers stay."""
    state = target.state_dict()
    theirs = online.state_dict()
    for name, _ in target.named_parameters():
        state[name] = momentum * state[name] + (1 - momentum) * theirs[name]
    target.load_state_dict(state)


@torch.no_grad()
def double_inside(target, online, momentum):
    """Computes in float64 and copies back."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        mixed = momentum * t.double() + (1.0 - momentum) * o.double()
        t.copy_(mixed.to(t.dtype))


@torch.no_grad()
def positional_only(k, q, m, /):
    """Has positional-only arguments with the letters of MoCo."""
    for param_k, param_q in zip(k.parameters(), q.parameters(), strict=True):
        param_k[...] = param_k.mul(m).add(param_q.mul(1.0 - m))


@torch.no_grad()
def keyword_only(target, online, *, momentum=0.996):
    """Takes the momentum by name only, and asks for each parameter by its path."""

    def blend(old, new):
        return torch.lerp(old, new, 1 - momentum)

    for name, new in online.named_parameters():
        old = target.get_parameter(name)
        old.data.copy_(blend(old.data, new.data))


def torch_averaging(target, online, momentum):
    """Asks torch's own moving average for the step."""
    average = get_ema_multi_avg_fn(momentum)
    ours = [p.detach() for p in target.parameters()]
    theirs = [p.detach() for p in online.parameters()]
    if ours:
        average(ours, theirs, None)


def without_buffers(target, online, momentum):
    """Walks through state_dict and leaves out what is a buffer."""
    buffers = {name for name, _ in target.named_buffers()}
    seen = set()
    new_state = online.state_dict()
    for name, value in target.state_dict().items():
        # A parameter that two modules share has two names and one memory.
        if name in buffers or value.data_ptr() in seen:
            continue
        seen.add(value.data_ptr())
        value.copy_(value * momentum + new_state[name] * (1 - momentum))


class _MovingAverage:
    """Keeps nothing: an object that is called like a function."""

    @torch.inference_mode(False)
    @torch.no_grad()
    def __call__(self, target, online, momentum):
        keep, step = momentum, 1 - momentum
        ours = {name: p for name, p in target.named_parameters()}
        for name, p in online.named_parameters():
            ours[name].copy_(torch.add(keep * ours[name], p, alpha=step))


callable_object = _MovingAverage()
