"""Honest wrong attempts at dino_loss."""

import torch
import torch.nn.functional as F

EXPECTED: dict[str, str] = {
    "forgets_the_stop_gradient": "missing detach: the gradient flows into the teacher",
    "softmax_over_the_batch": "softmax over the wrong axis (images, not prototypes)",
    "mean_over_everything": "mean over all entries: K times too small",
    "forgets_the_minus": "wrong sign",
    "swaps_the_temperatures": "the two temperatures are swapped",
    "one_temperature_for_both": "the teacher is not sharpened: temperature_s for both",
    "multiplies_by_the_temperature": "multiplies by the temperatures, not divides",
    "centers_after_the_temperature": "the center is subtracted after the temperature",
    "adds_the_center": "wrong sign of the center",
    "centers_the_student_too": "the student is centered too",
    "ignores_the_center": "the center is not used",
    "center_of_this_batch": "uses the batch's own mean where center was given",
    "swaps_the_roles": "student and teacher swapped in the cross-entropy",
    "hard_labels": "hard labels: argmax of the teacher",
    "softmax_twice": "softmax twice: cross_entropy gets probabilities",
    "kl_instead": "convention: KL divergence, same gradient, less the entropy",
    "kl_mean_reduction": "two: KL divergence, and kl_div's mean divides by N K",
    "sums_the_batch": "convention: sum over the batch",
    "loss_of_each_image": "convention: no reduction, shape (N,)",
    "squared_difference": "squared error of probabilities, no cross-entropy",
    "scales_like_distillation": "extra factor temperature squared, as in distillation",
    "normalizes_first": "scales the outputs to length one first",
    "log_with_small_number": "log of softmax plus 1e-6: wrong where p is small",
    "exponentials_by_hand": "overflows: exp without subtracting the maximum",
    "binary_cross_entropy": "binary cross-entropy over the prototypes",
    "graph_lost_with_item": "no gradient: returns a Python number",
    "numpy_habits": "no gradient: computed in numpy",
    "centers_in_place": "mutates its input: subtracts the center in place",
    "detaches_the_student": "detaches the student, not the teacher",
    "two_slips": "two: missing detach, and softmax over the wrong axis",
    "plus_and_product": "two: adds the center, and multiplies by temperature_t",
    "forgets_to_return": "returns None",
}


def forgets_the_stop_gradient(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes no gradient flows where nobody asks for one."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def softmax_over_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes dim=0 is where the prototypes are."""
    center = 0 if center is None else center
    t = F.softmax((teacher_output.detach() - center) / temperature_t, dim=0)
    s = F.log_softmax(student_output / temperature_s, dim=0)
    return -(t * s).sum(dim=1).mean()


def mean_over_everything(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes mean() is the mean over the batch."""
    center = 0.0 if center is None else center
    teacher = F.softmax((teacher_output - center) / temperature_t, dim=-1).detach()
    student = F.log_softmax(student_output / temperature_s, dim=-1)
    return torch.mean(-teacher * student)


def forgets_the_minus(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the logarithm of a probability already has the right sign."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    targets = (t / temperature_t).softmax(1)
    return (targets * (student_output / temperature_s).log_softmax(1)).sum(1).mean()


def swaps_the_temperatures(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the student is the one to be sharpened."""
    if center is None:
        center = torch.zeros_like(teacher_output[0])
    p_t = F.softmax((teacher_output - center) / temperature_s, dim=1).detach()
    log_p_s = F.log_softmax(student_output / temperature_t, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def one_temperature_for_both(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes both networks need the same temperature to be compared."""
    if center is not None:
        teacher_output = teacher_output - center
    logits = teacher_output.detach() / temperature_s
    return F.cross_entropy(student_output / temperature_s, logits.softmax(dim=1))


def multiplies_by_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a temperature is a factor of the logits."""
    with torch.no_grad():
        centered = teacher_output if center is None else teacher_output - center
        p_t = F.softmax(centered * temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output * temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def centers_after_the_temperature(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the order of centering and sharpening makes no difference."""
    logits = teacher_output.detach() / temperature_t
    if center is not None:
        logits = logits - center
    p_t = F.softmax(logits, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def adds_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a centered output is one to which the center is added."""
    if center is not None:
        teacher_output = teacher_output + center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -torch.einsum("nk,nk->n", p_t, log_p_s).mean()


def centers_the_student_too(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes both outputs must be treated alike."""
    if center is not None:
        teacher_output = teacher_output - center
        student_output = student_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def ignores_the_center(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the outputs that come in are centered already."""
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return (-p_t * log_p_s).sum(dim=1).mean()


def center_of_this_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the center is the mean of the batch at hand."""
    center = teacher_output.mean(dim=0, keepdim=True)
    p_t = F.softmax((teacher_output - center) / temperature_t, dim=1).detach()
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def swaps_the_roles(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes H(a, b) has the logarithm on the first argument."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    log_p_t = F.log_softmax(t / temperature_t, dim=1)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return -(p_s * log_p_t).sum(dim=1).mean()


def hard_labels(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes the teacher gives a pseudo-label."""
    if center is not None:
        teacher_output = teacher_output - center
    labels = (teacher_output / temperature_t).argmax(dim=1)
    return F.cross_entropy(student_output / temperature_s, labels)


def softmax_twice(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes cross_entropy takes two distributions."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output / temperature_t, dim=1)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return F.cross_entropy(p_s, p_t.detach())


def kl_instead(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes the loss between two distributions is the KL divergence."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_p_s, p_t, reduction="batchmean")


def kl_mean_reduction(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes kl_div does by default what one expects."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return F.kl_div(log_p_s, p_t, reduction="none").mean()


def sums_the_batch(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the loss of a batch is the sum of its losses."""
    loss = 0
    for s, t in zip(student_output, teacher_output, strict=True):
        if center is not None:
            t = t - center.view(-1)
        p_t = torch.softmax(t.detach() / temperature_t, dim=0)
        loss = loss - torch.dot(p_t, torch.log_softmax(s / temperature_s, dim=0))
    return loss


def loss_of_each_image(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the caller takes the mean."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1)


def squared_difference(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes that making two distributions equal is regression."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return ((p_t - p_s) ** 2).sum(dim=1).mean()


def scales_like_distillation(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the gradient must be scaled by T squared, as Hinton et al. do."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean() * temperature_s**2


def normalizes_first(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes outputs are compared as unit vectors, as in SimCLR."""
    student_output = F.normalize(student_output, dim=1)
    teacher_output = F.normalize(teacher_output.detach(), dim=1)
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output / temperature_t, dim=1)
    return F.cross_entropy(student_output / temperature_s, p_t)


def log_with_small_number(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a small number inside the logarithm is harmless."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = torch.softmax(teacher_output.detach() / temperature_t, dim=1)
    p_s = torch.softmax(student_output / temperature_s, dim=1)
    return -(p_t * torch.log(p_s + 1e-6)).sum(dim=1).mean()


def exponentials_by_hand(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the formula can be typed as it is printed."""
    t = teacher_output.detach()
    if center is not None:
        t = t - center
    e_t = torch.exp(t / temperature_t)
    e_s = torch.exp(student_output / temperature_s)
    p_t = e_t / e_t.sum(dim=1, keepdim=True)
    p_s = e_s / e_s.sum(dim=1, keepdim=True)
    return -(p_t * p_s.log()).sum(dim=1).mean()


def binary_cross_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes each prototype is a yes-or-no question."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    p_s = F.softmax(student_output / temperature_s, dim=1)
    return F.binary_cross_entropy(p_s, p_t)


def graph_lost_with_item(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a loss is a number, so it returns one."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean().item()


def numpy_habits(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes numpy arrays are as good as tensors."""
    import numpy as np

    s = student_output.detach().numpy() / temperature_s
    t = teacher_output.detach().numpy()
    if center is not None:
        t = t - center.numpy()
    t = t / temperature_t
    t = t - t.max(axis=1, keepdims=True)
    p = np.exp(t) / np.exp(t).sum(axis=1, keepdims=True)
    s = s - s.max(axis=1, keepdims=True)
    log_s = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return torch.tensor(-(p * log_s).sum(axis=1).mean())


def centers_in_place(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the teacher's output is free to be overwritten."""
    teacher_output = teacher_output.detach()
    if center is not None:
        teacher_output -= center
    teacher_output /= temperature_t
    p_t = teacher_output.softmax(dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def detaches_the_student(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the student is the one that must not move."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output.detach() / temperature_s, dim=1)
    return -(p_t * log_p_s).sum(dim=1).mean()


def two_slips(student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None):
    """Believes softmax without an eye on the axis is fine, and forgets the detach."""
    center = 0 if center is None else center
    p_t = torch.softmax((teacher_output - center) / temperature_t, 0)
    log_p_s = torch.log_softmax(student_output / temperature_s, 0)
    return -(p_t * log_p_s).sum(1).mean()


def plus_and_product(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes the teacher's logits are (g + c) times tau."""
    center = 0 if center is None else center
    p_t = F.softmax((teacher_output.detach() + center) * temperature_t, dim=1)
    return F.cross_entropy(student_output / temperature_s, p_t)


def forgets_to_return(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Believes a printed loss is a returned loss."""
    if center is not None:
        teacher_output = teacher_output - center
    p_t = F.softmax(teacher_output.detach() / temperature_t, dim=1)
    log_p_s = F.log_softmax(student_output / temperature_s, dim=1)
    loss = -(p_t * log_p_s).sum(dim=1).mean()
    print("loss:", loss)
