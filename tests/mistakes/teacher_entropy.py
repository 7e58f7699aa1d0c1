"""Wrong variants of ``teacher_entropy``, ``teacher_divergence`` and ``marginal_entropy``."""

import math

import torch
import torch.nn.functional as F

from lesson_code import marginal_entropy, teacher_divergence, teacher_entropy, teacher_targets
from mistakes.harness import mistake

entropy_mistake = mistake(replaces="teacher_entropy", rejected_by="test_teacher_entropy")
divergence_mistake = mistake(replaces="teacher_divergence", rejected_by="test_teacher_entropy")
marginal_mistake = mistake(replaces="marginal_entropy", rejected_by="test_teacher_entropy")


def checked(student_output, teacher_output, temperature_s, temperature_t, center):
    """Do what the real function does before it computes; return P_t and log P_s."""
    teacher_divergence(student_output, teacher_output, temperature_s, temperature_t, center)
    targets = teacher_targets(teacher_output, temperature_t, center)
    logits = student_output.to(torch.promote_types(student_output.dtype, torch.float32))
    return targets, F.log_softmax(logits / temperature_s, dim=1)


# --- the mean of the entropies --------------------------------------------------------------


@entropy_mistake
def logarithm_of_zero(teacher_output, temperature_t=0.04, center=None):
    """A probability that underflows to 0 makes 0 times minus infinity, which is NaN."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return -(p * p.log()).sum(dim=1).mean()


@entropy_mistake
def small_number_in_the_logarithm(teacher_output, temperature_t=0.04, center=None):
    """The 1e-6 against log 0 shifts the entropy, and most where K is large."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return -(p * (p + 1e-6).log()).sum(dim=1).mean()


@entropy_mistake
def in_bits(teacher_output, temperature_t=0.04, center=None):
    """The logarithm to base 2: no longer a part of the loss."""
    return teacher_entropy(teacher_output, temperature_t, center) / math.log(2)


@entropy_mistake
def share_of_the_maximum(teacher_output, temperature_t=0.04, center=None):
    """Divided by ln K, and 0/0 for a single prototype."""
    whole = math.log(teacher_output.shape[1]) or 1.0 if hasattr(teacher_output, "shape") else 1.0
    return teacher_entropy(teacher_output, temperature_t, center) / whole


@entropy_mistake
def mean_over_all_entries(teacher_output, temperature_t=0.04, center=None):
    """Averaged over prototypes too: K times too small."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(p).mean()


@entropy_mistake
def summed_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    """The entropy grows with the batch."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(p).sum()


@entropy_mistake
def softmax_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    """The probabilities of each prototype sum to one over the images."""
    teacher_targets(teacher_output, temperature_t, center)
    wide = teacher_output.detach().to(torch.promote_types(teacher_output.dtype, torch.float32))
    p = F.softmax((wide - (0 if center is None else center.detach())) / temperature_t, dim=0)
    return torch.special.entr(p).sum(dim=1).mean()


@entropy_mistake
def entropy_of_the_mean(teacher_output, temperature_t=0.04, center=None):
    """Averaged before the entropy is taken: this is the other measure."""
    return marginal_entropy(teacher_output, temperature_t, center)


@entropy_mistake
def entropy_without_the_center(teacher_output, temperature_t=0.04, center=None):
    """The raw output is measured, which the student never has to predict."""
    teacher_entropy(teacher_output, temperature_t, center)
    return teacher_entropy(teacher_output, temperature_t)


@entropy_mistake
def center_after_the_temperature(teacher_output, temperature_t=0.04, center=None):
    """The center is subtracted from scaled outputs, 25 times too small."""
    teacher_entropy(teacher_output, temperature_t, center)
    scaled = None if center is None else center * temperature_t
    return teacher_entropy(teacher_output, temperature_t, scaled)


@entropy_mistake
def temperature_of_the_student(teacher_output, temperature_t=0.1, center=None):
    """The teacher looks less decided than its targets are."""
    return teacher_entropy(teacher_output, temperature_t, center)


@entropy_mistake
def no_temperature(teacher_output, temperature_t=0.04, center=None):
    """The temperature is checked and not used: every healthy run looks like uniform collapse."""
    teacher_entropy(teacher_output, temperature_t, center)
    return teacher_entropy(teacher_output, 1.0, center)


@entropy_mistake
def sign_forgotten(teacher_output, temperature_t=0.04, center=None):
    """The sum of p ln p, which is negative."""
    return -teacher_entropy(teacher_output, temperature_t, center)


@entropy_mistake
def with_gradient(teacher_output, temperature_t=0.04, center=None):
    """The graph of every step is kept alive by what was meant for the log."""
    value = teacher_entropy(teacher_output, temperature_t, center)
    return value + 0 * teacher_output.to(value.dtype).sum()


@entropy_mistake
def in_half_precision(teacher_output, temperature_t=0.04, center=None):
    """Computed in the precision of the input."""
    p = teacher_targets(teacher_output, temperature_t, center).to(teacher_output.dtype)
    return torch.special.entr(p).sum(dim=1).mean()


@entropy_mistake
def nan_hidden(teacher_output, temperature_t=0.04, center=None):
    """NaN becomes 0, a collapse that is none."""
    return teacher_entropy(teacher_output, temperature_t, center).nan_to_num(0.0)


# --- the divergence -------------------------------------------------------------------------


@divergence_mistake
def the_other_way_around(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """KL(student || teacher): zero in the same place, another number everywhere else."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return F.kl_div(p_t.clamp_min(1e-30).log(), log_s, log_target=True, reduction="batchmean")


@divergence_mistake
def mean_over_prototypes_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The default reduction of ``kl_div`` divides by N K, not by N."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return F.kl_div(log_s, p_t, reduction="none").mean()


@divergence_mistake
def probabilities_instead_of_logarithms(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The first argument of ``kl_div`` is a logarithm; with probabilities it is negative."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return F.kl_div(log_s.exp(), p_t, reduction="batchmean")


@divergence_mistake
def the_loss_itself(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher's entropy is not taken off: uniform collapse looks like disagreement."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return -(p_t * log_s).sum(dim=1).mean()


@divergence_mistake
def one_temperature_for_both(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The student is sharpened like the teacher, and equal outputs have no divergence."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return teacher_divergence(student_output, teacher_output, temperature_t, temperature_t, center)


@divergence_mistake
def temperatures_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher is the softer one."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return teacher_divergence(student_output, teacher_output, temperature_t, temperature_s, center)


@divergence_mistake
def arguments_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher comes first, as in lightly."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return teacher_divergence(teacher_output, student_output, temperature_s, temperature_t, center)


@divergence_mistake
def center_for_the_student_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Both sides are centered."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    moved = student_output if center is None else student_output - center.detach()
    return teacher_divergence(moved, teacher_output, temperature_s, temperature_t, center)


@divergence_mistake
def divergence_without_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The student is compared with a target that it was not given."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return teacher_divergence(student_output, teacher_output, temperature_s, temperature_t)


@divergence_mistake
def of_the_mean_outputs(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The batch is averaged first, so that students of the wrong images agree."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return F.kl_div(log_s.exp().mean(dim=0).log(), p_t.mean(dim=0), reduction="sum")


@divergence_mistake
def unstable_logarithms(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The logarithm of a softmax that underflowed is minus infinity."""
    p_t, log_s = checked(student_output, teacher_output, temperature_s, temperature_t, center)
    return (p_t * (p_t.log() - log_s.exp().log())).sum(dim=1).mean()


@divergence_mistake
def teacher_receives_gradient(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher is not detached."""
    checked(student_output, teacher_output, temperature_s, temperature_t, center)
    value = teacher_divergence(student_output, teacher_output, temperature_s, temperature_t, center)
    return value + 0 * teacher_output.to(value.dtype).sum()


# --- the entropy of the mean ----------------------------------------------------------------


@marginal_mistake
def mean_of_the_entropies(teacher_output, temperature_t=0.04, center=None):
    """Averaged after the entropy is taken: blind to whether images share a prototype."""
    return teacher_entropy(teacher_output, temperature_t, center)


@marginal_mistake
def mean_before_the_softmax(teacher_output, temperature_t=0.04, center=None):
    """The outputs are averaged, not the probabilities."""
    marginal_entropy(teacher_output, temperature_t, center)
    mean = teacher_output.mean(dim=0, keepdim=True)
    return marginal_entropy(mean, temperature_t, center)


@marginal_mistake
def mean_over_prototypes(teacher_output, temperature_t=0.04, center=None):
    """Averaged over the wrong dimension, where every mean is 1/K."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(p.mean(dim=1)).sum()


@marginal_mistake
def counts_of_the_winners(teacher_output, temperature_t=0.04, center=None):
    """Only the largest probability of each image counts: undecided images look decided."""
    p = teacher_targets(teacher_output, temperature_t, center)
    share = F.one_hot(p.argmax(dim=1), p.shape[1]).to(p.dtype).mean(dim=0)
    return torch.special.entr(share).sum() + 0 * p.sum()


@marginal_mistake
def information_instead(teacher_output, temperature_t=0.04, center=None):
    """The mean of the entropies is already taken off."""
    marginal = marginal_entropy(teacher_output, temperature_t, center)
    return marginal - teacher_entropy(teacher_output, temperature_t, center)


@marginal_mistake
def marginal_without_the_center(teacher_output, temperature_t=0.04, center=None):
    """The raw output is measured."""
    marginal_entropy(teacher_output, temperature_t, center)
    return marginal_entropy(teacher_output, temperature_t)


@marginal_mistake
def sum_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    """The probabilities are summed, so they are no probabilities."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(p.sum(dim=0)).sum()
