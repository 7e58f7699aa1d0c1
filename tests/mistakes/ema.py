"""Wrong variants of ``ema_update``."""

import torch

from lesson_code import check_finite, check_fraction, ema_update
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``ema_update``."""
    return mistake(replaces="ema_update", rejected_by="test_ema")(variant)


@wrong
def moves_twice(target, online, momentum):
    """Called once per half batch instead of once per step."""
    ema_update(target, online, momentum)
    ema_update(target, online, momentum)


@wrong
@torch.no_grad()
def copies_buffers_too(target, online, momentum):
    """Running statistics are copied, which the official codes of MoCo and BYOL do not do."""
    ema_update(target, online, momentum)
    for mine, other in zip(target.buffers(), online.buffers()):
        mine.copy_(other)


@wrong
def rebinds_the_numbers(target, online, momentum):
    """Assigns to ``.data``: whoever holds the old numbers no longer sees the network."""
    ema_update(target, online, momentum)
    for parameter in target.parameters():
        parameter.data = parameter.data.clone()


@wrong
@torch.no_grad()
def weighted_sum(target, online, momentum):
    """The two-term sum rounds twice, so that equal networks drift."""
    ema_update(target, online, 1)
    check_fraction(momentum=momentum)
    for mine, other in zip(target.parameters(), online.parameters()):
        mine.copy_(mine * momentum + other * (1 - momentum))


@wrong
@torch.no_grad()
def matched_by_position(target, online, momentum):
    """Parameters are paired in the order in which they were made."""
    ema_update(target, online, 1)
    check_fraction(momentum=momentum)
    for mine, other in zip(target.parameters(), online.parameters()):
        mine.lerp_(other, 1 - momentum)


@wrong
@torch.no_grad()
def only_what_both_have(target, online, momentum):
    """Networks of different structure pass: parameters without a partner stay behind."""
    check_fraction(momentum=momentum)
    onlines = dict(online.named_parameters())
    check_finite(**{f"online parameter {name}": p for name, p in onlines.items() if not p.is_meta})
    for name, mine in target.named_parameters():
        other = onlines.get(name)
        if other is not None and other.shape == mine.shape and not other.is_meta:
            mine.lerp_(other.to(mine.dtype), 1 - momentum)


@wrong
@torch.no_grad()
def nan_enters(target, online, momentum):
    """One NaN of the online network stays in the target for ever."""
    check_fraction(momentum=momentum)
    onlines = dict(online.named_parameters())
    for name, mine in target.named_parameters():
        mine.lerp_(onlines[name], 1 - momentum)


@wrong
@torch.no_grad()
def nan_found_halfway(target, online, momentum):
    """Each parameter is checked when its turn comes, after the first ones have moved."""
    onlines = dict(online.named_parameters())
    check_fraction(momentum=momentum)
    for name, mine in target.named_parameters():
        check_finite(**{f"online parameter {name}": onlines[name]})
        mine.lerp_(onlines[name], 1 - momentum)


@wrong
def infinity_enters(target, online, momentum):
    """Only NaN is looked for."""
    infinite = [p for p in online.parameters() if torch.isinf(p).any()]
    if not infinite:
        ema_update(target, online, momentum)
        return
    with torch.no_grad():
        for mine, other in zip(target.parameters(), online.parameters()):
            mine.lerp_(other, 1 - momentum)


@wrong
@torch.no_grad()
def any_momentum(target, online, momentum):
    """A momentum above one or NaN is taken as it comes."""
    ema_update(target, online, 1)
    onlines = dict(online.named_parameters())
    for name, mine in target.named_parameters():
        mine.lerp_(onlines[name], 1 - momentum)


@wrong
def momentum_clamped(target, online, momentum):
    """A momentum outside [0, 1] is moved inside without a word."""
    ema_update(target, online, min(max(momentum, 0.0), 1.0))


@wrong
def largest_numbers_refused(target, online, momentum):
    """Finite numbers whose squares are not are taken for infinity."""
    if not all(p.square().sum().isfinite() for p in online.parameters()):
        raise ValueError("online parameter must be finite")
    ema_update(target, online, momentum)
