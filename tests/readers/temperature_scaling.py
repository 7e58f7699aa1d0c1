"""Functions that readers write for ``temperature_scaling``: right, wrong and rare ones."""

import math

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def one_line(logits, temperature):
    """Divides, and that is all."""
    return logits / temperature


@right
def with_div(x, T):
    """Uses torch.div and the letters of the equation."""
    return torch.div(x, T)


@right
def reciprocal_factor(logits, tau):
    """Multiplies by the inverse temperature."""
    inverse = 1.0 / tau
    return logits * inverse


@right
def temperature_as_tensor(logits, temperature):
    """Turns the temperature into a tensor of the same dtype and device."""
    t = torch.as_tensor(temperature, dtype=logits.dtype, device=logits.device)
    return logits.div(t)


@right
def out_of_place_copy(logits, temperature):
    """Clones first, then divides the clone in place."""
    scaled = logits.clone()
    scaled /= temperature
    return scaled


in_double(__name__)
by_position(__name__, "z t")


@right
def single_for_half(logits, temperature):
    """Lifts half precision to float32 first."""
    if logits.dtype in (torch.float16, torch.bfloat16):
        logits = logits.float()
    return torch.true_divide(logits, temperature)


@right
def with_einsum(logits, temperature):
    """Multiplies every entry with a scalar by einsum."""
    scale = torch.tensor(1 / temperature, dtype=logits.dtype, device=logits.device)
    return torch.einsum("...,->...", logits, scale)


@right
def elementwise_lerp(logits, temperature):
    """Adds a share of the logits to themselves: z + (1 / T - 1) z."""
    return torch.lerp(torch.zeros_like(logits), logits, 1 / temperature)


@wrong("multiplies by the temperature, does not divide")
def multiplies(logits, temperature):
    return logits * temperature


@wrong("returns probabilities: the softmax is left to the caller")
def returns_probabilities(logits, temperature):
    return F.softmax(logits / temperature, dim=-1)


@wrong("returns log-probabilities: no softmax is asked here")
def returns_log_probabilities(logits, temperature):
    return F.log_softmax(logits / temperature, dim=-1)


@wrong("divides by the temperature squared")
def divides_by_the_square(logits, temperature):
    return logits / temperature**2


@wrong("subtracts the temperature: a softmax does not see it")
def subtracts_the_temperature(logits, temperature):
    return logits - temperature


@wrong("returns a list, not a tensor")
def returns_a_list(logits, temperature):
    return [row / temperature for row in logits]


@wrong("divides the temperature by the logits")
def wrong_way_round(logits, temperature):
    return temperature / logits


@wrong("scales rows to length one first")
def scales_to_length_one(logits, temperature):
    return F.normalize(logits, dim=-1) / temperature


@wrong("temperature is not used")
def ignores_the_temperature(logits, temperature):
    return logits.clone()


@rare
def to_the_power_one_and_a_half(logits, temperature):
    """Divides by the temperature to the power 1.5."""
    return logits / temperature**1.5


@rare
def saturates(logits, temperature):
    """Squashes the scaled logits with a tanh of height 30."""
    return 30 * torch.tanh(logits / (30 * temperature))


@rare
def cools_with_a_logarithm(logits, temperature):
    """Divides by one plus the logarithm of the temperature, in size."""
    return logits / (1 + abs(math.log(temperature)))


@rare
def average_with_the_logits(logits, temperature):
    """Returns the mean of the scaled and the unscaled logits."""
    return 0.5 * (logits + logits / temperature)
