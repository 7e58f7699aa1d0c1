"""Teacher entropy: how decided a DINO teacher is, per image and over the batch."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]
from lesson_code.guards import check_matrices, check_positive, guard
from lesson_code.dino import teacher_targets
from lesson_code.temperature import temperature_scaling


# --8<-- [start:teacher_entropy]
def teacher_entropy(
    teacher_output: torch.Tensor,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """How undecided the teacher is about an image, the first term of DINO, equation 5.

    h(P_t) = -sum_k P_t[k] log P_t[k] with P_t = softmax((g_t - c) / tau_t), averaged
    over the batch; figure 7 of the paper draws it.

    Args:
        teacher_output: g_t, shape (N, K).
        temperature_t: tau_t, above 0: the one that the loss uses.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        A scalar in nats without gradient, from 0 (one prototype takes all) to ln K
        (all prototypes are equally likely); float32 for half precision; NaN if an
        output is NaN.

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    targets = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(targets).sum(dim=1).mean()  # entr(0) is 0, not NaN


# --8<-- [end:teacher_entropy]


def _refuse(
    student_output: torch.Tensor, teacher_output: torch.Tensor, temperature_s: float
) -> None:
    check_matrices(student_output=student_output, teacher_output=teacher_output)
    check_positive(temperature_s=temperature_s)


@guard(_refuse)
# --8<-- [start:teacher_divergence]
def teacher_divergence(
    student_output: torch.Tensor,
    teacher_output: torch.Tensor,
    temperature_s: float = 0.1,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """How far the student is from the teacher, the second term of DINO, equation 5.

    KL(P_t || P_s) = sum_k P_t[k] log(P_t[k] / P_s[k]), averaged over the batch. It is
    the DINO loss less the teacher's entropy.

    Args:
        student_output: g_s, shape (N, K), of one crop.
        teacher_output: g_t, shape (N, K), of another crop of the same images; no
            gradient flows into it.
        temperature_s: tau_s, above 0.
        temperature_t: tau_t, above 0.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        A scalar in nats, 0 or above but for rounding. Its gradient is that of the DINO
        loss. Float32 for half precision; NaN if an output is NaN.

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    targets = teacher_targets(teacher_output, temperature_t, center)
    logits = temperature_scaling(student_output, temperature_s)
    log_student = F.log_softmax(logits, dim=1)  # (N, K)
    return F.kl_div(log_student, targets, reduction="batchmean")  # divides by N, not NK


# --8<-- [end:teacher_divergence]


# --8<-- [start:marginal_entropy]
def marginal_entropy(
    teacher_output: torch.Tensor,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """How evenly a batch as a whole uses the prototypes.

    H(mean_i P_t(x_i)), the entropy of the mean, where `teacher_entropy` is the mean of
    the entropies. The two differ by the information that the teacher's answer carries
    about which image it saw, and agree if it answers the same for every image.

    Args:
        teacher_output: g_t, shape (N, K), of a batch as large as you can afford.
        temperature_t: tau_t, above 0: the one that the loss uses.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        A scalar in nats without gradient, from `teacher_entropy` to ln K and at most
        ln N above `teacher_entropy`; float32 for half precision; NaN if an output is
        NaN.

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.

    Deviations:
        Not in the DINO paper, which draws the two terms of equation 5 only.
    """
    targets = teacher_targets(teacher_output, temperature_t, center)
    return torch.special.entr(targets.mean(dim=0)).sum()


# --8<-- [end:marginal_entropy]
