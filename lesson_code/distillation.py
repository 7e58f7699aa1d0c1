"""Knowledge distillation: a student learns from a teacher's softened probabilities."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]
from lesson_code.guards import (
    check_fraction,
    check_labels,
    check_matrices,
    check_positive,
    guard,
)
from lesson_code.temperature import temperature_scaling


def _refuse(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperature: float,
    alpha: float,
    labels: torch.Tensor | None,
) -> None:
    check_matrices(student_logits=student_logits, teacher_logits=teacher_logits)
    check_fraction(alpha=alpha)
    check_positive(temperature=temperature)
    if labels is not None:
        if getattr(labels, "device", None) != student_logits.device:
            raise ValueError(f"labels must be a tensor on {student_logits.device}")
        check_labels(labels, *student_logits.shape)


@guard(_refuse)
# --8<-- [start:knowledge_distillation_loss]
def knowledge_distillation_loss(
    student_logits: torch.Tensor,
    teacher_logits: torch.Tensor,
    temperature: float = 3.0,
    alpha: float = 0.7,
    labels: torch.Tensor | None = None,
) -> torch.Tensor:
    """Soft targets of a teacher mixed with the labels, Hinton et al. 2015, section 2.

    L = alpha T^2 KL(softmax(z_t / T) || softmax(z_s / T)) + (1 - alpha) CE(y, z_s). The
    hard term CE uses temperature 1. The factor T^2 undoes the 1 / T^2 by which the soft
    gradient shrinks as T grows.

    Args:
        student_logits: z_s, shape (N, C).
        teacher_logits: z_t, shape (N, C); no gradient flows into them.
        temperature: T of the soft term, above 0.
        alpha: weight of the soft term, from 0 to 1.
        labels: y, int64 class indices of shape (N,). Without them there is nothing to
            mix: the loss is the soft term T^2 KL itself, and ``alpha`` plays no part.

    Returns:
        The mean over the batch, a scalar (float32 for half-precision logits; NaN if a
        logit is NaN).

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.

    Deviations:
        Section 2 of the paper asks for a lower weight on the hard term and names none;
        the defaults 3.0 and 0.7 are a convention.
    """
    log_s = temperature_scaling(student_logits, temperature).log_softmax(dim=1)
    log_t = temperature_scaling(teacher_logits.detach(), temperature).log_softmax(dim=1)
    kl = F.kl_div(log_s, log_t, reduction="batchmean", log_target=True)
    if labels is None:
        return temperature**2 * kl
    hard = F.cross_entropy(temperature_scaling(student_logits, 1.0), labels)
    return alpha * temperature**2 * kl + (1 - alpha) * hard


# --8<-- [end:knowledge_distillation_loss]
