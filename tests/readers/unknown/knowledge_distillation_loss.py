"""Rare wrong functions for knowledge_distillation_loss."""

import torch
import torch.nn.functional as F


def _logs(student_logits, teacher_logits, temperature):
    log_s = F.log_softmax(student_logits / temperature, dim=1)
    log_t = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    return log_s, log_t


def _mix(soft, student_logits, alpha, labels):
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def _kl(log_s, log_t):
    return (log_t.exp() * (log_t - log_s)).sum(dim=1)


def median_of_the_batch(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Takes the median of the soft terms, not the mean."""
    kl = _kl(*_logs(student_logits, teacher_logits, temperature))
    return _mix(temperature**2 * kl.median(), student_logits, alpha, labels)


def power_one_and_a_half(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Multiplies by the temperature to the power 1.5."""
    kl = _kl(*_logs(student_logits, teacher_logits, temperature))
    return _mix(temperature**1.5 * kl.mean(), student_logits, alpha, labels)


def total_variation(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Takes half the sum of absolute differences."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    tv = (log_s.exp() - log_t.exp()).abs().sum(dim=1).mean() / 2
    return _mix(temperature**2 * tv, student_logits, alpha, labels)


def jensen_shannon(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Compares both with their mean."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    middle = ((log_s.exp() + log_t.exp()) / 2).clamp_min(1e-30).log()
    js = (_kl(middle, log_s) + _kl(middle, log_t)) / 2
    return _mix(temperature**2 * js.mean(), student_logits, alpha, labels)


def last_class_left_out(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Leaves the last class out of the sum of the soft term."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    kl = _kl(log_s[:, :-1], log_t[:, :-1])
    return _mix(temperature**2 * kl.mean(), student_logits, alpha, labels)


def weighted_by_confidence(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Weighs each image by the teacher's largest probability."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    weight = log_t.exp().amax(dim=1)
    soft = temperature**2 * (weight * _kl(log_s, log_t)).mean()
    return _mix(soft, student_logits, alpha, labels)


def terms_multiplied(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Mixes the terms by powers, not by shares; without labels it is the root."""
    kl = _kl(*_logs(student_logits, teacher_logits, temperature)).mean()
    soft = temperature**2 * kl.clamp_min(1e-12)
    if labels is None:
        return torch.sqrt(soft)
    hard = F.cross_entropy(student_logits, labels)
    return soft**alpha * hard ** (1 - alpha)
