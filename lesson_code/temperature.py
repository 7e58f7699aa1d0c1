"""Temperature: how sharp a softmax over logits is."""

# --8<-- [start:imports]
import torch

# --8<-- [end:imports]
from lesson_code.guards import check_positive, guard


def _refuse(logits: torch.Tensor, temperature: float) -> None:
    check_positive(temperature=temperature)
    if not isinstance(logits, torch.Tensor) or not logits.is_floating_point():
        kind = getattr(logits, "dtype", type(logits).__name__)
        raise ValueError(f"logits must be a floating-point tensor, got {kind}")
    if logits.numel() == 0:
        raise ValueError(f"logits must not be empty, got shape {tuple(logits.shape)}")


@guard(_refuse)
# --8<-- [start:temperature_scaling]
def temperature_scaling(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Divide logits by a temperature, so that a softmax of them is sharper or softer.

    p_k = exp(z_k / T) / sum_j exp(z_j / T): below 1 the largest logit gains weight,
    above 1 the probabilities approach each other (Hinton et al. 2015, section 2).

    Args:
        logits: scores before the softmax, any non-empty shape, such as (N, K).
        temperature: T, above 0.

    Returns:
        The scaled logits in the shape of ``logits``. Half-precision logits come back
        in float32: a quotient above 65,504 would be infinite in float16.

    Raises:
        ValueError: logits that are no floating-point tensor or are empty, or a
            temperature that is not a finite number above 0.
    """
    return logits.to(torch.promote_types(logits.dtype, torch.float32)) / temperature


# --8<-- [end:temperature_scaling]
