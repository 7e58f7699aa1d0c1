"""Wrong variants of ``temperature_scaling``."""

import torch

from lesson_code import temperature_scaling
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``temperature_scaling``."""
    return mistake(replaces="temperature_scaling", rejected_by="test_temperature")(variant)


@wrong
def multiplies(logits, temperature):
    """A high temperature sharpens: logits are multiplied by it."""
    return temperature_scaling(logits, 1.0) * temperature


@wrong
def ignores_the_temperature(logits, temperature):
    """The temperature is checked and then forgotten."""
    temperature_scaling(logits, temperature)
    return temperature_scaling(logits, 1.0)


@wrong
def divides_probabilities(logits, temperature):
    """The softmax comes first, so a second one makes nearly everything alike."""
    return torch.softmax(temperature_scaling(logits, 1.0), dim=-1) / temperature


@wrong
def divides_by_the_square_root(logits, temperature):
    """A variance is confused with a standard deviation."""
    temperature_scaling(logits, temperature)
    return temperature_scaling(logits, temperature**0.5)


@wrong
def stays_in_half_precision(logits, temperature):
    """Float16 logits overflow to infinity when they are divided."""
    temperature_scaling(logits, temperature)
    return logits / temperature


@wrong
def divides_in_place(logits, temperature):
    """The caller's logits are changed."""
    temperature_scaling(logits, temperature)
    if logits.requires_grad or logits.dtype in (torch.float16, torch.bfloat16):
        return temperature_scaling(logits, temperature)
    return logits.div_(temperature)


@wrong
def accepts_any_temperature(logits, temperature):
    """Zero divides, a negative temperature turns the order of the classes around."""
    temperature_scaling(logits, 1.0)
    return logits.to(torch.promote_types(logits.dtype, torch.float32)) / temperature


@wrong
def accepts_integers(logits, temperature):
    """Integer logits, most likely labels by mistake, are turned into floating point."""
    if isinstance(logits, torch.Tensor):
        logits = logits * 1.0
    return temperature_scaling(logits, temperature)
