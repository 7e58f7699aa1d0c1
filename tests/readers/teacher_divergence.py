"""Functions that readers write for ``teacher_divergence``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def with_kl_div(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Lets kl_div compare log-probabilities with probabilities."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@right
def logarithms_on_both_sides(g_s, g_t, tau_s=0.1, tau_t=0.04, c=None):
    """Gives kl_div logarithms on both sides, with the letters of the paper."""
    with torch.no_grad():
        if c is not None:
            g_t = g_t - c
        log_t = torch.log_softmax(g_t / tau_t, dim=-1)
    log_s = torch.log_softmax(g_s / tau_s, dim=-1)
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True)


@right
def loss_less_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts the teacher's entropy from the DINO loss."""
    c = 0 if center is None else center
    p_t = ((teacher_output - c) / temperature_t).softmax(dim=1).detach()
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    loss = -(p_t * log_s).sum(dim=1).mean()
    entropy = torch.special.entr(p_t).sum(dim=1).mean()
    return loss - entropy


@right
def two_cross_entropies(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts the teacher's cross-entropy with itself from the student's."""
    t = teacher_output.detach().clone()
    if center is not None:
        t.sub_(center.detach())
    t.div_(temperature_t)
    p_t = t.softmax(dim=1)
    return F.cross_entropy(student_output / temperature_s, p_t) - F.cross_entropy(t, p_t)


@right
def by_hand(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Writes the equation with the difference of logarithms."""
    t = teacher_output if center is None else teacher_output - center
    log_t = F.log_softmax(t.detach() / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return torch.sum(torch.exp(log_t) * (log_t - log_s), dim=1).mean()


@right
def row_by_row(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Loops over the images and leaves out prototypes without a share."""
    terms = []
    for s, t in zip(student_output, teacher_output.detach(), strict=True):
        if center is not None:
            t = t - center.detach().flatten()
        log_t = t / temperature_t - torch.logsumexp(t / temperature_t, dim=0)
        log_s = s / temperature_s - torch.logsumexp(s / temperature_s, dim=0)
        p = log_t.exp()
        gap = torch.where(p == 0, 0.0, log_t - log_s)
        terms.append(torch.dot(p, gap))
    return torch.stack(terms).mean()


in_double(__name__)
by_position(__name__, "s t tau_s tau_t c")


@right
def mean_times_prototypes(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Multiplies kl_div's mean over all entries by the number of prototypes."""
    k = student_output.shape[1]
    logits = teacher_output.detach() * 1.0
    if center is not None:
        logits -= center.detach()
    log_s = F.log_softmax(student_output * (1 / temperature_s), dim=1)
    p_t = F.softmax(logits * (1 / temperature_t), dim=1)
    return k * F.kl_div(log_s, p_t, reduction="none").mean()


@right
def transposed(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Works on columns: one image a column."""
    t = teacher_output.detach().T
    if center is not None:
        t = t - center.detach().reshape(-1, 1)
    log_t = F.log_softmax(t / temperature_t, dim=0)
    log_s = F.log_softmax(student_output.T / temperature_s, dim=0)
    return (log_t.exp() * (log_t - log_s)).sum(dim=0).mean()


@wrong("KL(student || teacher): the direction is reversed")
def reversed_divergence(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center.detach()
    log_s = F.log_softmax(student / temp_s, dim=1)
    log_t = F.log_softmax(t / temp_t, dim=1)
    return (log_s.exp() * (log_s - log_t)).sum(dim=1).mean()


@wrong("detaches the student, not the teacher")
def stops_the_student(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is not None:
        teacher = teacher - center
    log_t = F.log_softmax(teacher / temp_t, dim=1)
    log_s = F.log_softmax(student.detach() / temp_s, dim=1)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


@wrong("the center is not used")
def ignores_the_center(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    p_t = F.softmax(teacher.detach() / temp_t, dim=1)
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@wrong("wrong sign of the center")
def adds_the_center(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    t = t if center is None else t + center
    p_t = F.softmax(t / temp_t, dim=1)
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@wrong("the center is subtracted after the temperature")
def centers_after_the_temperature(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach() / temp_t
    if center is not None:
        t = t - center
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_s, F.softmax(t, dim=1), reduction="batchmean")


@wrong("uses the batch's own mean where center was given")
def center_of_this_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    p_t = F.softmax((t - t.mean(dim=0)) / temp_t, dim=1)
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@wrong("multiplies by the temperatures, not divides")
def multiplies_by_the_temperatures(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center
    p_t = F.softmax(t * temp_t, dim=1)
    log_s = F.log_softmax(student * temp_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@wrong("the softmax runs over the batch (dim=0)")
def softmax_over_the_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center
    p_t = torch.softmax(t / temp_t, dim=0)
    log_s = torch.log_softmax(student / temp_s, dim=0)
    return F.kl_div(log_s, p_t, reduction="batchmean")


@wrong("kl_div gets log targets without log_target=True")
def log_target_not_said(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center
    log_t = F.log_softmax(t / temp_t, dim=1)
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_s, log_t, reduction="batchmean")


@wrong("the mean of both directions")
def symmetric(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center
    a = F.log_softmax(t / temp_t, dim=1)
    b = F.log_softmax(student / temp_s, dim=1)
    one = F.kl_div(b, a, reduction="batchmean", log_target=True)
    other = F.kl_div(a, b, reduction="batchmean", log_target=True)
    return (one + other) / 2


@wrong("two: reversed, and the center is not used")
def two_slips(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    log_t = F.log_softmax(teacher.detach() / temp_t, dim=1)
    log_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_t, log_s, reduction="batchmean", log_target=True)


def _logs(student_output, teacher_output, temperature_s, temperature_t, center):
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return log_s, F.log_softmax(t / temperature_t, dim=1)


@rare
def median_of_the_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Takes the median over the images."""
    log_s, log_t = _logs(student, teacher, temp_s, temp_t, center)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).median()


@rare
def odd_power_of_the_temperature(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Raises the student's temperature to the power 1.5."""
    log_s, log_t = _logs(student, teacher, temp_s**1.5, temp_t, center)
    return (log_t.exp() * (log_t - log_s)).sum(dim=1).mean()


@rare
def hellinger_distance(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Compares the roots of the probabilities."""
    log_s, log_t = _logs(student, teacher, temp_s, temp_t, center)
    gap = (0.5 * log_s).exp() - (0.5 * log_t).exp()
    return gap.square().sum(dim=1).mean()


@rare
def renyi_of_order_two(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Takes the divergence of Renyi of order two."""
    log_s, log_t = _logs(student, teacher, temp_s, temp_t, center)
    return torch.logsumexp(2 * log_t - log_s, dim=1).mean()
