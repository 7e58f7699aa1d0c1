"""Losses on patches: iBOT's, which names hidden ones, and DINOv3's Gram anchoring."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F

# --8<-- [end:imports]

from lesson_code.guards import check_batches, check_positive, guard


def _refuse_masked(
    student: torch.Tensor,
    teacher: torch.Tensor,
    mask: torch.Tensor,
    temperature_s: float,
    temperature_t: float,
) -> None:
    _refuse_patches(student, teacher)
    shape = tuple(student.shape[:2])
    if mask.dtype != torch.bool or mask.shape != shape or mask.device != student.device:
        got = f"{mask.dtype} of shape {tuple(mask.shape)} on {mask.device}"
        raise ValueError(f"mask must be torch.bool of shape {shape}, got {got}")
    check_positive(temperature_s=temperature_s, temperature_t=temperature_t)


def _refuse_patches(student: torch.Tensor, teacher: torch.Tensor) -> None:
    check_batches(student=student, teacher=teacher)
    if student.ndim != 3:
        raise ValueError(f"student must have 3 axes, got shape {tuple(student.shape)}")


@guard(_refuse_masked)
# --8<-- [start:ibot_patch_loss]
def ibot_patch_loss(
    student: torch.Tensor,
    teacher: torch.Tensor,
    mask: torch.Tensor,
    temperature_s: float = 0.1,
    temperature_t: float = 0.07,
) -> torch.Tensor:
    r"""Cross-entropy of student and teacher at the patches that were hidden from it.

    The patch loss of iBOT for one view, as in the official code:

    .. math:: L = \frac{1}{N} \sum_{n=1}^{N} \frac{1}{|M_n|} \sum_{p \in M_n}
        H\bigl(P_t(x_{n,p}), P_s(\hat x_{n,p})\bigr)

    Args:
        student: outputs at the P patches of a view with hidden ones, ``(N, P, K)``.
        teacher: *centered* outputs for the same view, nothing hidden, ``(N, P, K)``; no
            gradient flows into them.
        mask: True where a patch was hidden from the student, ``(N, P)``.
        temperature_s: of the student, above 0.
        temperature_t: of the teacher, above 0.

    Returns:
        The mean over images of the mean over hidden patches, a scalar; an image without
        hidden patches counts as 0. Half precision is computed in float32.

    Raises:
        ValueError: if an argument has the wrong shape, type, device or range.
    """
    dtype = torch.promote_types(student.dtype, torch.float32)
    targets = F.softmax(teacher.detach().to(dtype) / temperature_t, dim=2)  # (N, P, K)
    log_student = F.log_softmax(student.to(dtype) / temperature_s, dim=2)
    each = -(targets * log_student).sum(dim=2)  # (N, P)
    hidden = mask.sum(dim=1).clamp(min=1)  # (N,)
    return (each.where(mask, 0).sum(dim=1) / hidden).mean()


# --8<-- [end:ibot_patch_loss]


@guard(_refuse_patches)
# --8<-- [start:gram_loss]
def gram_loss(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    r"""How far the cosines between the patches of an image are from an older network's.

    Gram anchoring of DINOv3, with rows of length one:

    .. math:: L = \frac{1}{P^2} \lVert X_S X_S^\top - X_G X_G^\top \rVert_F^2

    Args:
        student: features of the P patches of each image, shape ``(N, P, D)``.
        teacher: those of the Gram teacher, an earlier network, ``(N, P, D)``; no
            gradient flows into them.

    Returns:
        The mean over images, a scalar, 0 if all cosines agree, whatever the features
        are. Half precision is computed and returned in float32.

    Raises:
        ValueError: if the shapes, types or devices are not as above.

    Deviations:
        The paper's loss is the squared norm itself. Like the official code this is the
        mean over its entries, which does not grow with the number of patches.
    """
    dtype = torch.promote_types(student.dtype, torch.float32)
    x_s = F.normalize(student.to(dtype), dim=2)
    x_g = F.normalize(teacher.detach().to(dtype), dim=2)
    return (x_s @ x_s.mT - x_g @ x_g.mT).square().mean()


# --8<-- [end:gram_loss]
