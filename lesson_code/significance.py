"""Is a difference real? Spread of runs, McNemar's test, and the paired bootstrap."""

# --8<-- [start:imports]
import math

import torch

# --8<-- [end:imports]

from lesson_code.guards import check_batches, check_counts, check_finite, guard


def _refuse_numbers(numbers: torch.Tensor) -> None:
    check_batches(numbers=numbers)
    if numbers.ndim != 1 or len(numbers) < 2:
        shape = tuple(numbers.shape)
        raise ValueError(f"numbers must be at least 2 in a row, got shape {shape}")


@guard(_refuse_numbers)
# --8<-- [start:sample_deviation]
def sample_deviation(numbers: torch.Tensor) -> float:
    r"""How far runs lie apart: the standard deviation of a sample.

    .. math:: \sqrt{\frac{1}{n - 1} \sum_i (x_i - \bar x)^2}

    The mean was taken from the same numbers and lies nearer to them than the true mean
    does. Dividing by n - 1 instead of n makes up for that, exactly so for the square.

    Args:
        numbers: one measurement of each run, floating point, shape ``(n,)``, n >= 2.

    Returns:
        The deviation; 0 if all numbers are equal.

    Raises:
        ValueError: if there are fewer than two numbers, or they are no vector.
    """
    apart = numbers.double() - numbers.double().mean()
    return math.sqrt(apart.square().sum().item() / (len(numbers) - 1))


# --8<-- [end:sample_deviation]


def _refuse_answers(first: torch.Tensor, second: torch.Tensor) -> None:
    for name, answers in {"first": first, "second": second}.items():
        if not isinstance(answers, torch.Tensor) or answers.dtype != torch.bool:
            what = getattr(answers, "dtype", type(answers).__name__)
            raise ValueError(f"{name} must be a tensor of booleans, got {what}")
        if answers.ndim != 1 or not len(answers):
            shape = tuple(answers.shape)
            raise ValueError(f"{name} must be a non-empty row, got shape {shape}")
    if len(first) != len(second):
        raise ValueError(
            f"second must have an answer for each of {len(first)} images, "
            f"got {len(second)}"
        )


@guard(_refuse_answers)
# --8<-- [start:mcnemar_test]
def mcnemar_test(first: torch.Tensor, second: torch.Tensor) -> float:
    """How easily chance alone makes two classifiers differ so: McNemar's exact test.

    Images that both name right, or both wrong, say nothing about which is better. If
    neither is, each of the others is the toss of a coin.

    Args:
        first: which images the first classifier names right, booleans, shape ``(N,)``.
        second: the same of the second, on the same images in the same order.

    Returns:
        The two-sided p-value, from the binomial distribution: how probable a split of
        the disagreements at least as uneven is. 1 if there are none.

    Raises:
        ValueError: if these are not booleans in two rows of one length.
    """
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    n, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(n, wins) for wins in range(fewer + 1))
    return min(1.0, 2 * tail / 2**n)


# --8<-- [end:mcnemar_test]


def _refuse_values(
    values: torch.Tensor,
    units: torch.Tensor | None,
    level: float,
    resamples: int,
) -> None:
    check_batches(values=values)
    check_finite(values=values)
    if values.ndim != 1:
        raise ValueError(f"values must be a row, got shape {tuple(values.shape)}")
    if units is not None and getattr(units, "shape", None) != values.shape:
        shape = tuple(getattr(units, "shape", ()))
        raise ValueError(
            f"units must be one for each of {len(values)} values, got shape {shape}"
        )
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, got {level}")
    check_counts(resamples=resamples)


# --8<-- [start:totals_of_units]
def totals_of_units(
    values: torch.Tensor, units: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sum the values of each unit, and count them; without units each is a unit.

    Args:
        values: shape ``(N,)``.
        units: which unit each value belongs to, ``(N,)``, or None.

    Returns:
        The sums in float64 and the counts, each ``(U,)``.
    """
    unit = torch.arange(len(values)) if units is None else units
    unit = torch.unique(unit, return_inverse=True)[1]  # (N,), from 0 to U - 1
    sizes = unit.bincount()  # (U,)
    sums = torch.zeros(len(sizes)).double().index_add(0, unit, values.double())
    return sums, sizes


# --8<-- [end:totals_of_units]


@guard(_refuse_values)
# --8<-- [start:bootstrap_interval]
def bootstrap_interval(
    values: torch.Tensor,
    units: torch.Tensor | None = None,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[float, float]:
    """Within which bounds a mean lies, by drawing the sample again from itself.

    The percentile bootstrap (Efron and Tibshirani, 1993, chapter 13). With units it
    draws whole units: images of one writer tell less than as many of others.

    Args:
        values: one for each image, floating point, shape ``(N,)``.
        units: which unit, such as its writer, each image belongs to, ``(N,)``; None
            makes each image a unit of its own.
        level: the share of resampled means between the bounds.
        resamples: how many means.
        seed: of the draws.

    Returns:
        The lower and the upper bound. Of few units they are too close together.

    Raises:
        ValueError: if an argument is not as above, or a value is not finite.
    """
    draws = torch.Generator().manual_seed(seed)
    sums, sizes = totals_of_units(values, units)
    rows = torch.randint(len(sizes), (resamples, len(sizes)), generator=draws)
    means = sums[rows].sum(dim=1) / sizes[rows].sum(dim=1)  # (R,)
    tails = means.new_tensor([1 - level, 1 + level]) / 2
    low, high = means.quantile(tails).tolist()
    return low, high


# --8<-- [end:bootstrap_interval]


def _refuse_pair(first: torch.Tensor, second: torch.Tensor) -> None:
    check_batches(first=first, second=second)


@guard(_refuse_pair)
# --8<-- [start:paired_difference]
def paired_difference(
    first: torch.Tensor,
    second: torch.Tensor,
    units: torch.Tensor | None = None,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """By how much the first is better on the same images, with bootstrap bounds.

    How hard an image is counts for both alike and cancels in the difference, so the
    bounds are closer than those of two accuracies taken apart.

    Args:
        first: how right the first is on each image, 0 to 1, floating point, shape
            ``(N,)``: one run's hits, or the share of several runs that hit.
        second: the same of the second, on the same images in the same order.
        units: as in ``bootstrap_interval``; the writers, if new writers are meant.
        level: how sure the bounds are to hold the difference, 0.95 for 95%.

    Returns:
        The mean difference, its lower and its upper bound.

    Raises:
        ValueError: if shapes, types or ``level`` are not as above.
    """
    gained = first.double() - second.double()
    return gained.mean().item(), *bootstrap_interval(gained, units, level)


# --8<-- [end:paired_difference]
