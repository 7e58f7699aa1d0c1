"""Wrong variants of ``teacher_entropy``, ``teacher_divergence`` and ``marginal_entropy``."""

import math

import torch
import torch.nn.functional as F

from lesson_code import marginal_entropy, teacher_divergence, teacher_entropy, teacher_targets
from mistakes.harness import mistake

entropy_mistake = mistake(replaces="teacher_entropy", rejected_by="test_teacher_entropy")
divergence_mistake = mistake(replaces="teacher_divergence", rejected_by="test_teacher_entropy")
marginal_mistake = mistake(replaces="marginal_entropy", rejected_by="test_teacher_entropy")


# --- the mean of the entropies --------------------------------------------------------------


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
def summed_over_the_batch(teacher_output, temperature_t=0.04, center=None):
    """The entropy grows with the batch."""
    p = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(p).sum()


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
def arguments_swapped(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """The teacher comes first, as in lightly."""
    teacher_divergence(student_output, teacher_output, temperature_s, temperature_t, center)
    return teacher_divergence(teacher_output, student_output, temperature_s, temperature_t, center)


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
