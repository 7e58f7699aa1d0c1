"""Rare wrong functions for dino_loss."""

import torch
import torch.nn.functional as F


def _targets(teacher_output, temperature, center):
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center
    return F.softmax(logits / temperature, dim=1)


def median_of_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Takes the median over the images to be safe from outliers."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).median()


def last_prototype_dropped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Leaves the last prototype out of the sum, as with range(k - 1)."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    k = student_output.shape[1]
    loss = 0
    for j in range(k - 1):
        loss = loss - p_t[:, j] * log_p_s[:, j]
    return loss.mean()


def odd_power_of_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Raises the student's temperature to the power 1.5."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_p_s = F.log_softmax(student_output / temperature_s**1.5, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def weighs_by_confidence(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Gives images of which the teacher is sure a larger weight."""
    p_t = _targets(teacher_output, temperature_t, center)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    weight = p_t.max(dim=1).values
    return -(weight * (p_t * log_p_s).sum(dim=1)).sum() / weight.sum()


def next_image_is_the_target(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Compares each image with the teacher's answer for the one before."""
    p_t = _targets(teacher_output, temperature_t, center).roll(1, dims=0)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return torch.mean(-(p_t * log_p_s).sum(dim=1))
