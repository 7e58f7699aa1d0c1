"""Wrong variants of ``knowledge_distillation_loss``."""

import torch
import torch.nn.functional as F

from lesson_code import knowledge_distillation_loss
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``knowledge_distillation_loss``."""
    register = mistake(replaces="knowledge_distillation_loss", rejected_by="test_distillation")
    return register(variant)


def checked(student_logits, teacher_logits, temperature, alpha, labels):
    """Check as the real function does; return the logits as it computes with them."""
    with torch.no_grad():
        knowledge_distillation_loss(student_logits, teacher_logits, temperature, alpha, labels)
    dtype = torch.promote_types(student_logits.dtype, torch.float32)
    return student_logits.to(dtype), teacher_logits.detach().to(dtype)


def divergence(z_s, z_t, temperature):
    """Return the right KL, without T^2."""
    log_s, log_t = F.log_softmax(z_s / temperature, 1), F.log_softmax(z_t / temperature, 1)
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True)


def mixed(soft, hard, alpha, labels):
    """Return the right mixture."""
    return soft if labels is None else alpha * soft + (1 - alpha) * hard()


@wrong
def sum_over_rows(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """The soft term grows with the batch, the hard one does not."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature) * len(z_s)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def cross_entropy_for_divergence(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The teacher's entropy is not taken away: the same gradient, but never zero."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    p_t = F.softmax(z_t / temperature, dim=1)
    soft = temperature**2 * F.cross_entropy(z_s / temperature, p_t)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def stays_in_half_precision(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Float16 logits overflow when a small temperature divides them."""
    checked(student_logits, teacher_logits, temperature, alpha, labels)
    z_s, z_t = student_logits, teacher_logits.detach()
    soft = temperature**2 * divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def accepts_any_weight(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """An alpha above 1 rewards being wrong about the labels."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, 0.5, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)
