"""Functions that readers write for ``dino_loss``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import by_position, in_double, rare, right, wrong


@right
def with_cross_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Gives probabilities as targets to cross_entropy."""
    if center is None:
        center = torch.zeros_like(teacher_output[:1])
    with torch.no_grad():
        targets = torch.softmax((teacher_output - center) / temperature_t, dim=1)
    return F.cross_entropy(student_output / temperature_s, targets)


@right
def like_algorithm_1(s, t, tps=0.1, tpt=0.04, C=None):
    """Follows the paper's pseudocode and its names."""
    t = t.detach()
    C = 0 if C is None else C
    log_s = F.log_softmax(s / tps, dim=1)
    t = F.softmax((t - C) / tpt, dim=1)
    return -(t * log_s).sum(dim=1).mean()


@right
def kl_plus_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Adds the teacher's entropy to the KL divergence."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center.detach()
    p = F.softmax(t / temperature_t, dim=1)
    log_q = F.log_softmax(student_output / temperature_s, dim=1)
    kl = F.kl_div(log_q, p, reduction="sum")
    entropy = -torch.xlogy(p, p).sum()
    return (kl + entropy) / len(p)


@right
def log_sum_exp_by_hand(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Subtracts the maximum and writes both softmaxes out."""
    t = teacher_output.detach().clone()
    if center is not None:
        t -= center.detach()
    t = t / temperature_t
    t = (t - t.max(dim=1, keepdim=True).values).exp()
    t = t / t.sum(dim=1, keepdim=True)
    s = student_output / temperature_s
    top = s.detach().max(dim=1, keepdim=True).values
    log_z = top + (s - top).exp().sum(dim=1, keepdim=True).log()
    return (t * (log_z - s)).sum(dim=1).mean()


@right
def normalizer_minus_expected_logit(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Uses that the targets sum to one: logsumexp less the expected logit."""
    with torch.no_grad():
        logits = teacher_output if center is None else teacher_output - center
        targets = F.softmax(logits / temperature_t, dim=-1)
    s = student_output / temperature_s
    s = s - s.detach().amax(dim=-1, keepdim=True)
    expected = torch.einsum("nk,nk->n", targets, s)
    return torch.mean(s.logsumexp(dim=-1) - expected)


@right
def one_image_at_a_time(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Loops over the images and takes a dot product for each."""
    losses = []
    for i in range(student_output.shape[0]):
        g = teacher_output[i].detach()
        if center is not None:
            g = g - center.reshape(-1).detach()
        p = torch.softmax(g / temperature_t, dim=0)
        log_q = torch.log_softmax(student_output[i] / temperature_s, dim=0)
        losses.append(-p.dot(log_q))
    return torch.stack(losses).mean()


@right
def entry_by_entry(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Adds up one image and one prototype at a time."""
    n, k = student_output.shape
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center.detach()
    p = (logits / temperature_t).softmax(dim=1)
    log_q = (student_output / temperature_s).log_softmax(dim=1)
    total = student_output.new_zeros(())
    for i in range(n):
        for j in range(k):
            total = total - p[i, j] * log_q[i, j]
    return total / n


in_double(__name__)
by_position(__name__, "g_s g_t tau_s tau_t c")


@right
def trace_of_a_product(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Takes the diagonal of all images times all images."""
    t = teacher_output.detach().T
    if center is not None:
        t = t - center.reshape(-1, 1)
    p = torch.softmax(t / temperature_t, dim=0)
    log_q = torch.log_softmax(student_output.T / temperature_s, dim=0)
    return -torch.trace(p.T @ log_q) / student_output.shape[0]


@wrong("softmax over the wrong axis (images, not prototypes)")
def softmax_over_the_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    center = 0 if center is None else center
    t = F.softmax((teacher.detach() - center) / temp_t, dim=0)
    s = F.log_softmax(student / temp_s, dim=0)
    return -(t * s).sum(dim=1).mean()


@wrong("wrong sign")
def forgets_the_minus(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    t = teacher.detach()
    if center is not None:
        t = t - center
    targets = (t / temp_t).softmax(1)
    return (targets * (student / temp_s).log_softmax(1)).sum(1).mean()


@wrong("the two temperatures are swapped")
def swaps_the_temperatures(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is None:
        center = torch.zeros_like(teacher[0])
    p_t = F.softmax((teacher - center) / temp_s, dim=1).detach()
    log_p_s = F.log_softmax(student / temp_t, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


@wrong("the teacher is not sharpened: temperature_s for both")
def one_temperature_for_both(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is not None:
        teacher = teacher - center
    logits = teacher.detach() / temp_s
    return F.cross_entropy(student / temp_s, logits.softmax(dim=1))


@wrong("the center is not used")
def ignores_the_center(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    p_t = F.softmax(teacher.detach() / temp_t, dim=1)
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    return (-p_t * log_p_s).sum(dim=1).mean()


@wrong("uses the batch's own mean where center was given")
def center_of_this_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    center = teacher.mean(dim=0, keepdim=True)
    p_t = F.softmax((teacher - center) / temp_t, dim=1).detach()
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


@wrong("hard labels: argmax of the teacher")
def hard_labels(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is not None:
        teacher = teacher - center
    labels = (teacher / temp_t).argmax(dim=1)
    return F.cross_entropy(student / temp_s, labels)


@wrong("two: KL divergence, and kl_div's mean divides by N K")
def kl_mean_reduction(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is not None:
        teacher = teacher - center
    p_t = F.softmax(teacher.detach() / temp_t, dim=1)
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    return F.kl_div(log_p_s, p_t, reduction="none").mean()


@wrong("detaches the student, not the teacher")
def detaches_the_student(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    if center is not None:
        teacher = teacher - center
    p_t = F.softmax(teacher / temp_t, dim=1)
    log_p_s = F.log_softmax(student.detach() / temp_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


@wrong("two: missing detach, and softmax over the wrong axis")
def two_slips(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    center = 0 if center is None else center
    p_t = torch.softmax((teacher - center) / temp_t, 0)
    log_p_s = torch.log_softmax(student / temp_s, 0)
    return -(p_t * log_p_s).sum(1).mean()


@wrong("two: adds the center, and multiplies by temperature_t")
def plus_and_product(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    center = 0 if center is None else center
    p_t = F.softmax((teacher.detach() + center) * temp_t, dim=1)
    return F.cross_entropy(student / temp_s, p_t)


def _targets(teacher_output, temperature, center):
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center
    return F.softmax(logits / temperature, dim=1)


@rare
def median_of_the_batch(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Takes the median over the images to be safe from outliers."""
    p_t = _targets(teacher, temp_t, center)
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).median()


@rare
def odd_power_of_the_temperature(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Raises the student's temperature to the power 1.5."""
    p_t = _targets(teacher, temp_t, center)
    log_p_s = F.log_softmax(student / temp_s**1.5, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


@rare
def weighs_by_confidence(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Gives images of which the teacher is sure a larger weight."""
    p_t = _targets(teacher, temp_t, center)
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    weight = p_t.max(dim=1).values
    return -(weight * (p_t * log_p_s).sum(dim=1)).sum() / weight.sum()


@rare
def next_image_is_the_target(student, teacher, temp_s=0.1, temp_t=0.04, center=None):
    """Compares each image with the teacher's answer for the one before."""
    p_t = _targets(teacher, temp_t, center).roll(1, dims=0)
    log_p_s = F.log_softmax(student / temp_s, dim=1)
    return torch.mean(-(p_t * log_p_s).sum(dim=1))
