"""Correct functions for dino_loss in many styles."""

import torch
import torch.nn.functional as F


def with_cross_entropy(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Gives probabilities as targets to cross_entropy."""
    if center is None:
        center = torch.zeros_like(teacher_output[:1])
    with torch.no_grad():
        targets = torch.softmax((teacher_output - center) / temperature_t, dim=1)
    return F.cross_entropy(student_output / temperature_s, targets)


def like_algorithm_1(s, t, tps=0.1, tpt=0.04, C=None):
    """Follows the paper's pseudocode and its names."""
    t = t.detach()
    C = 0 if C is None else C
    log_s = F.log_softmax(s / tps, dim=1)
    t = F.softmax((t - C) / tpt, dim=1)
    return -(t * log_s).sum(dim=1).mean()


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


def double_inside(
    student_output, teacher_output, temperature_s=0.1, temperature_t=0.04, center=None
):
    """Computes in float64 and returns the dtype that came in."""
    s = student_output.double()
    t = teacher_output.detach().double()
    if center is not None:
        t = t - center.detach().double()
    loss = F.cross_entropy(s / temperature_s, F.softmax(t / temperature_t, dim=1))
    return loss.to(student_output.dtype)


def positional_only(g_s, g_t, tau_s=0.1, tau_t=0.04, c=None, /):
    """Has positional-only arguments with the names of the formula."""
    shifted = g_t.detach() if c is None else (g_t - c).detach()
    return torch.sum(F.softmax(shifted / tau_t, 1) * -F.log_softmax(g_s / tau_s, 1)) / g_s.size(0)


def keyword_only(
    student_output,
    teacher_output,
    *,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
):
    """Takes the temperatures and the center by name only."""

    def targets():
        logits = teacher_output
        if center is not None:
            logits = logits - center
        return F.softmax(logits / temperature_t, dim=1)

    with torch.no_grad():
        p = targets()
    return -(p * F.log_softmax(student_output / temperature_s, dim=1)).sum(1).mean()


def more_options(
    student_output,
    teacher_output,
    temperature_s=0.1,
    temperature_t=0.04,
    center=None,
    reduction="mean",
    eps=0.0,
):
    """Has more optional arguments, whose defaults change nothing."""
    logits = teacher_output.detach() - (0.0 if center is None else center.detach())
    p = F.softmax(logits / temperature_t, dim=1)
    p = (1 - eps) * p + eps / p.shape[1]
    losses = -(p * F.log_softmax(student_output / temperature_s, dim=1)).sum(dim=1)
    return {"mean": losses.mean, "sum": losses.sum, "none": losses.clone}[reduction]()


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


class _Loss:
    """Keeps nothing between calls: an object that is called like a function."""

    def __call__(
        self,
        student_output,
        teacher_output,
        temperature_s=0.1,
        temperature_t=0.04,
        center=None,
    ):
        targets = self._targets(teacher_output, temperature_t, center)
        student = torch.nn.LogSoftmax(dim=1)(student_output / temperature_s)
        return student.mul(targets).sum(dim=1).mean().neg()

    @torch.no_grad()
    def _targets(self, output, temperature, center):
        if center is not None:
            output = output - center
        return torch.nn.Softmax(dim=1)(output / temperature)


callable_object = _Loss()
