"""The DINO loss: the student predicts the teacher's centered and sharpened output."""

# --8<-- [start:imports]
from collections.abc import Sequence

import torch
import torch.nn.functional as F

# --8<-- [end:imports]
from lesson_code.guards import check_matrices, check_positive, guard
from lesson_code.temperature import temperature_scaling


def _refuse_targets(
    teacher_output: torch.Tensor, temperature_t: float, center: torch.Tensor | None
) -> None:
    check_matrices(teacher_output=teacher_output)
    check_positive(temperature_t=temperature_t)
    if center is not None:
        row = center[None] if getattr(center, "ndim", 0) == 1 else center  # (1, K)
        check_matrices(teacher_output=teacher_output[:1], center=row)


def _refuse_pair(
    student_output: torch.Tensor, teacher_output: torch.Tensor, temperature_s: float
) -> None:
    check_matrices(student_output=student_output, teacher_output=teacher_output)
    check_positive(temperature_s=temperature_s)


def _refuse_crops(
    student_outputs: Sequence[torch.Tensor],
    teacher_outputs: Sequence[torch.Tensor],
    temperature_s: float,
) -> None:
    crops, views = len(student_outputs), len(teacher_outputs)
    if views < 1:
        raise ValueError("teacher_outputs must hold at least one crop, got none")
    if crops < max(views, 2):
        raise ValueError(
            f"student_outputs must hold the {views} teacher crops and at least 2 crops "
            f"in all, got {crops}"
        )
    named = {f"student_outputs[{v}]": s for v, s in enumerate(student_outputs)}
    named |= {f"teacher_outputs[{g}]": t for g, t in enumerate(teacher_outputs)}
    check_matrices(**named)
    check_positive(temperature_s=temperature_s)


@guard(_refuse_targets)
# --8<-- [start:teacher_targets]
def teacher_targets(
    teacher_output: torch.Tensor,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """What the student must predict, algorithm 1 of DINO: centered, then sharpened.

    P_t = softmax((g_t - c) / tau_t), a probability for each of the K outputs.

    Args:
        teacher_output: g_t, shape (N, K); no gradient flows into it.
        temperature_t: tau_t, above 0.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        Probabilities without gradient, shape (N, K).

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    logits = teacher_output.detach()
    if center is not None:
        logits = logits - center.detach()
    return F.softmax(temperature_scaling(logits, temperature_t), dim=1)  # (N, K)


# --8<-- [end:teacher_targets]


@guard(_refuse_pair)
# --8<-- [start:dino_loss]
def dino_loss(
    student_output: torch.Tensor,
    teacher_output: torch.Tensor,
    temperature_s: float = 0.1,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """Cross-entropy of the student with its teacher, equation 2 of DINO, for one pair.

    H(P_t, P_s) = -sum_k P_t[k] log P_s[k] with P_t = softmax((g_t - c) / tau_t) and
    P_s = softmax(g_s / tau_s), as in algorithm 1.

    Args:
        student_output: g_s, shape (N, K), of one crop.
        teacher_output: g_t, shape (N, K), of another crop of the same images; no
            gradient flows into it.
        temperature_s: tau_s, above 0.
        temperature_t: tau_t, above 0; below tau_s it sharpens the target.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        The mean over the batch, a scalar (float32 for half-precision outputs; NaN if
        an output is NaN).

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    targets = teacher_targets(teacher_output, temperature_t, center)
    logits = temperature_scaling(student_output, temperature_s)
    log_student = F.log_softmax(logits, dim=1)  # (N, K)
    return -(targets * log_student).sum(dim=1).mean()


# --8<-- [end:dino_loss]


@guard(_refuse_crops)
# --8<-- [start:multi_crop_dino_loss]
def multi_crop_dino_loss(
    student_outputs: Sequence[torch.Tensor],
    teacher_outputs: Sequence[torch.Tensor],
    temperature_s: float = 0.1,
    temperature_t: float = 0.04,
    center: torch.Tensor | None = None,
) -> torch.Tensor:
    """The DINO loss over all pairs of different crops, equation 3 of DINO.

    L = sum over g, v with v != g of H(P_t(x_g), P_s(x_v)), divided by the number of
    terms: 2V - 2 for V student crops and the 2 global crops of DINO.

    Args:
        student_outputs: V tensors of shape (N, K), one per crop, the crops that the
            teacher saw first and in the teacher's order.
        teacher_outputs: G tensors of shape (N, K), one per global crop (2 in DINO); no
            gradient flows into them.
        temperature_s: tau_s, above 0.
        temperature_t: tau_t, above 0; below tau_s it sharpens the target.
        center: c, shape (K,) or (1, K); None centers nothing.

    Returns:
        The mean over pairs and batch, a scalar (float32 for half-precision outputs; NaN
        if an output is NaN).

    Raises:
        ValueError: no teacher crop, fewer student crops than teacher crops or fewer
            than two, or an argument has the wrong shape, type, device or range.

    Deviations:
        Equation 3 is the sum of the terms; like the official code this is their mean,
        so that the loss keeps its scale when the number of crops changes.
    """
    targets = [teacher_targets(t, temperature_t, center) for t in teacher_outputs]
    terms = []
    for v, output in enumerate(student_outputs):
        log_student = temperature_scaling(output, temperature_s).log_softmax(dim=1)
        others = [target for g, target in enumerate(targets) if g != v]
        terms += [-(target * log_student).sum(dim=1).mean() for target in others]
    return torch.stack(terms).mean()


# --8<-- [end:multi_crop_dino_loss]
