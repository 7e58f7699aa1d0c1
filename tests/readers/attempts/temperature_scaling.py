"""Honest wrong attempts at temperature_scaling."""

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "multiplies": "multiplies by the temperature, does not divide",
    "returns_probabilities": "returns probabilities: the softmax is left to the caller",
    "returns_log_probabilities": "returns log-probabilities: no softmax is asked here",
    "divides_by_the_square_root": "divides by the root of the temperature",
    "divides_by_the_square": "divides by the temperature squared",
    "subtracts_the_temperature": "subtracts the temperature: a softmax does not see it",
    "divides_the_probabilities": "divides after the softmax",
    "power_of_the_probabilities": "convention: p ** (1 / T) normalized: a softmax already",
    "subtracts_the_maximum": "shifts by the row's maximum: same softmax, other logits",
    "subtracts_the_mean": "shifts by the row's mean: same softmax, other logits",
    "scales_in_place": "mutates its input: divides in place",
    "clamps_the_temperature": "temperatures below 1 are raised to 1",
    "clamps_at_a_tenth": "temperatures below 0.1 are raised to 0.1",
    "temperature_plus_epsilon": "adds 1e-3 to the temperature",
    "rounds_the_temperature": "whole-number division: rounds the quotients down",
    "whole_temperature": "int(temperature): 0.5 becomes 0, division by zero",
    "detaches": "no gradient: detaches the logits",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_list": "returns a list, not a tensor",
    "keeps_the_argmax": "returns the class, not logits",
    "forgets_to_return": "returns None",
    "wrong_way_round": "divides the temperature by the logits",
    "scales_to_length_one": "scales rows to length one first",
    "ignores_the_temperature": "temperature is not used",
    "undoes_itself": "multiplies by T again at the end: nothing has changed",
    "weights_of_hinton": "multiplies by T squared as the loss does",
    "wrong_axis_softmax": "two: probabilities, and over the wrong axis",
    "raises_for_a_float": "raises: calls a method that a float does not have",
}


def multiplies(logits, temperature):
    """Believes a high temperature makes logits hot, that is large."""
    return logits * temperature


def returns_probabilities(logits, temperature):
    """Believes scaling by a temperature includes the softmax."""
    return F.softmax(logits / temperature, dim=-1)


def returns_log_probabilities(logits, temperature):
    """Believes a safe function gives log-probabilities."""
    return F.log_softmax(logits / temperature, dim=-1)


def divides_by_the_square_root(logits, temperature):
    """Believes it is as in attention, where a root stands below."""
    return logits / temperature**0.5


def divides_by_the_square(logits, temperature):
    """Believes the T squared of distillation belongs here."""
    return logits / temperature**2


def subtracts_the_temperature(logits, temperature):
    """Believes a temperature is an offset."""
    return logits - temperature


def divides_the_probabilities(logits, temperature):
    """Believes the temperature softens probabilities."""
    probs = torch.softmax(logits, dim=-1)
    return probs / temperature


def power_of_the_probabilities(logits, temperature):
    """Believes sharpening is done on probabilities, as in MixMatch."""
    p = torch.softmax(logits, dim=-1) ** (1 / temperature)
    return p / p.sum(dim=-1, keepdim=True)


def subtracts_the_maximum(logits, temperature):
    """Believes a stable function shifts by the maximum."""
    scaled = logits / temperature
    return scaled - scaled.max(dim=-1, keepdim=True).values


def subtracts_the_mean(logits, temperature):
    """Believes logits must be centered before they are scaled."""
    return (logits - logits.mean(dim=-1, keepdim=True)) / temperature


def scales_in_place(logits, temperature):
    """Believes in-place saves memory and harms nobody."""
    with torch.no_grad():
        logits /= temperature
    return logits


def clamps_the_temperature(logits, temperature):
    """Believes a temperature is never below 1."""
    return logits / max(temperature, 1.0)


def clamps_at_a_tenth(logits, temperature):
    """Believes small temperatures are dangerous and stops at 0.1."""
    temperature = max(temperature, 0.1)
    return logits / temperature


def temperature_plus_epsilon(logits, temperature, eps=1e-3):
    """Believes a small number below the line is safe."""
    return logits / (temperature + eps)


def rounds_the_temperature(logits, temperature):
    """Believes // is the division sign."""
    return logits // temperature


def whole_temperature(logits, temperature):
    """Believes a temperature is a whole number, as 3 or 4 in distillation."""
    return logits / int(temperature)


def detaches(logits, temperature):
    """Believes a copy protects the caller."""
    scaled = logits.detach().clone()
    return scaled / temperature


def numpy_habits(logits, temperature):
    """Believes numpy arrays divide just as well."""
    z = np.asarray(logits.detach())
    return torch.from_numpy(z / temperature)


def returns_a_list(logits, temperature):
    """Believes a list of rows is a tensor."""
    return [row / temperature for row in logits]


def keeps_the_argmax(logits, temperature):
    """Believes a prediction is asked."""
    return (logits / temperature).argmax(dim=-1)


def forgets_to_return(logits, temperature):
    """Believes the last line of a function is its value."""
    scaled = logits / temperature
    print(scaled)


def wrong_way_round(logits, temperature):
    """Believes T stands above the line."""
    return temperature / logits


def scales_to_length_one(logits, temperature):
    """Believes logits are cosine similarities, so rows have length one."""
    return F.normalize(logits, dim=-1) / temperature


def ignores_the_temperature(logits, temperature):
    """Believes the softmax takes the temperature later."""
    return logits.clone()


def undoes_itself(logits, temperature):
    """Believes the result must be brought back to its scale."""
    scaled = logits / temperature
    return scaled * temperature


def weights_of_hinton(logits, temperature):
    """Believes the factor T squared keeps the gradient here as well."""
    return temperature**2 * (logits / temperature)


def wrong_axis_softmax(logits, temperature):
    """Believes dim=0 is the axis of classes and that probabilities are asked."""
    e = torch.exp(logits / temperature)
    return e / e.sum(dim=0)


def raises_for_a_float(logits, temperature):
    """Believes the temperature is a tensor like the logits."""
    return logits.div(temperature.clamp(min=1e-8))
