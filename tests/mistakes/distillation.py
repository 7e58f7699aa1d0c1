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
def ignores_labels_and_alpha(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Only the soft term is computed, whatever the labels and alpha."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    return temperature**2 * divergence(z_s, z_t, temperature)


@wrong
def teacher_receives_gradient(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The teacher is not detached, so it is pulled toward the student."""
    z_s, _ = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, teacher_logits.to(z_s.dtype), temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def forgets_t_squared(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Without T^2 the soft gradient fades as the temperature rises."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def one_t_instead_of_t_squared(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The soft term is multiplied by T only."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature * divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def t_squared_on_both_terms(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The hard term, which has temperature 1, is multiplied by T^2 too."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = divergence(z_s, z_t, temperature)
    return temperature**2 * mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def hard_term_at_temperature_t(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The labels meet softened probabilities."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s / temperature, labels), alpha, labels)


@wrong
def alpha_weighs_the_hard_term(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The two weights are swapped."""
    alpha_given = alpha
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha_given, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), 1 - alpha, labels)


@wrong
def full_hard_term(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """The hard term is added with weight 1 instead of 1 - alpha."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature)
    return soft if labels is None else alpha * soft + F.cross_entropy(z_s, labels)


@wrong
def alpha_without_labels(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """Without labels the soft term is still multiplied by alpha."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = alpha * temperature**2 * divergence(z_s, z_t, temperature)
    return soft if labels is None else soft + (1 - alpha) * F.cross_entropy(z_s, labels)


@wrong
def mean_over_classes_too(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """The reduction 'mean' divides by the number of classes as well."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature) / z_s.shape[1]
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def sum_over_rows(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """The soft term grows with the batch, the hard one does not."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t, temperature) * len(z_s)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def probabilities_for_log_probabilities(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """The divergence gets the student's probabilities, not their logarithms: negative values."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    p_s, p_t = F.softmax(z_s / temperature, dim=1), F.softmax(z_t / temperature, dim=1)
    soft = temperature**2 * F.kl_div(p_s, p_t, reduction="batchmean")
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def divergence_the_other_way_round(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """KL(student || teacher): the student seeks one mode of the teacher."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_t, z_s, temperature)
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
def teacher_at_temperature_one(
    student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None
):
    """Only the student is softened."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    soft = temperature**2 * divergence(z_s, z_t * temperature, temperature)
    return mixed(soft, lambda: F.cross_entropy(z_s, labels), alpha, labels)


@wrong
def logarithm_of_a_softmax(student_logits, teacher_logits, temperature=3.0, alpha=0.7, labels=None):
    """A probability that rounds to zero has an infinite logarithm."""
    z_s, z_t = checked(student_logits, teacher_logits, temperature, alpha, labels)
    log_s = F.softmax(z_s / temperature, dim=1).log()
    p_t = F.softmax(z_t / temperature, dim=1)
    soft = temperature**2 * F.kl_div(log_s, p_t, reduction="batchmean")
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
