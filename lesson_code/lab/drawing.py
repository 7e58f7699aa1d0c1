"""Figures of the lab: few kinds, drawn alike. matplotlib is imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Points = tuple[Sequence[float], Sequence[float]]
STYLES = ("-", "--", "-.", ":")


def curves(
    name: str,
    lines: Mapping[str, Points],
    *,
    x: str,
    y: str,
    y_limits: tuple[float, float],
    x_limits: tuple[float, float] | None = None,
) -> dict[str, str]:
    """Draw lines into one figure with fixed limits, so that it can be compared later.

    Args:
        name: of the figure.
        lines: by their labels, x and y.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        y_limits: lowest and highest y shown.
        x_limits: lowest and highest x shown; by default all.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(lines) // 2)
    figure, axes = plt.subplots(num=name, figsize=(4.8, 2.6 + 0.2 * rows), layout="constrained")
    for number, (label, (xs, ys)) in enumerate(lines.items()):
        color, style = f"C{number % 6}", STYLES[number // 6 % len(STYLES)]
        axes.plot(xs, ys, color=color, linestyle=style, label=label)
    ends = [point for xs, _ in lines.values() for point in xs]
    axes.set(xlabel=x, ylabel=y, ylim=y_limits, xlim=x_limits or (min(ends), max(ends)))
    figure.legend(loc="outside lower center", ncols=2)
    said = "; ".join(f"{label} ends at {ys[-1]:.2f}" for label, (_, ys) in lines.items())
    return {name: f"Line chart of {y} over {x}: {said}."}


def bars(
    name: str,
    groups: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    y: str,
    limits: tuple[float, float],
) -> dict[str, str]:
    """Draw horizontal bars: for each row one bar for each series, with its spread.

    Args:
        name: of the figure.
        groups: by the row's label, by the series' label, mean and spread.
        y: what the bars' length means.
        limits: where the axis begins and ends.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    series = list(next(iter(groups.values())))
    thick = 0.8 / len(series)
    size = (4.8, 0.9 + 0.22 * len(series) * len(groups))
    figure, axes = plt.subplots(num=name, figsize=size, layout="constrained")
    for number, label in enumerate(series):
        places = [row + (number - (len(series) - 1) / 2) * thick for row in range(len(groups))]
        means = [group[label][0] for group in groups.values()]
        spreads = [group[label][1] for group in groups.values()]
        axes.barh(places, means, 0.9 * thick, xerr=spreads, color=f"C{number}", label=label)
    axes.set(yticks=range(len(groups)), yticklabels=list(groups), xlabel=y, xlim=limits)
    axes.invert_yaxis()
    if len(series) > 1:
        figure.legend(loc="outside lower center", ncols=len(series))
    said = "; ".join(
        f"{row}: " + ", ".join(f"{label} {group[label][0]:.3f}" for label in series)
        for row, group in groups.items()
    )
    return {name: f"Bar chart of {y}. {said}."}
