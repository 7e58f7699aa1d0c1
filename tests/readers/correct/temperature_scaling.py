"""Correct functions for temperature_scaling in many styles."""

import torch


def one_line(logits, temperature):
    """Divides, and that is all."""
    return logits / temperature


def with_div(x, T):
    """Uses torch.div and the letters of the equation."""
    return torch.div(x, T)


def reciprocal_factor(logits, tau):
    """Multiplies by the inverse temperature."""
    inverse = 1.0 / tau
    return logits * inverse


def row_by_row(logits, temp):
    """Loops over the first axis and stacks the rows."""
    rows = []
    for i in range(logits.shape[0]):
        rows.append(logits[i] / temp)
    return torch.stack(rows)


def temperature_as_tensor(logits, temperature):
    """Turns the temperature into a tensor of the same dtype and device."""
    t = torch.as_tensor(temperature, dtype=logits.dtype, device=logits.device)
    return logits.div(t)


def out_of_place_copy(logits, temperature):
    """Clones first, then divides the clone in place."""
    scaled = logits.clone()
    scaled /= temperature
    return scaled


def double_inside(logits, temperature):
    """Divides in float64 and returns the dtype it was given."""
    return (logits.double() / temperature).to(logits.dtype)


def single_for_half(logits, temperature):
    """Lifts half precision to float32 first."""
    if logits.dtype in (torch.float16, torch.bfloat16):
        logits = logits.float()
    return torch.true_divide(logits, temperature)


def keyword_only(*, logits, temperature=1.0):
    """Takes both arguments by keyword only."""
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    return logits / temperature


def positional_only(z, t, /):
    """Takes both arguments by position only."""
    return z * t**-1


def with_einsum(logits, temperature):
    """Multiplies every entry with a scalar by einsum."""
    scale = torch.tensor(1 / temperature, dtype=logits.dtype, device=logits.device)
    return torch.einsum("...,->...", logits, scale)


def with_a_helper(scores, temperature=1.0):
    """Hands the division to a nested function."""

    def soften(t):
        return scores.div(t)

    return soften(float(temperature))


def elementwise_lerp(logits, temperature):
    """Adds a share of the logits to themselves: z + (1 / T - 1) z."""
    return torch.lerp(torch.zeros_like(logits), logits, 1 / temperature)


class _Scaler(torch.nn.Module):
    """A module without parameters whose forward takes the temperature."""

    def forward(self, logits, temperature):
        return logits.true_divide(temperature)


callable_object = _Scaler()
