"""I-JEPA: predict what another encoder says of hidden blocks, from one visible part."""

# --8<-- [start:imports]
import torch
import torch.nn.functional as F
from torch import Tensor

# --8<-- [end:imports]

from lesson_code.guards import check_batches, check_counts, guard


def _refuse_shape(
    rows: int, columns: int, scale: tuple[float, float], aspect: tuple[float, float]
) -> None:
    check_counts(rows=rows, columns=columns)
    for name, pair, most in (("scale", scale, 1), ("aspect", aspect, float("inf"))):
        if len(pair) != 2 or not 0 < pair[0] <= pair[1] <= most:
            raise ValueError(
                f"{name} must be two rising numbers above 0, at most {most}, got {pair}"
            )


@guard(_refuse_shape)
# --8<-- [start:block_shape]
def block_shape(
    rows: int,
    columns: int,
    scale: tuple[float, float],
    aspect: tuple[float, float],
    generator: torch.Generator | None = None,
) -> tuple[int, int]:
    """Draw how many rows and columns of patches a block has.

    I-JEPA, Section 3: its share of the grid and its aspect ratio are uniform.

    Args:
        rows: of patches in the grid.
        columns: of patches in the grid.
        scale: the least and the largest share of all patches, from 0 to 1.
        aspect: the least and the largest ratio of height to width.
        generator: draws the numbers; None takes the global one.

    Returns:
        Height and width in patches, rounded, from 1 to those of the grid.

    Raises:
        ValueError: a number or a range is not as above.

    Deviations:
        The official code takes both from one number: its large blocks are tall ones.
    """
    share, ratio = torch.rand(2, generator=generator).tolist()
    area = rows * columns * (scale[0] + share * (scale[1] - scale[0]))
    ratio = aspect[0] + ratio * (aspect[1] - aspect[0])
    height = min(max(round((area * ratio) ** 0.5), 1), rows)
    width = min(max(round((area / ratio) ** 0.5), 1), columns)
    return height, width


# --8<-- [end:block_shape]


def _refuse_place(rows: int, columns: int, height: int, width: int) -> None:
    check_counts(rows=rows, columns=columns, height=height, width=width)
    if height > rows or width > columns:
        raise ValueError(
            f"height and width must fit {rows} x {columns}, got {height}, {width}"
        )


@guard(_refuse_place)
# --8<-- [start:place_block]
def place_block(
    rows: int,
    columns: int,
    height: int,
    width: int,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Mark a block at a random place of the grid: True in it, shape (rows * columns,).

    I-JEPA, Section 3. All places where it fits are equally likely.

    Args:
        rows: of patches in the grid.
        columns: of patches in the grid.
        height: of the block in patches, at most ``rows``.
        width: of the block in patches, at most ``columns``.
        generator: draws the place; None takes the global one.

    Raises:
        ValueError: a number is no count, or the block does not fit.
    """
    top = torch.randint(rows - height + 1, (), generator=generator)
    left = torch.randint(columns - width + 1, (), generator=generator)
    block = torch.zeros(rows, columns, dtype=torch.bool)
    block[top : top + height, left : left + width] = True
    return block.flatten()


# --8<-- [end:place_block]


def _refuse_grid(rows: int, columns: int) -> None:
    check_counts(rows=rows, columns=columns)
    if min(rows, columns) < 2:
        raise ValueError(f"rows and columns must be above 1, got {rows}, {columns}")


@guard(_refuse_grid)
# --8<-- [start:sample_blocks]
def sample_blocks(
    rows: int, columns: int, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Draw one context and four target blocks of a grid of patches.

    I-JEPA, Section 3: targets of 0.15 to 0.2 of the patches and an aspect ratio from
    0.75 to 1.5, which may overlap; a square context of 0.85 to 1, less what is in a
    target. Where nothing is left of it, all is drawn anew.

    Args:
        rows: of patches in the grid.
        columns: of patches in the grid; 2 of both at least.
        generator: draws the numbers, on the CPU; None takes the global one.

    Returns:
        context: numbers of the visible patches, rising, shape (K,).
        blocks: numbers of the patches of each target, shape (4, B).

    Raises:
        ValueError: a number is not as above.

    Deviations:
        The official code's blocks never reach the grid's last row or column, and it
        draws a context of few patches again.
    """
    size = block_shape(rows, columns, (0.15, 0.2), (0.75, 1.5), generator)
    places = [place_block(rows, columns, *size, generator) for _ in range(4)]
    targets = torch.stack(places)  # (4, L)
    size = block_shape(rows, columns, (0.85, 1.0), (1.0, 1.0), generator)
    around = place_block(rows, columns, *size, generator)
    context = (around & ~targets.any(dim=0)).nonzero()[:, 0]  # no answer in sight
    if not len(context):
        return sample_blocks(rows, columns, generator)
    return context, targets.nonzero()[:, 1].view(4, -1)


# --8<-- [end:sample_blocks]


def _refuse_blocks(prediction: Tensor, features: Tensor, blocks: Tensor) -> None:
    check_batches(prediction=prediction)
    check_batches(features=features)
    if not isinstance(blocks, Tensor) or blocks.dtype != torch.int64:
        raise ValueError(f"blocks must be a tensor of torch.int64, got {blocks!r}")
    shapes = [tuple(each.shape) for each in (features, blocks, prediction)]
    if features.ndim != 3 or blocks.ndim != 3 or len(blocks) != len(features):
        raise ValueError(
            f"features must be (N, L, D) and blocks (N, M, B), got shapes {shapes[:2]}"
        )
    if shapes[2] != (*shapes[1], shapes[0][2]):
        raise ValueError(
            f"prediction must be {(*shapes[1], shapes[0][2])}, got shape {shapes[2]}"
        )
    if {prediction.device, blocks.device} != {features.device}:
        raise ValueError(f"prediction and blocks must be on {features.device}")
    if not blocks.is_meta and not 0 <= blocks.min() <= blocks.max() < features.shape[1]:
        raise ValueError(f"blocks must name patches below {features.shape[1]}")


@guard(_refuse_blocks)
# --8<-- [start:ijepa_loss]
def ijepa_loss(
    prediction: Tensor, features: Tensor, blocks: Tensor, squared: bool = False
) -> Tensor:
    """How far predicted features of hidden blocks are from the target encoder's.

    As in the official code: smooth L1 to the target encoder's features, each patch's
    layer-normalized over D, in the mean over all numbers. No gradient reaches them.

    Args:
        prediction: of each target block, patch by patch, shape (N, M, B, D).
        features: the target encoder's output for all patches, shape (N, L, D).
        blocks: numbers of the patches of each target block, shape (N, M, B).
        squared: whether to take the loss of the paper's Section 3: the squared distance
            to the features as they are, summed over the patches of a block, in the mean
            over blocks and images.

    Returns:
        A scalar (float32 for half precision; NaN if a number that counts is NaN).

    Raises:
        ValueError: an argument has the wrong shape, type, device or range.
    """
    target = features.detach()  # the target encoder learns by its moving average
    target = target.to(torch.promote_types(target.dtype, torch.float32))
    if not squared:
        target = F.layer_norm(target, target.shape[-1:])
    images = torch.arange(len(blocks), device=blocks.device)[:, None, None]
    error = prediction - target[images, blocks]  # (N, M, B, D)
    if squared:
        return error.square().sum(dim=(2, 3)).mean()
    return F.smooth_l1_loss(error, torch.zeros_like(error))


# --8<-- [end:ijepa_loss]
