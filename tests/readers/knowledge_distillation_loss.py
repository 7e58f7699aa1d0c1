"""Functions that readers write for ``knowledge_distillation_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def with_kl_div(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Lets kl_div compare log-probabilities with probabilities."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@right
def by_hand(z_s, z_t, T=3.0, a=0.7, y=None):
    """Writes the sum of the equation, with the letters of the equation."""
    with torch.no_grad():
        log_q = torch.log_softmax(z_t / T, dim=-1)
    log_p = torch.log_softmax(z_s / T, dim=-1)
    loss = T * T * (log_q.exp() * (log_q - log_p)).sum(dim=-1).mean()
    if y is not None:
        loss = a * loss + (1 - a) * F.cross_entropy(z_s, y)
    return loss


@right
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


@right
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


@right
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


@right
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


@right
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


in_double(__name__)
by_position(__name__, "s t T w y")


@right
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


@wrong("times T, not T squared")
def times_t_once(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("T squared multiplies the hard term as well")
def t_squared_on_both(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    loss = F.kl_div(log_p, q, reduction="batchmean")
    if labels is not None:
        loss = alpha * loss + (1 - alpha) * F.cross_entropy(student_logits, labels)
    return temperature**2 * loss


@wrong("convention: the soft term is summed over the batch")
def sums_the_batch(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="sum") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("kl_div gets the student's probabilities, not logarithms")
def student_without_log(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    p = F.softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("kl_div gets log targets without log_target=True")
def log_target_not_said(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    log_q = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, log_q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("convention: cross-entropy, not KL: same gradient")
def soft_cross_entropy(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = temperature**2 * F.cross_entropy(student_logits / temperature, q)
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("without labels: alpha still multiplies the soft term")
def alpha_without_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    hard = 0.0 if labels is None else F.cross_entropy(student_logits, labels)
    return alpha * soft + (1 - alpha) * hard


@wrong("without labels: returns None")
def nothing_without_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is not None:
        hard = F.cross_entropy(student_logits, labels)
        return alpha * soft + (1 - alpha) * hard


@wrong("squared error of the logits, no KL")
def squared_logits(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    soft = F.mse_loss(student_logits, teacher_logits.detach())
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("two: no T squared, and C times too small")
def two_slips(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    soft = torch.nn.KLDivLoss(reduction="mean")(
        F.log_softmax(student_logits / temperature, dim=1),
        F.softmax(teacher_logits.detach() / temperature, dim=1),
    )
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


@wrong("two: reversed, and the teacher has a gradient")
def teaches_the_teacher(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    log_t = F.log_softmax(teacher_logits / temperature, dim=1)
    p_s = F.softmax(student_logits / temperature, dim=1)
    soft = F.kl_div(log_t, p_s, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


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


@rare
def median_of_the_batch(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Takes the median of the soft terms, not the mean."""
    kl = _kl(*_logs(student_logits, teacher_logits, temperature))
    return _mix(temperature**2 * kl.median(), student_logits, alpha, labels)


@rare
def power_one_and_a_half(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Multiplies by the temperature to the power 1.5."""
    kl = _kl(*_logs(student_logits, teacher_logits, temperature))
    return _mix(temperature**1.5 * kl.mean(), student_logits, alpha, labels)


@rare
def total_variation(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Takes half the sum of absolute differences."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    tv = (log_s.exp() - log_t.exp()).abs().sum(dim=1).mean() / 2
    return _mix(temperature**2 * tv, student_logits, alpha, labels)


@rare
def last_class_left_out(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Leaves the last class out of the sum of the soft term."""
    log_s, log_t = _logs(student_logits, teacher_logits, temperature)
    kl = _kl(log_s[:, :-1], log_t[:, :-1])
    return _mix(temperature**2 * kl.mean(), student_logits, alpha, labels)
