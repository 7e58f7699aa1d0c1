"""Correct functions for knowledge_distillation_loss in many styles."""

import torch
import torch.nn.functional as F
from torch import nn


def with_kl_div(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Lets kl_div compare log-probabilities with probabilities."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def by_hand(z_s, z_t, T=3.0, a=0.7, y=None):
    """Writes the sum of the equation, with the letters of the equation."""
    with torch.no_grad():
        log_q = torch.log_softmax(z_t / T, dim=-1)
    log_p = torch.log_softmax(z_s / T, dim=-1)
    loss = T * T * (log_q.exp() * (log_q - log_p)).sum(dim=-1).mean()
    if y is not None:
        loss = a * loss + (1 - a) * F.cross_entropy(z_s, y)
    return loss


def cross_entropy_less_entropy(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Subtracts the teacher's entropy from the soft cross-entropy."""
    s = student_logits / temperature
    t = (teacher_logits / temperature).detach()
    q = t.softmax(dim=1)
    soft = (F.cross_entropy(s, q) - F.cross_entropy(t, q)) * temperature**2
    if labels is None:
        return soft
    return torch.lerp(F.cross_entropy(student_logits, labels), soft, alpha)


def row_by_row(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Loops over the images and adds up both terms of each."""
    n, _ = student_logits.shape
    loss = student_logits.new_zeros(())
    for i in range(n):
        s, t = student_logits[i], teacher_logits[i].detach()
        log_s = s / temperature - torch.logsumexp(s / temperature, dim=0)
        log_t = t / temperature - torch.logsumexp(t / temperature, dim=0)
        soft = temperature**2 * torch.dot(torch.exp(log_t), log_t - log_s)
        if labels is None:
            loss = loss + soft / n
        else:
            hard = torch.logsumexp(s, dim=0) - s[labels[i]]
            loss = loss + (alpha * soft + (1 - alpha) * hard) / n
    return loss


def logarithms_on_both_sides(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Gives kl_div logarithms on both sides, and sums."""
    n = student_logits.size(0)
    log_s = F.log_softmax(student_logits.div(temperature), -1)
    log_t = F.log_softmax(teacher_logits.div(temperature), -1).detach()
    kl = F.kl_div(log_s, log_t, reduction="sum", log_target=True) / n
    soft = kl.mul(temperature**2)
    return (
        soft
        if labels is None
        else alpha * soft + (1.0 - alpha) * F.cross_entropy(student_logits, labels)
    )


def mean_times_classes(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Multiplies the mean over all entries by the number of classes."""
    c = student_logits.shape[1]
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.data / temperature, dim=1)
    loss = F.kl_div(log_p, q, reduction="none").mean() * c * temperature**2
    if labels is not None:
        log_one = F.log_softmax(student_logits, dim=1)
        hard = -log_one[torch.arange(len(labels)), labels].mean()
        loss = loss * alpha + hard * (1 - alpha)
    return loss


def one_hot_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Compares with one-hot labels."""
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    entropy = torch.special.entr(q).sum(dim=1)
    soft = temperature**2 * (-(q * log_p).sum(dim=1) - entropy).mean()
    if labels is None:
        return soft
    y = F.one_hot(labels, student_logits.shape[1]).to(student_logits.dtype)
    hard = -(y * student_logits.log_softmax(dim=1)).sum(dim=1).mean()
    return alpha * soft + (1 - alpha) * hard


def double_inside(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Computes in float64 and returns the dtype it was given."""
    s, t = student_logits.double(), teacher_logits.detach().double()
    log_p = F.log_softmax(s / temperature, dim=1)
    log_q = F.log_softmax(t / temperature, dim=1)
    loss = temperature**2 * torch.einsum("nc,nc->n", log_q.exp(), log_q - log_p).mean()
    if labels is not None:
        loss = alpha * loss + (1 - alpha) * F.nll_loss(F.log_softmax(s, 1), labels)
    return loss.to(student_logits.dtype)


def positional_only(s, t, T=3.0, w=0.7, y=None, /):
    """Takes its arguments by position only."""
    t = t.detach().clone()
    q = torch.softmax(t / T, 1)
    loss = F.kl_div(torch.log_softmax(s / T, 1), q, reduction="batchmean")
    loss = loss.multiply(T).multiply(T)
    if y is None:
        return loss
    picked = s.gather(1, y.unsqueeze(1)).squeeze(1)
    return w * loss + (1 - w) * (s.logsumexp(1) - picked).mean()


def keyword_only(student_logits, teacher_logits, *, temperature=3.0, alpha=0.7, labels=None):
    """Takes the settings by name only, and subtracts the largest logit by hand."""

    def log_probabilities(z):
        z = z - z.max(dim=1, keepdim=True).values.detach()
        return z - z.exp().sum(dim=1, keepdim=True).log()

    log_p = log_probabilities(student_logits / temperature)
    with torch.no_grad():
        log_q = log_probabilities(teacher_logits / temperature)
        q = log_q.exp()
    kl = torch.sum(q * log_q - q * log_p) / len(q)
    if labels is None:
        return temperature**2 * kl
    hard = F.nll_loss(log_probabilities(student_logits), labels)
    return alpha * temperature**2 * kl + (1 - alpha) * hard


def more_options(
    student_logits,
    teacher_logits,
    temperature=3.0,
    alpha=0.7,
    labels=None,
    label_smoothing=0.0,
    reduction="mean",
):
    """Has more optional arguments, whose defaults change nothing."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    each = F.kl_div(log_p, q, reduction="none").sum(dim=1) * temperature**2
    if labels is not None:
        hard = F.cross_entropy(
            student_logits, labels, reduction="none", label_smoothing=label_smoothing
        )
        each = alpha * each + (1 - alpha) * hard
    return each.mean() if reduction == "mean" else each


def stacked_terms(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Builds the two terms and their weights as vectors."""
    t = teacher_logits.detach()
    log_s, log_t = (F.log_softmax(z / temperature, dim=1) for z in (student_logits, t))
    terms = [temperature**2 * (log_t.exp() * (log_t - log_s)).sum() / len(t)]
    weights = [1.0]
    if labels is not None:
        terms.append(F.cross_entropy(student_logits, labels))
        weights = [alpha, 1 - alpha]
    return torch.stack(terms) @ torch.tensor(weights, dtype=terms[0].dtype)


class _Distillation(nn.Module):
    """Is a module without parameters that is called like a function."""

    def __init__(self):
        super().__init__()
        self.kl = nn.KLDivLoss(reduction="batchmean", log_target=True)
        self.ce = nn.CrossEntropyLoss()

    def forward(self, outputs, teacher_outputs, temperature=3.0, alpha=0.7, y=None):
        log_softmax = nn.LogSoftmax(dim=1)
        target = log_softmax(teacher_outputs.detach() / temperature)
        soft = self.kl(log_softmax(outputs / temperature), target)
        soft = soft * (temperature * temperature)
        if y is None:
            return soft
        return soft * alpha + self.ce(outputs, y) * (1.0 - alpha)


callable_object = _Distillation()
