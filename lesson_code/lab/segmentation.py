"""Does attention find the thing? Masks from attention, and how well two masks agree."""

# --8<-- [start:imports]
import torch

# --8<-- [end:imports]

from lesson_code.guards import guard


def _refuse_attention(attention: torch.Tensor, share: float = 0.6) -> None:
    if attention.ndim != 3 or not attention.is_floating_point():
        raise ValueError(
            f"attention must be decimals (N, G, G), got {attention.dtype} {tuple(attention.shape)}"
        )
    if not (torch.isfinite(attention).all() and (attention >= 0).all()):
        raise ValueError("attention must be finite and not negative")
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")


def _refuse_masks(found: torch.Tensor, truth: torch.Tensor) -> None:
    for name, mask in (("found", found), ("truth", truth)):
        if mask.ndim != 3 or mask.dtype != torch.bool:
            raise ValueError(
                f"{name} must be booleans (N, H, W), got {mask.dtype} {tuple(mask.shape)}"
            )
    if found.shape != truth.shape:
        raise ValueError(
            f"found and truth must have one shape, got {tuple(found.shape)}, {tuple(truth.shape)}"
        )


@guard(_refuse_attention)
# --8<-- [start:most_attended]
def most_attended(attention: torch.Tensor, share: float = 0.6) -> torch.Tensor:
    """Mark the fewest patches that hold a share of the attention.

    Args:
        attention: of the class token to each patch, not negative, ``(N, G, G)``.
        share: of the sum over the patches of an image, above 0 and at most 1.

    Returns:
        True where a patch is marked, ``(N, G, G)``. Of equal patches any may be.

    Raises:
        ValueError: if ``attention`` or ``share`` is none.
    """
    values, order = attention.flatten(1).double().sort(dim=1, descending=True)
    before = values.cumsum(dim=1) - values
    marked = before < share * values.sum(dim=1, keepdim=True)
    return torch.zeros_like(marked).scatter(1, order, marked).view(attention.shape)


# --8<-- [end:most_attended]


@guard(_refuse_masks)
# --8<-- [start:jaccard]
def jaccard(found: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """How well masks agree: what both hold, by what either holds.

    Args:
        found: booleans, ``(N, H, W)``.
        truth: booleans, ``(N, H, W)``.

    Returns:
        From 0 to 1 for each pair, ``(N,)``; two empty masks agree.

    Raises:
        ValueError: if the masks are no booleans of one shape.
    """
    both = (found & truth).sum(dim=(1, 2))
    either = (found | truth).sum(dim=(1, 2))
    return torch.where(either > 0, both / either.clamp_min(1), 1.0)


# --8<-- [end:jaccard]


# --8<-- [start:overlap]
def overlap(attention: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Jaccard of the patches that hold 60 % of the attention with the mask of each image.

    Args:
        attention: of the class token to each patch, ``(N, G, G)``.
        truth: which pixels the thing covers, ``(N, S, S)`` with S a multiple of G.
    """
    marked = most_attended(attention, share=0.6)
    patch = truth.shape[1] // marked.shape[1]
    wide = marked.repeat_interleave(patch, 1).repeat_interleave(patch, 2)
    return jaccard(wide, truth)


# --8<-- [end:overlap]
