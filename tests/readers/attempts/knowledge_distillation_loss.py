"""Honest wrong attempts at knowledge_distillation_loss."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.distributions import Categorical, kl_divergence

EXPECTED: dict[str, str] = {
    "forgets_t_squared": "the factor T squared is missing",
    "times_t_once": "times T, not T squared",
    "divides_by_t_squared": "divides by T squared, not multiplies",
    "t_squared_on_both": "T squared multiplies the hard term as well",
    "reversed_divergence": "KL(student || teacher): the direction is reversed",
    "arguments_of_kl_div_swapped": "the arguments of kl_div are swapped",
    "mean_over_everything": "kl_div's mean over all entries: C times too small",
    "sums_the_batch": "convention: the soft term is summed over the batch",
    "student_without_log": "kl_div gets the student's probabilities, not logarithms",
    "log_target_not_said": "kl_div gets log targets without log_target=True",
    "raw_teacher": "the teacher's logits are not put through a softmax",
    "soft_cross_entropy": "convention: cross-entropy, not KL: same gradient",
    "keeps_the_gradient": "missing detach: gradient flows into the teacher",
    "detaches_the_student": "detaches the student in the soft term",
    "weights_swapped": "alpha and 1 - alpha are swapped",
    "adds_both_terms": "the hard term is not weighted by 1 - alpha",
    "alpha_without_labels": "without labels: alpha still multiplies the soft term",
    "hard_label_of_the_teacher": "without labels: the teacher's best class is the label",
    "nothing_without_labels": "without labels: returns None",
    "needs_labels": "without labels: raises",
    "hard_term_tempered": "the hard term uses the temperature as well",
    "hard_term_of_the_teacher": "the hard term is the teacher's, not the student's",
    "student_at_one": "the student is not softened: temperature 1",
    "teacher_at_one": "the teacher is not softened: temperature 1",
    "multiplies_by_the_temperature": "multiplies by the temperature, not divides",
    "softmax_over_the_batch": "the softmax runs over the batch (dim=0)",
    "softmax_before_cross_entropy": "softmax twice: cross_entropy gets probabilities",
    "logarithm_of_a_softmax": "unstable: log of a softmax that may be 0",
    "small_number_in_the_log": "1e-6 within the logarithms: wrong where p is tiny",
    "asks_distributions": "unstable: infinite where a student probability is 0",
    "squared_logits": "squared error of the logits, no KL",
    "squared_probabilities": "squared error of the probabilities, no KL",
    "softens_in_place": "mutates the teacher's logits: divides in place",
    "defaults_of_a_tutorial": "convention: other defaults, T = 2 and alpha = 0.5",
    "numpy_habits": "no gradient: computed in numpy",
    "returns_a_number": "no gradient: returns a Python number",
    "forgets_the_minus": "wrong sign of the soft term",
    "two_slips": "two: no T squared, and C times too small",
    "teaches_the_teacher": "two: reversed, and the teacher has a gradient",
}


def forgets_t_squared(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the KL divergence is the whole soft term."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean")
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def times_t_once(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the gradient shrinks by 1 / T."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def divides_by_t_squared(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes softening makes the gradient too large."""
    T = temperature
    log_p = F.log_softmax(student_logits / T, dim=1)
    with torch.no_grad():
        q = F.softmax(teacher_logits / T, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") / (T * T)
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def t_squared_on_both(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the factor belongs to the whole loss."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    loss = F.kl_div(log_p, q, reduction="batchmean")
    if labels is not None:
        loss = alpha * loss + (1 - alpha) * F.cross_entropy(student_logits, labels)
    return temperature**2 * loss


def reversed_divergence(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the student is the first argument of KL."""
    log_s = F.log_softmax(student_logits / temperature, dim=1)
    log_t = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    kl = (log_s.exp() * (log_s - log_t)).sum(dim=1).mean()
    soft = temperature**2 * kl
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def arguments_of_kl_div_swapped(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes kl_div(p, q) is KL(p || q), as it is written on paper."""
    log_teacher = F.log_softmax(teacher_logits.detach() / temperature, dim=-1)
    student = F.softmax(student_logits / temperature, dim=-1)
    soft = F.kl_div(log_teacher, student, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def mean_over_everything(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the default reduction is the mean over the batch."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="mean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def sums_the_batch(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the divergence of a batch is a sum."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="sum") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def student_without_log(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes kl_div takes two distributions."""
    p = F.softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def log_target_not_said(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes kl_div takes two log-distributions."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    log_q = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, log_q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def raw_teacher(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes softened logits are soft targets already."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    targets = teacher_logits.detach() / temperature
    soft = -(targets * log_p).sum(dim=1).mean() * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def soft_cross_entropy(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the soft term is a cross-entropy, as section 2 of the paper says."""
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = temperature**2 * F.cross_entropy(student_logits / temperature, q)
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def keeps_the_gradient(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the caller has frozen the teacher."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def detaches_the_student(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the student's softened logits are the ones to stop."""
    log_p = F.log_softmax(student_logits.detach() / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def weights_swapped(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes alpha is the weight of the labels."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    kd = F.kl_div(log_p, q, reduction="batchmean") * (temperature**2)
    if labels is None:
        return kd
    return (1 - alpha) * kd + alpha * F.cross_entropy(student_logits, labels)


def adds_both_terms(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes alpha weighs one term only."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    kd = F.kl_div(log_p, q, reduction="batchmean") * (temperature**2)
    if labels is None:
        return kd
    return F.cross_entropy(student_logits, labels) + alpha * kd


def alpha_without_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes a missing hard term is zero."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    hard = 0.0 if labels is None else F.cross_entropy(student_logits, labels)
    return alpha * soft + (1 - alpha) * hard


def hard_label_of_the_teacher(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes the teacher's answer serves as the label."""
    if labels is None:
        labels = teacher_logits.argmax(dim=1)
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def nothing_without_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes an if needs no else."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is not None:
        hard = F.cross_entropy(student_logits, labels)
        return alpha * soft + (1 - alpha) * hard


def needs_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes labels are always there."""
    kl = torch.nn.KLDivLoss(reduction="batchmean")
    soft = kl(
        F.log_softmax(student_logits / temperature, dim=1),
        F.softmax(teacher_logits.detach() / temperature, dim=1),
    )
    hard = torch.nn.CrossEntropyLoss()(student_logits, labels)
    return soft * (alpha * temperature * temperature) + hard * (1.0 - alpha)


def hard_term_tempered(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the student has one temperature in both terms."""
    s = student_logits / temperature
    t = teacher_logits.detach() / temperature
    soft = F.kl_div(F.log_softmax(s, 1), F.softmax(t, 1), reduction="batchmean")
    soft = soft * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(s, labels)


def hard_term_of_the_teacher(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes the labels check the teacher."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(teacher_logits, labels)


def student_at_one(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes only the teacher is softened."""
    log_p = F.log_softmax(student_logits, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def teacher_at_one(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes only the student is softened."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach(), dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def multiplies_by_the_temperature(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes the temperature is a factor."""
    log_p = F.log_softmax(student_logits * temperature, dim=1)
    q = F.softmax(teacher_logits.detach() * temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def softmax_over_the_batch(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes dim=0 is the axis of the classes."""
    log_p = F.log_softmax(student_logits / temperature, dim=0)
    q = F.softmax(teacher_logits.detach() / temperature, dim=0)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def softmax_before_cross_entropy(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes cross_entropy wants probabilities."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    hard = F.cross_entropy(F.softmax(student_logits, dim=1), labels)
    return alpha * soft + (1 - alpha) * hard


def logarithm_of_a_softmax(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes log(softmax) is log_softmax."""
    p = torch.softmax(student_logits / temperature, dim=1)
    q = torch.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = temperature**2 * (q * torch.log(q / p)).sum(dim=1).mean()
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def small_number_in_the_log(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Believes 1e-6 repairs every logarithm."""
    p = torch.softmax(student_logits / temperature, dim=1)
    q = torch.softmax(teacher_logits.detach() / temperature, dim=1)
    kl = (q * ((q + 1e-6).log() - (p + 1e-6).log())).sum(dim=1)
    soft = temperature**2 * kl.mean()
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def asks_distributions(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes torch.distributions takes care of everything."""
    student = Categorical(logits=student_logits / temperature)
    teacher = Categorical(logits=teacher_logits.detach() / temperature)
    soft = temperature**2 * kl_divergence(teacher, student).mean()
    if labels is None:
        return soft
    hard = -Categorical(logits=student_logits).log_prob(labels).mean()
    return alpha * soft + (1 - alpha) * hard


def squared_logits(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes at high temperature this is the same."""
    soft = F.mse_loss(student_logits, teacher_logits.detach())
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def squared_probabilities(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes any distance of two distributions will do."""
    p = F.softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = temperature**2 * ((p - q) ** 2).sum(dim=1).mean()
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def softens_in_place(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes detach makes a copy."""
    targets = teacher_logits.detach().div_(temperature).softmax(dim=1)
    log_p = (student_logits / temperature).log_softmax(dim=1)
    soft = F.kl_div(log_p, targets, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def defaults_of_a_tutorial(student_logits, teacher_logits, temperature=2.0, alpha=0.5, labels=None):
    """Believes in the defaults of another tutorial."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits.detach() / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def numpy_habits(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes numpy is as good as torch for a loss."""

    def log_softmax(x):
        x = x - x.max(axis=1, keepdims=True)
        return x - np.log(np.exp(x).sum(axis=1, keepdims=True))

    s = student_logits.detach().numpy()
    t = teacher_logits.detach().numpy()
    log_p, log_q = log_softmax(s / temperature), log_softmax(t / temperature)
    soft = temperature**2 * (np.exp(log_q) * (log_q - log_p)).sum(axis=1).mean()
    if labels is None:
        return torch.tensor(soft, dtype=student_logits.dtype)
    rows = np.arange(len(s))
    hard = -log_softmax(s)[rows, labels.numpy()].mean()
    mixed = alpha * soft + (1 - alpha) * hard
    return torch.tensor(mixed, dtype=student_logits.dtype)


def returns_a_number(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes a loss is a number."""
    log_p = F.log_softmax(student_logits / temperature, dim=1)
    q = F.softmax(teacher_logits / temperature, dim=1)
    soft = F.kl_div(log_p, q, reduction="batchmean").item() * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels).item()


def forgets_the_minus(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes KL is the expectation of log q less log p, in this order."""
    log_s = F.log_softmax(student_logits / temperature, dim=1)
    log_t = F.log_softmax(teacher_logits.detach() / temperature, dim=1)
    soft = temperature**2 * (log_t.exp() * (log_s - log_t)).sum(dim=1).mean()
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def two_slips(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes KLDivLoss with its defaults is the soft term."""
    soft = torch.nn.KLDivLoss(reduction="mean")(
        F.log_softmax(student_logits / temperature, dim=1),
        F.softmax(teacher_logits.detach() / temperature, dim=1),
    )
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


def teaches_the_teacher(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Believes the teacher learns from the student as well."""
    log_t = F.log_softmax(teacher_logits / temperature, dim=1)
    p_s = F.softmax(student_logits / temperature, dim=1)
    soft = F.kl_div(log_t, p_s, reduction="batchmean") * temperature**2
    if labels is None:
        return soft
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)
