"""Functions that readers write for ``ema_update``: right, wrong and rare ones."""

import numpy as np
import torch
from proofs.readers import by_position, rare, right, wrong
from torch.optim.swa_utils import get_ema_multi_avg_fn


@right
@torch.no_grad()
def multiply_and_add(target, online, momentum):
    """Scales the target in place and adds the rest of online."""
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(momentum).add_(p_o, alpha=1 - momentum)


@right
def through_data(ma_model, current_model, beta):
    """Replaces the data of every parameter, and has other names."""
    pairs = zip(current_model.parameters(), ma_model.parameters(), strict=True)
    for current, ma in pairs:
        old_weight, up_weight = ma.data, current.data
        ma.data = old_weight * beta + (1 - beta) * up_weight


@right
@torch.no_grad()
def lerp_one_by_one(target, online, momentum):
    """Lets lerp take the step."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.lerp_(o, 1.0 - momentum)


@right
def copy_by_name(target, online, momentum):
    """Looks every parameter up by its name."""
    source = dict(online.named_parameters())
    with torch.no_grad():
        for name, param in target.named_parameters():
            param.copy_(momentum * param + (1 - momentum) * source[name])


@right
@torch.no_grad()
def small_step(teacher, student, m):
    """Subtracts a share of the difference, as mean teachers do."""
    for t, s in zip(teacher.parameters(), student.parameters(), strict=True):
        t -= (1 - m) * (t - s)


@right
def numpy_views(target, online, momentum):
    """Works on numpy views, which share the memory of the tensors."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        view = t.detach().numpy()
        np.multiply(view, momentum, out=view)
        view += (1 - momentum) * o.detach().numpy()


@right
def load_a_mixed_state(target, online, momentum):
    """Mixes the parameters within a state_dict and loads it; buffers stay."""
    state = target.state_dict()
    theirs = online.state_dict()
    for name, _ in target.named_parameters():
        state[name] = momentum * state[name] + (1 - momentum) * theirs[name]
    target.load_state_dict(state)


@right
@torch.no_grad()
def double_inside(target, online, momentum):
    """Computes in float64 and copies back."""
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        mixed = momentum * t.double() + (1.0 - momentum) * o.double()
        t.copy_(mixed.to(t.dtype))


by_position(__name__, "k q m")


@right
def torch_averaging(target, online, momentum):
    """Asks torch's own moving average for the step."""
    average = get_ema_multi_avg_fn(momentum)
    ours = [p.detach() for p in target.parameters()]
    theirs = [p.detach() for p in online.parameters()]
    if ours:
        average(ours, theirs, None)


@wrong("m and 1 - m are swapped")
@torch.no_grad()
def shares_swapped(target, online, momentum):
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(1 - momentum).add_(momentum * p_o)


@wrong("moves online toward target: the networks are swapped")
@torch.no_grad()
def networks_swapped(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        o.copy_(momentum * o + (1 - momentum) * t)


@wrong("wrong sign: target moves away from online")
@torch.no_grad()
def wrong_sign(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t += (1 - momentum) * (t - o)


@wrong("assigns to a loop variable: target never changes")
def only_a_name(target, online, momentum):
    for p, q in zip(target.parameters(), online.parameters(), strict=True):
        p = momentum * p + (1 - momentum) * q


@wrong("no no_grad: raises, or records the target in the graph")
def no_no_grad(target, online, momentum):
    for p_t, p_o in zip(target.parameters(), online.parameters(), strict=True):
        p_t.mul_(momentum)
        p_t.add_((1 - momentum) * p_o)


@wrong("raises with batch norm: a whole number cannot be scaled")
def stops_at_a_counter(target, online, momentum):
    sd_t, sd_o = target.state_dict(), online.state_dict()
    for key in sd_t:
        sd_t[key].mul_(momentum)
        sd_t[key].add_(sd_o[key], alpha=1 - momentum)


@wrong("online is not weighted by 1 - m")
@torch.no_grad()
def adds_all_of_online(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.mul_(momentum).add_(o)


@wrong("mutates online: it is scaled by 1 - m in place")
def scales_online(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.data.mul_(momentum).add_(o.data.mul_(1 - momentum))


@wrong("ignores the momentum: a full copy")
def full_copy(target, online, momentum):
    target.load_state_dict(online.state_dict())


@wrong("ignores the momentum: the mean of both")
@torch.no_grad()
def plain_mean(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.copy_(torch.stack([t, o]).mean(dim=0))


@wrong("divides by 1 - m, as Adam does")
@torch.no_grad()
def bias_correction(target, online, momentum):
    for t, o in zip(target.parameters(), online.parameters(), strict=True):
        t.copy_((momentum * t + (1 - momentum) * o) / (1 - momentum))


def _pairs(target, online):
    return list(zip(target.parameters(), online.parameters(), strict=True))


@rare
@torch.no_grad()
def momentum_squared(target, online, momentum):
    """Keeps the square of the momentum."""
    for t, o in _pairs(target, online):
        t.lerp_(o, 1 - momentum**2)


@rare
@torch.no_grad()
def last_parameter_left_out(target, online, momentum):
    """Leaves the last parameter of the network alone."""
    for t, o in _pairs(target, online)[:-1]:
        t.lerp_(o, 1 - momentum)


@rare
@torch.no_grad()
def steps_by_the_sign(target, online, momentum):
    """Takes a step of 1 - m in the direction of online, whatever the distance."""
    for t, o in _pairs(target, online):
        t.add_((1 - momentum) * torch.sign(o - t))


@rare
@torch.no_grad()
def larger_of_both(target, online, momentum):
    """Takes the larger of the average and the old value."""
    for t, o in _pairs(target, online):
        t.copy_(torch.maximum(t, t.lerp(o, 1 - momentum)))
