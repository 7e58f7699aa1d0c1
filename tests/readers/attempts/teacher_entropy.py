"""Honest wrong attempts at teacher_entropy."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "zero_times_log_zero": "NaN where a probability is 0: 0 times log 0",
    "log_with_small_number": "small number in the logarithm is too large",
    "forgets_the_minus": "wrong sign",
    "entropy_of_the_mean": "entropy of the mean, not mean of the entropies",
    "mean_over_everything": "mean over all entries: K times too small",
    "sums_the_batch": "convention: sum over the batch",
    "in_bits": "convention: bits, not nats",
    "share_of_the_maximum": "convention: divided by ln K, from 0 to 1",
    "perplexity": "convention: exponential of the entropy",
    "softmax_over_the_batch": "softmax over the wrong axis",
    "forgets_the_softmax": "no softmax: raw outputs are taken for probabilities",
    "forgets_the_temperature": "the temperature is not used",
    "multiplies_by_the_temperature": "multiplies by the temperature, not divides",
    "temperature_of_the_student": "the default temperature is the student's, 0.1",
    "temperature_on_probabilities": "divides probabilities by the temperature",
    "ignores_the_center": "the center is not used",
    "adds_the_center": "wrong sign of the center",
    "centers_after_the_temperature": "the center is subtracted after the temperature",
    "center_of_this_batch": "uses the batch's own mean where center was given",
    "keeps_the_gradient": "missing detach: gradient flows into the teacher",
    "surprise_of_the_best": "-log of the largest probability, no expectation",
    "entropy_of_the_argmax": "entropy of the winners' counts",
    "centers_in_place": "mutates its input: subtracts the center in place",
    "loss_of_each_image": "convention: no reduction, shape (N,)",
    "two_slips": "two: entropy of the mean, and the center is not used",
    "binary_entropy": "adds the entropy of each prototype's yes or no",
    "forgets_to_return": "returns None",
}


def zero_times_log_zero(teacher_output, temperature_t=0.04, center=None):
    """Believes the formula can be typed as it is printed."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    p = F.softmax(t / temperature_t, dim=1)
    return -(p * torch.log(p)).sum(dim=1).mean()


def log_with_small_number(teacher_output, temperature_t=0.04, center=None):
    """Believes 1e-4 is small enough."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    p = F.softmax(t / temperature_t, dim=1)
    return -(p * torch.log(p + 1e-4)).sum(dim=1).mean()


@torch.no_grad()
def forgets_the_minus(teacher_output, temperature_t=0.04, center=None):
    """Believes log_softmax has the sign of an entropy."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return (log_p.exp() * log_p).sum(dim=1).mean()


@torch.no_grad()
def entropy_of_the_mean(teacher_output, temperature_t=0.04, center=None):
    """Believes the mean may be taken first."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1).mean(dim=0)
    return -torch.xlogy(p, p).sum()


@torch.no_grad()
def mean_over_everything(teacher_output, temperature_t=0.04, center=None):
    """Believes mean() is the mean over the images."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=-1)
    return -(log_p.exp() * log_p).mean()


@torch.no_grad()
def sums_the_batch(teacher_output, temperature_t=0.04, center=None):
    """Believes the entropy of a batch is a sum."""
    total = 0
    for row in teacher_output:
        if center is not None:
            row = row - center.reshape(-1)
        log_p = (row / temperature_t).log_softmax(dim=0)
        total = total - (log_p.exp() * log_p).sum()
    return total


@torch.no_grad()
def in_bits(teacher_output, temperature_t=0.04, center=None):
    """Believes entropy is measured in bits."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    bits = torch.where(p > 0, p * torch.log2(p), 0.0)
    return -bits.sum(dim=1).mean()


@torch.no_grad()
def share_of_the_maximum(teacher_output, temperature_t=0.04, center=None):
    """Believes entropy goes from 0 to 1."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    h = -(log_p.exp() * log_p).sum(dim=1).mean()
    return h / torch.log(torch.tensor(float(t.shape[1])))


@torch.no_grad()
def perplexity(teacher_output, temperature_t=0.04, center=None):
    """Believes one wants the number of prototypes in use."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return torch.exp(-(log_p.exp() * log_p).sum(dim=1).mean())


@torch.no_grad()
def softmax_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    """Believes dim=0 is the axis of the prototypes."""
    t = teacher_output if center is None else teacher_output - center
    log_p = torch.log_softmax(t / temperature_t, 0)
    return -(log_p.exp() * log_p).sum(0).mean()


@torch.no_grad()
def forgets_the_softmax(teacher_output, temperature_t=0.04, center=None):
    """Believes the teacher's output is a distribution."""
    t = teacher_output if center is None else teacher_output - center
    p = t.abs() / temperature_t
    p = p / p.sum(dim=1, keepdim=True)
    return torch.special.entr(p).sum(dim=1).mean()


@torch.no_grad()
def forgets_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """Believes softmax alone gives the teacher's probabilities."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t, dim=1)
    return -(p * p.log()).sum(dim=1).mean()


@torch.no_grad()
def multiplies_by_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """Believes the temperature is a factor."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t * temperature_t, dim=1)
    return -(p * p.log()).sum(dim=1).mean()


@torch.no_grad()
def temperature_of_the_student(teacher_output, temperature_t=0.1, center=None):
    """Believes DINO has one temperature, 0.1."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@torch.no_grad()
def temperature_on_probabilities(teacher_output, temperature_t=0.04, center=None):
    """Believes sharpening follows the softmax."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t, dim=1) / temperature_t
    p = F.softmax(p, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@torch.no_grad()
def ignores_the_center(teacher_output, temperature_t=0.04, center=None):
    """Believes a center shifts all prototypes alike."""
    p = F.softmax(teacher_output / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@torch.no_grad()
def adds_the_center(teacher_output, temperature_t=0.04, center=None):
    """Believes the center is added back."""
    t = teacher_output if center is None else teacher_output + center
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


@torch.no_grad()
def centers_after_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """Believes sharpened outputs are centered."""
    t = teacher_output / temperature_t
    if center is not None:
        t = t - center
    return torch.special.entr(t.softmax(dim=1)).sum(dim=1).mean()


@torch.no_grad()
def center_of_this_batch(teacher_output, temperature_t=0.04, center=None):
    """Believes the center is the mean of the batch at hand."""
    t = teacher_output - teacher_output.mean(dim=0)
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1).mean()


def keeps_the_gradient(teacher_output, temperature_t=0.04, center=None):
    """Believes a measure is never differentiated."""
    t = teacher_output if center is None else teacher_output - center
    log_p = F.log_softmax(t / temperature_t, dim=1)
    return -(log_p.exp() * log_p).sum(dim=1).mean()


@torch.no_grad()
def surprise_of_the_best(teacher_output, temperature_t=0.04, center=None):
    """Believes the largest probability tells how decided a teacher is."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    return -torch.log(p.max(dim=1).values).mean()


@torch.no_grad()
def entropy_of_the_argmax(teacher_output, temperature_t=0.04, center=None):
    """Believes the winners of the batch are counted."""
    t = teacher_output if center is None else teacher_output - center
    winners = t.argmax(dim=1)
    p = torch.bincount(winners, minlength=t.shape[1]).to(t.dtype) / len(t)
    return torch.special.entr(p).sum()


def centers_in_place(teacher_output, temperature_t=0.04, center=None):
    """Believes a detached tensor is a copy."""
    t = teacher_output.detach()
    if center is not None:
        t -= center
    t /= temperature_t
    return torch.special.entr(t.softmax(dim=1)).sum(dim=1).mean()


@torch.no_grad()
def loss_of_each_image(teacher_output, temperature_t=0.04, center=None):
    """Believes the caller takes the mean."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    return torch.special.entr(p).sum(dim=1)


@torch.no_grad()
def two_slips(teacher_output, temperature_t=0.04, center=None):
    """Believes the mean of the batch replaces the center."""
    p = F.softmax(teacher_output / temperature_t, dim=1).mean(0)
    return torch.special.entr(p).sum()


@torch.no_grad()
def binary_entropy(teacher_output, temperature_t=0.04, center=None):
    """Believes binary_cross_entropy of p with itself is the entropy."""
    t = teacher_output if center is None else teacher_output - center
    p = F.softmax(t / temperature_t, dim=1)
    return F.binary_cross_entropy(p, p, reduction="sum") / len(p)


def forgets_to_return(teacher_output, temperature_t=0.04, center=None):
    """Believes printing is enough for a diagnostic."""
    t = teacher_output.detach()
    t = t if center is None else t - center
    p = F.softmax(t / temperature_t, dim=1)
    print("entropy:", torch.special.entr(p).sum(dim=1).mean().item())
