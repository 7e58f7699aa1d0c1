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
def ignores_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is passed and never used."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return dino_loss(student_output, teacher_output, temperature_s, temperature_t)


@wrong
def teacher_receives_gradient(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher is not detached, so it is pulled toward the student."""
    s, _, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax((teacher_output.to(s.dtype) - c) / temperature_t, dim=1)
    return cross_entropy(p_t, F.log_softmax(s / temperature_s, dim=1))


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
def centers_after_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is subtracted from scaled outputs, 25 times too small."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax(t / temperature_t - c, dim=1)
    return cross_entropy(p_t, F.log_softmax(s / temperature_s, dim=1))


@wrong
def centers_the_probabilities(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is subtracted after the softmax."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax(t / temperature_t, dim=1) - c
    return cross_entropy(p_t, F.log_softmax(s / temperature_s, dim=1))


@wrong
def adds_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The sign of the paper's running text: the favored output gains."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    c = None if center is None else -center
    return dino_loss(student_output, teacher_output, temperature_s, temperature_t, c)


@wrong
def centers_the_student_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Both sides are centered, so the center no longer works against a favored output."""
    s, _, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return dino_loss(s - c, teacher_output, temperature_s, temperature_t, center)


@wrong
def moves_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is updated inside the loss, and before it is used."""
    _, t, _ = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    if center is not None:
        with torch.no_grad():
            center.lerp_(t.mean(dim=0).expand_as(center).to(center.dtype), 0.1)
    return dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)


@wrong
def temperatures_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher is the softer one, and the loss ends at ln K."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return dino_loss(student_output, teacher_output, temperature_t, temperature_s, center)


@wrong
def arguments_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher comes first, as in lightly."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return dino_loss(teacher_output, student_output, temperature_s, temperature_t, center)


@wrong
def no_student_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Only the teacher is sharpened."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return dino_loss(student_output, teacher_output, 1.0, temperature_t, center)


@wrong
def divergence_for_cross_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher's entropy is taken away: the same gradient, but never a plateau at ln K."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax((t - c) / temperature_t, dim=1)
    return F.kl_div(F.log_softmax(s / temperature_s, dim=1), p_t, reduction="batchmean")


@wrong
def cross_entropy_the_other_way_round(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """H(P_s, P_t) instead of H(P_t, P_s)."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    log_t = F.log_softmax((t - c) / temperature_t, dim=1)
    return cross_entropy(F.softmax(s / temperature_s, dim=1), log_t)


@wrong
def sum_over_rows(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The loss grows with the batch."""
    loss = dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)
    return loss * len(student_output)


@wrong
def mean_over_outputs_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The mean runs over the K outputs as well."""
    loss = dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)
    return loss / student_output.shape[1]


@wrong
def t_squared_as_in_distillation(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The factor of knowledge distillation is carried over."""
    loss = dino_loss(student_output, teacher_output, temperature_s, temperature_t, center)
    return loss * temperature_s**2


@wrong
def softmax_over_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The softmax runs down the columns."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax((t - c) / temperature_t, dim=0)
    return cross_entropy(p_t, F.log_softmax(s / temperature_s, dim=0))


@wrong
def logarithm_of_a_softmax(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """A probability that rounds to zero has an infinite logarithm."""
    s, t, c = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    p_t = F.softmax((t - c) / temperature_t, dim=1)
    return cross_entropy(p_t, F.softmax(s / temperature_s, dim=1).log())


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


def mean(terms):
    """Return the mean of a list of losses."""
    return torch.stack(terms).mean()


@wrong_crops
def same_view_pairs_kept(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """A crop is asked to predict itself."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    return mean([pair(v, g) for g in range(views) for v in range(crops)])


@wrong_crops
def divided_by_all_pairs(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The sum of the right terms is divided by the number of all pairs."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    terms = [pair(v, g) for g in range(views) for v in range(crops) if v != g]
    return torch.stack(terms).sum() / (views * crops)


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
def mean_of_means(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Each student crop weighs the same, though global ones have one term and local ones two."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    rows = [[pair(v, g) for g in range(views) if v != g] for v in range(crops)]
    return mean([mean(row) for row in rows if row])


@wrong_crops
def local_crops_only(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The student's global crops are left out where there are local ones."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    first = views if crops > views else 0
    return mean([pair(v, g) for g in range(views) for v in range(first, crops) if v != g])


@wrong_crops
def global_crops_only(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The local crops are left out."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    last = max(views, 2)
    return mean([pair(v, g) for g in range(views) for v in range(last) if v != g])


@wrong_crops
def skips_the_first_crops_altogether(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """A teacher skips every student crop up to its own number, not its own only."""
    pair, crops, views = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    terms = [pair(v, g) for g in range(views) for v in range(g + 1, crops)]
    return mean(terms)


@wrong_crops
def image_major_rows(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Crops are joined crop by crop and taken apart image by image."""
    crops_checked(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    n, k = student_outputs[0].shape
    mixed = torch.cat(list(student_outputs)).view(n, -1, k).transpose(0, 1)
    return multi_crop_dino_loss(mixed, teacher_outputs, temperature_s, temperature_t, center)


@wrong_crops
def first_teacher_only(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The second global crop of the teacher is left out."""
    pair, crops, _ = crops_checked(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    return mean([pair(v, 0) for v in range(1, crops)])


@wrong_crops
def drops_the_center(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The center is not handed on."""
    crops_checked(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    return multi_crop_dino_loss(student_outputs, teacher_outputs, temperature_s, temperature_t)


@wrong_crops
def teachers_receive_gradient(
    student_outputs, teacher_outputs, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teachers are not detached."""
    crops_checked(student_outputs, teacher_outputs, temperature_s, temperature_t, center)
    loss = multi_crop_dino_loss(
        student_outputs, teacher_outputs, temperature_s, temperature_t, center
    )
    return loss + 0 * sum(teacher.to(loss.dtype).sum() for teacher in teacher_outputs)


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
