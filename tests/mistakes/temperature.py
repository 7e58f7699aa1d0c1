"""Wrong variants of ``temperature_scaling``."""

import torch

from lesson_code import temperature_scaling
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``temperature_scaling``."""
    return mistake(replaces="temperature_scaling", rejected_by="test_temperature")(variant)


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
