"""Wrong variants of ``dino_loss`` and ``multi_crop_dino_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import dino_loss, multi_crop_dino_loss
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``dino_loss``."""
    return mistake(replaces="dino_loss", rejected_by="test_dino")(variant)


def wrong_crops(variant):
    """Register a variant of ``multi_crop_dino_loss``."""
    return mistake(replaces="multi_crop_dino_loss", rejected_by="test_dino")(variant)


def checked(student, teacher, temperature_s, temperature_t, center):
    """Check as the real function does; return float outputs and a center that is there."""
    with torch.no_grad():
        dino_loss(student, teacher, temperature_s, temperature_t, center)
    center = torch.zeros(1, 1) if center is None else center.detach()
    dtype = torch.promote_types(student.dtype, torch.float32)
    return student.to(dtype), teacher.detach().to(dtype), center


def cross_entropy(targets, log_student):
    """Return the right mean of cross-entropies."""
    return -(targets * log_student).sum(dim=1).mean()


# --- one pair of crops ----------------------------------------------------------------------


@wrong
def center_receives_gradient(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is trained along with the student."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    c = c if center is None else center
    p_t = F.softmax((t - c) / temperature_t, dim=1)
    return cross_entropy(p_t, F.log_softmax(s / temperature_s, dim=1))


@wrong
def divergence_for_cross_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher's entropy is taken away: the same gradient, but never a plateau at ln K."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax((t - c) / temperature_t, dim=1)
    return F.kl_div(F.log_softmax(s / temperature_s, dim=1), p_t, reduction="batchmean")


@wrong
def sum_over_rows(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The loss grows with the batch."""
    loss = dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)
    return loss * len(student_output)


@wrong
def stays_in_half_precision(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Float16 outputs overflow when a small temperature divides them."""
    _, _, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    c = c.to(teacher_output.dtype)
    p_t = F.softmax((teacher_output.detach() - c) / temperature_t, dim=1)
    return cross_entropy(p_t, F.log_softmax(student_output / temperature_s, dim=1))


@wrong
def broadcasts_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """A center of one number is taken for all outputs, where it does nothing."""
    if torch.is_tensor(center) and center.numel() == 1:
        center = center.expand(student_output.shape[1])
    return dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)


# --- many crops -----------------------------------------------------------------------------


def crops_checked(students, teachers, temperature_s, temperature_t, center):
    """Check as the real function does; return a function of one pair, and both counts."""
    with torch.no_grad():
        multi_crop_dino_loss(students, teachers, temperature_s, temperature_t, center)

    def pair(v, g):
        return dino_loss(students[v], teachers[g], temperature_s, temperature_t, center)

    return pair, len(students), len(teachers)


@wrong_crops
def sum_of_terms(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The loss grows with the number of crops."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    return sum(pair(v, g) for g in range(views) for v in range(crops) if v != g)


@wrong_crops
def accepts_any_number_of_crops(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Without a pair of different crops the loss is zero and nothing is learned."""
    if len(student_outputs) == len(teacher_outputs) == 1:
        return 0 * dino_loss(student_outputs[0], teacher_outputs[0])
    return multi_crop_dino_loss(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
