"""Correct functions for teacher_divergence in many styles."""

import torch
import torch.nn.functional as F


def with_kl_div(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Lets kl_div compare log-probabilities with probabilities."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_s, p_t, reduction="batchmean")


def logarithms_on_both_sides(g_s, g_t, tau_s=0.1, tau_t=0.04, c=None):
    """Gives kl_div logarithms on both sides, with the letters of the paper."""
    with torch.no_grad():
        if c is not None:
            g_t = g_t - c
        log_t = torch.log_softmax(g_t / tau_t, dim=-1)
    log_s = torch.log_softmax(g_s / tau_s, dim=-1)
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True)


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


def by_hand(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Writes the equation with the difference of logarithms."""
    t = teacher_output if center is None else teacher_output - center
    log_t = F.log_softmax(t.detach() / temperature_t, dim=1)
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    return torch.sum(torch.exp(log_t) * (log_t - log_s), dim=1).mean()


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


def largest_logit_taken_out(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts the largest logit of each row by hand, and uses xlogy."""

    def normalized(z):
        z = z - z.amax(dim=1, keepdim=True).detach()
        return z, z.exp().sum(dim=1, keepdim=True)

    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach().reshape(1, -1)
    z_t, sum_t = normalized(t / temperature_t)
    z_s, sum_s = normalized(student_output / temperature_s)
    p = z_t.exp() / sum_t
    return (torch.xlogy(p, p) - p * (z_s - sum_s.log())).sum() / len(p)


def double_inside(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Computes in float64 and returns the dtype it was given."""
    t = teacher_output.detach().double()
    if center is not None:
        t = t - center.detach().double()
    p_t = F.softmax(t / temperature_t, dim=1)
    log_s = F.log_softmax(student_output.double() / temperature_s, dim=1)
    kl = F.kl_div(log_s, p_t, reduction="sum") / p_t.shape[0]
    return kl.to(student_output.dtype)


def positional_only(s, t, tau_s=0.1, tau_t=0.04, c=None, /):
    """Has positional-only arguments and uses einsum."""
    shifted = torch.sub(t.data, 0.0 if c is None else c.data)
    log_t = shifted.div(tau_t).log_softmax(1)
    gap = log_t - s.div(tau_s).log_softmax(1)
    return torch.einsum("nk,nk->", log_t.exp(), gap) / s.size(0)


def keyword_only(
    student_output,
    teacher_output,
    *,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
):
    """Takes the settings by name only, and asks a nested function for the targets."""

    @torch.no_grad()
    def targets():
        g = teacher_output if center is None else teacher_output - center
        return F.softmax(g / temperature_t, dim=-1)

    p_t = targets()
    log_s = student_output.div(temperature_s).log_softmax(dim=-1)
    each = F.kl_div(log_s, p_t, reduction="none")
    return each.sum(dim=-1).mean()


def more_options(
    student_output,
    teacher_output,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
    reduction="mean",
):
    """Has one more optional argument, whose default changes nothing."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach().squeeze()
    p_t = torch.softmax(t / temperature_t, dim=1)
    log_p_t = p_t.masked_fill(p_t == 0, 1.0).log()
    log_s = F.log_softmax(student_output / temperature_s, dim=1)
    each = torch.linalg.vecdot(p_t, log_p_t - log_s)
    return each if reduction == "none" else each.mean()


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


def transposed(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Works on columns: one image a column."""
    t = teacher_output.detach().T
    if center is not None:
        t = t - center.detach().reshape(-1, 1)
    log_t = F.log_softmax(t / temperature_t, dim=0)
    log_s = F.log_softmax(student_output.T / temperature_s, dim=0)
    return (log_t.exp() * (log_t - log_s)).sum(dim=0).mean()


class _Divergence(torch.nn.Module):
    """Is a module without parameters that is called like a function."""

    def __init__(self):
        super().__init__()
        self.kl = torch.nn.KLDivLoss(reduction="batchmean")

    def forward(self, student, teacher, temp_s=0.1, temp_t=0.04, center=None):
        teacher = teacher.detach()
        if center is not None:
            teacher = teacher - center.detach()
        target = torch.nn.Softmax(dim=1)(teacher / temp_t)
        return self.kl(torch.nn.LogSoftmax(dim=1)(student / temp_s), target)


callable_object = _Divergence()
