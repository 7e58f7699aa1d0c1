"""Honest wrong attempts at teacher_divergence."""

import math

import numpy as np
import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "reversed_divergence": "KL(student || teacher): the direction is reversed",
    "arguments_of_kl_div_swapped": "the arguments of kl_div are swapped",
    "cross_entropy_only": "cross-entropy: the teacher's entropy is not subtracted",
    "entropy_added": "the teacher's entropy is added, not subtracted",
    "entropy_of_the_student": "the student's entropy is subtracted",
    "keeps_the_gradient": "missing detach: gradient flows into the teacher",
    "stops_the_student": "detaches the student, not the teacher",
    "ignores_the_center": "the center is not used",
    "adds_the_center": "wrong sign of the center",
    "centers_the_student_too": "the student is centered as well",
    "centers_after_the_temperature": "the center is subtracted after the temperature",
    "centers_probabilities": "the center is subtracted from the probabilities",
    "center_of_this_batch": "uses the batch's own mean where center was given",
    "center_is_a_number": "uses the mean of the center, which changes nothing",
    "temperatures_swapped": "the two temperatures are swapped",
    "one_temperature": "the student's temperature is used for both",
    "default_of_the_student": "the default of temperature_t is 0.1",
    "forgets_the_temperature": "the student's temperature is missing",
    "multiplies_by_the_temperatures": "multiplies by the temperatures, not divides",
    "squared_temperature": "times a squared temperature, as in distillation",
    "mean_over_everything": "kl_div's mean over all entries: K times too small",
    "sums_the_batch": "convention: sum over the batch",
    "loss_of_each_image": "convention: no reduction, shape (N,)",
    "in_bits": "convention: bits, not nats",
    "softmax_over_the_batch": "the softmax runs over the batch (dim=0)",
    "student_without_log": "kl_div gets the student's probabilities, not logarithms",
    "log_target_not_said": "kl_div gets log targets without log_target=True",
    "zero_times_log_zero": "NaN where a probability is 0: 0 times log 0",
    "small_number_in_the_log": "1e-8 within the logarithms: wrong where p is tiny",
    "forgets_the_minus": "wrong sign",
    "symmetric": "the mean of both directions",
    "divergence_of_the_means": "divergence of the batch's mean probabilities",
    "hard_targets": "the teacher's best prototype only, no distribution",
    "absolute_values": "absolute values of the terms: they no longer cancel",
    "centers_in_place": "mutates its input: subtracts the center in place",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_to_return": "returns None",
    "needs_a_center": "raises without a center",
    "two_slips": "two: reversed, and the center is not used",
}


def _targets(teacher_output, temperature_t, center):
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center.detach()
    return F.softmax(logits / temperature_t, dim=1)


def reversed_divergence(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the student comes first in KL."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    log_t = F.log_softmax(t / temperature_t, dim=1)
    return (log_s.exp() * (log_s - log_t)).sum(dim=1).mean()


def arguments_of_kl_div_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes kl_div(log_p, q) is KL(p || q)."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    log_t = F.log_softmax(t / temperature_t, dim=1)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_t, p_s, reduction="batchmean")


def cross_entropy_only(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the divergence is the DINO loss."""
    p_t = _targets(teacher_output, temperature_t, center)
    return F.cross_entropy(student_output / temperature_s, p_t)


def entropy_added(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes equation 5 adds the entropy to get the divergence."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    cross = -(p_t * log_s).sum(dim=1)
    return (cross + torch.special.entr(p_t).sum(dim=1)).mean()


def entropy_of_the_student(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes what is subtracted is the entropy of the prediction."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    cross = -(p_t * log_s).sum(dim=1).mean()
    entropy = -(log_s.exp() * log_s).sum(dim=1).mean()
    return cross - entropy


def keeps_the_gradient(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the caller has detached the teacher."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def stops_the_student(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the first argument is the target that stands still."""
    if center is not None:
        teacher_output = teacher_output - center
    log_t = F.log_softmax(teacher_output / temperature_t, dim=1)
    log_s = F.log_softmax(student_output.detach() / temperature_s, dim=1)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


def ignores_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the teacher's output is centered already."""
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def adds_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the center is a bias, as one passage of the paper calls it."""
    t = teacher_output.detach()
    t = t if center is None else t + center
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def centers_the_student_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes both networks are compared around one center."""
    p_t = _targets(teacher_output, temperature_t, center)
    if center is not None:
        student_output = student_output - center
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def centers_after_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the order of centering and sharpening does not matter."""
    t = teacher_output.detach() / temperature_t
    if center is not None:
        t = t - center
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, F.softmax(t, dim=1), reduction="batchmean")


def centers_probabilities(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the center is the mean of the teacher's probabilities."""
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    if center is not None:
        p_t = p_t - center.softmax(dim=-1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    entropy_part = torch.xlogy(p_t.abs(), p_t.abs())
    return (entropy_part - p_t * log_s).sum(dim=1).mean()


def center_of_this_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the center is computed on the spot."""
    t = teacher_output.detach()
    p_t = F.softmax((t - t.mean(dim=0)) / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def center_is_a_number(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes centering shifts by one number."""
    shift = 0.0 if center is None else center.mean()
    p_t = F.softmax((teacher_output.detach() - shift) / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def temperatures_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the teacher has the higher temperature, as in distillation."""
    p_t = _targets(teacher_output, temperature_s, center)
    log_s = F.log_softmax(student_output / temperature_t, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def one_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes two distributions are compared at one temperature."""
    p_t = _targets(teacher_output, temperature_s, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return (torch.xlogy(p_t, p_t) - p_t * log_s).sum(dim=1).mean()


def default_of_the_student(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.1, center=None
):
    """Believes both temperatures are 0.1 unless somebody says otherwise."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def forgets_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes only the teacher is sharpened."""
    p_t = _targets(teacher_output, temperature_t, center)
    return F.kl_div(student_output.log_softmax(dim=1), p_t, reduction="batchmean")


def multiplies_by_the_temperatures(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a temperature is a factor."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    p_t = F.softmax(t * temperature_t, dim=1)
    log_s = F.log_softmax(student_output * temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def squared_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the factor T squared of Hinton belongs here too."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean") * temperature_s**2


def mean_over_everything(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the mean of kl_div is the mean over the images."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="mean")


def sums_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the divergence of a batch is a sum."""
    p_t = _targets(teacher_output, temperature_t, center)
    total = 0.0
    for s, p in zip(student_output, p_t, strict=True):
        log_s = F.log_softmax(s / temperature_s, dim=0)
        total = total + F.kl_div(log_s, p, reduction="sum")
    return total


def loss_of_each_image(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the caller takes the mean."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="none").sum(dim=1)


def in_bits(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes information is measured in bits."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean") / math.log(2)


def softmax_over_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes dim=0 is the axis of the prototypes."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    p_t = torch.softmax(t / temperature_t, dim=0)
    log_s = torch.log_softmax(student_output / temperature_s, dim=0)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def student_without_log(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes kl_div takes two distributions."""
    p_t = _targets(teacher_output, temperature_t, center)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return F.kl_div(p_s, p_t, reduction="batchmean")


def log_target_not_said(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes kl_div takes logarithms on both sides."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    log_t = F.log_softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, log_t, reduction="batchmean")


def zero_times_log_zero(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the formula can be typed as it is printed."""
    p_t = _targets(teacher_output, temperature_t, center)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return (p_t * torch.log(p_t / p_s)).sum(dim=1).mean()


def small_number_in_the_log(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes 1e-8 keeps every logarithm finite and right."""
    p_t = _targets(teacher_output, temperature_t, center)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return (p_t * ((p_t + 1e-8).log() - (p_s + 1e-8).log())).sum(dim=1).mean()


def forgets_the_minus(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes KL has a minus before the sum, like an entropy."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(torch.xlogy(p_t, p_t) - p_t * log_s).sum(dim=1).mean()


def symmetric(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes a distance must be symmetric."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    a = F.log_softmax(t / temperature_t, dim=1)
    b = F.log_softmax(student_output / temperature_s, dim=1)
    one = F.kl_div(b, a, reduction="batchmean", log_target=True)
    other = F.kl_div(a, b, reduction="batchmean", log_target=True)
    return (one + other) / 2


def divergence_of_the_means(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the mean over the batch may be taken first."""
    p_t = _targets(teacher_output, temperature_t, center).mean(dim=0)
    p_s = F.softmax(student_output / temperature_s, dim=1).mean(dim=0)
    return (torch.xlogy(p_t, p_t) - torch.xlogy(p_t, p_s)).sum()


def hard_targets(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a sharp teacher is as good as a label."""
    best = _targets(teacher_output, temperature_t, center).argmax(dim=1)
    return F.cross_entropy(student_output / temperature_s, best)


def absolute_values(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a divergence has no negative terms."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="none").abs().sum(dim=1).mean()


def centers_in_place(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes detach makes a copy."""
    t = teacher_output.detach()
    if center is not None:
        t -= center
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def numpy_habits(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes numpy is as good as torch for a measure."""

    def log_softmax(x):
        x = x - x.max(axis=1, keepdims=True)
        return x - np.log(np.exp(x).sum(axis=1, keepdims=True))

    t = teacher_output.detach().numpy()
    if center is not None:
        t = t - center.detach().numpy()
    log_t = log_softmax(t / temperature_t)
    log_s = log_softmax(student_output.detach().numpy() / temperature_s)
    kl = (np.exp(log_t) * (log_t - log_s)).sum(axis=1).mean()
    return torch.tensor(kl, dtype=student_output.dtype)


def returns_a_number(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a measure is only printed."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return float(F.kl_div(log_s, p_t, reduction="batchmean"))


def forgets_to_return(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes an assignment is enough."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    divergence = F.kl_div(log_s, p_t, reduction="batchmean")  # noqa: F841


def needs_a_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a center is always there."""
    t = (teacher_output - center).detach()
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def two_slips(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes in kl_div(teacher, student) of the outputs as they are."""
    log_t = F.log_softmax(teacher_output.detach() / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_t, log_s, reduction="batchmean", log_target=True)
