"""Rare wrong functions for teacher_divergence."""

import torch
import torch.nn.functional as F


def _logs(student_output, teacher_output, temperature_s, temperature_t, center):
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return log_s, F.log_softmax(t / temperature_t, dim=1)


def median_of_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Takes the median over the images."""
    log_s, log_t = _logs(student_output, teacher_output, temperature_s, temperature_t, center)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).median()


def odd_power_of_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Raises the student's temperature to the power 1.5."""
    log_s, log_t = _logs(student_output, teacher_output, temperature_s**1.5, temperature_t, center)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


def hellinger_distance(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Compares the roots of the probabilities."""
    log_s, log_t = _logs(student_output, teacher_output, temperature_s, temperature_t, center)
    gap = (0.5 * log_s).exp() - (0.5 * log_t).exp()
    return gap.square().sum(dim=1).mean()


def last_prototype_dropped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Leaves the last prototype out of the softmax."""
    row = None if center is None else center.reshape(1, -1)[:, :-1]
    log_s, log_t = _logs(
        student_output[:, :-1],
        teacher_output[:, :-1],
        temperature_s,
        temperature_t,
        row,
    )
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


def half_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts half of the center, and half of the batch's mean without one."""
    if center is None:
        center = teacher_output.mean(dim=0)
    log_s, log_t = _logs(student_output, teacher_output, temperature_s, temperature_t, center / 2)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


def renyi_of_order_two(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Takes the divergence of Renyi of order two."""
    log_s, log_t = _logs(student_output, teacher_output, temperature_s, temperature_t, center)
    return torch.logsumexp(2 * log_t - log_s, dim=1).mean()


def teacher_a_tenth_uniform(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Mixes a tenth of the uniform distribution into the teacher's."""
    log_s, log_t = _logs(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = 0.9 * log_t.exp() + 0.1 / log_t.shape[1]
    return F.kl_div(log_s, p_t, reduction="batchmean")
