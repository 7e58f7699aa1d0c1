"""Rare wrong functions for multi_crop_dino_loss."""

import torch
import torch.nn.functional as F


def _terms(students, teachers, temperature_s, temperature_t, center):
    terms = {}
    for g, t in enumerate(teachers):
        t = t.detach() if center is None else t.detach() - center
        p = F.softmax(t / temperature_t, dim=1)
        for v, s in enumerate(students):
            if v != g:
                log_q = F.log_softmax(s / temperature_s, dim=1)
                terms[g, v] = -(p * log_q).sum(dim=1).mean()
    return terms


def hardest_pair_only(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Takes the largest of the terms."""
    terms = _terms(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    return torch.stack(list(terms.values())).max()


def last_crop_dropped(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Leaves out the last crop of the student, unless there are only two."""
    if len(student_outputs) > 2:
        student_outputs = student_outputs[:-1]
    terms = _terms(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    return sum(terms.values()) / max(len(terms), 1)


def later_crops_count_less(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Weighs crop v by 1 / (v + 1)."""
    terms = _terms(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    total = sum(loss / (v + 1) for (_, v), loss in terms.items())
    return total / sum(1 / (v + 1) for _, v in terms)


def centers_the_first_teacher_only(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Sets the center to None after its first use."""
    terms = []
    for g, t in enumerate(teacher_outputs):
        if center is not None:
            t = t - center
            center = None
        p = F.softmax(t.detach() / temperature_t, dim=1)
        for v, s in enumerate(student_outputs):
            if v != g:
                log_q = F.log_softmax(s / temperature_s, dim=1)
                terms.append(-(p * log_q).sum(dim=1).mean())
    return torch.stack(terms).mean()
