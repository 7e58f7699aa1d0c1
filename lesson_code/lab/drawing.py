"""Figures of the lab: few kinds, drawn alike. matplotlib is imported when one is drawn."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import torch

Points = tuple[Sequence[float], Sequence[float]]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<")
STYLES = ("-", "--", "-.", ":")


def curves(
    name: str,
    lines: Mapping[str, Points],
    *,
    x: str,
    y: str,
    y_limits: tuple[float, float],
    x_limits: tuple[float, float] | None = None,
    x_names: Sequence[str] = (),
) -> dict[str, str]:
    """Draw lines into one figure with fixed limits, so that it can be compared later.

    Args:
        name: of the figure.
        lines: by their labels, x and y.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        y_limits: lowest and highest y shown.
        x_limits: lowest and highest x shown; by default all.
        x_names: what stands at 0, 1, 2 ... of the horizontal axis in place of numbers;
            the points are then marked.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(lines) // 2)
    figure, axes = plt.subplots(num=name, figsize=(4.8, 2.6 + 0.2 * rows), layout="constrained")
    for number, (label, (xs, ys)) in enumerate(lines.items()):
        color, style = f"C{number % 6}", STYLES[number // 6 % len(STYLES)]
        marker = MARKERS[number % len(MARKERS)] if x_names else ""
        axes.plot(xs, ys, color=color, linestyle=style, marker=marker, label=label)
    ends = [point for xs, _ in lines.values() for point in xs]
    axes.set(xlabel=x, ylabel=y, ylim=y_limits, xlim=x_limits or (min(ends), max(ends)))
    if x_names:
        axes.set_xticks(range(len(x_names)), x_names)
    if len(lines) > 1:
        figure.legend(loc="outside lower center", ncols=2)
    said = "; ".join(
        f"{label}: {', '.join(f'{value:.2f}' for value in ys)}"
        if x_names
        else f"{label} ends at {ys[-1]:.2f}"
        for label, (_, ys) in lines.items()
    )
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
        axes.barh(
            places,
            means,
            0.9 * thick,
            xerr=spreads,
            color=f"C{number}",
            ecolor=plt.rcParams["text.color"],
            label=label,
        )
    axes.set(yticks=range(len(groups)), yticklabels=list(groups), xlabel=y, xlim=limits)
    axes.invert_yaxis()
    if len(series) > 1:
        figure.legend(loc="outside lower center", ncols=len(series))
    said = "; ".join(
        f"{row}: " + ", ".join(f"{label} {group[label][0]:.3f}" for label in series)
        for row, group in groups.items()
    )
    return {name: f"Bar chart of {y}. {said}."}


def stacked(
    name: str,
    lines: Mapping[str, Mapping[str, Sequence[Points]]],
    *,
    x: str,
    panels: Mapping[str, tuple[float, float]],
    looks: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, str]:
    """Draw panels one above the other: in each, a line for each label, the mean over seeds.

    Args:
        name: of the figure.
        lines: by label and panel, a curve for each seed, all at the same places. The
            seeds are drawn thinly, their mean strongly.
        x: label of the horizontal axis.
        panels: label and limits of each vertical axis, from the top.
        looks: color and style of the lines that shall not have the next color.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    height = 0.6 + 1.6 * len(panels) + 0.2 * -(-len(lines) // 2)
    figure, axes = plt.subplots(
        len(panels), num=name, figsize=(4.8, height), layout="constrained", sharex=True
    )
    said = {panel: [] for panel in panels}  # type: dict[str, list[str]]
    for number, (label, by_panel) in enumerate(lines.items()):
        color, style = (looks or {}).get(label, (f"C{number % 6}", "-"))
        for axis, panel in zip(axes, panels, strict=True):
            seeds = by_panel[panel]
            for xs, ys in seeds if len(seeds) > 1 else ():
                axis.plot(xs, ys, color=color, linestyle=style, linewidth=0.6, alpha=0.5)
            middle = [statistics.fmean(each) for each in zip(*(ys for _, ys in seeds), strict=True)]
            drawn = label if axis is axes[0] else None
            axis.plot(seeds[0][0], middle, color=color, linestyle=style, label=drawn)
            said[panel].append(f"{label} ends at {middle[-1]:.2f}")
    last = max(xs[-1] for by_panel in lines.values() for xs, _ in by_panel[next(iter(panels))])
    for axis, (panel, limits) in zip(axes, panels.items(), strict=True):
        axis.set(ylabel=panel, ylim=limits, xlim=(0, last))
    axes[-1].set(xlabel=x)
    figure.legend(loc="outside lower center", ncols=2)
    told = " ".join(f"Panel {panel}: {'; '.join(ends)}." for panel, ends in said.items())
    return {name: f"Line charts over {x}, means over the seeds. {told}"}


def plane(
    name: str,
    points: Mapping[str, Points],
    *,
    x: str,
    y: str,
    limits: tuple[tuple[float, float], tuple[float, float]],
    notes: Mapping[str, tuple[float, float]],
) -> dict[str, str]:
    """Draw named groups of points, each with a color and a marker of its own.

    Args:
        name: of the figure.
        points: by their label, x and y of each seed.
        x: label of the horizontal axis.
        y: label of the vertical axis.
        limits: of both axes, horizontal first.
        notes: words in the plane, and where they stand.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    rows = -(-len(points) // 2)
    figure, axis = plt.subplots(num=name, figsize=(4.8, 2.9 + 0.2 * rows), layout="constrained")
    for number, (label, (xs, ys)) in enumerate(points.items()):
        color, marker = f"C{number % 6}", MARKERS[number % len(MARKERS)]
        axis.plot(xs, ys, marker, color=color, alpha=0.8, label=label)
    for note, (left, bottom) in notes.items():
        axis.text(left, bottom, note, style="italic", alpha=0.7)
    axis.set(xlabel=x, ylabel=y, xlim=limits[0], ylim=limits[1])
    figure.legend(loc="outside lower center", ncols=2)
    said = "; ".join(
        f"{label}: {statistics.fmean(xs):.2f} and {statistics.fmean(ys):.1f}"
        for label, (xs, ys) in points.items()
    )
    return {name: f"Scatter chart of {y} against {x}. Means of {x} and {y}: {said}."}


def contact_sheet(name: str, rows: Mapping[str, Any], said: str) -> dict[str, str]:
    """Draw rows of small images under their labels.

    Args:
        name: of the figure.
        rows: by their label, images ``(n, C, H, W)``; one channel is scaled to the range
            of each image, three are cut to 0 to 1.
        said: the alternative text.

    Returns:
        The alternative text by the figure's name.
    """
    import matplotlib.pyplot as plt

    count = max(len(images) for images in rows.values())
    size = (4.8, (0.25 + 4.6 / count) * len(rows))
    figure, axes = plt.subplots(
        len(rows), num=name, figsize=size, layout="constrained", squeeze=False
    )
    for axis, (label, images) in zip(axes[:, 0], rows.items(), strict=True):
        axis.imshow(strip(images), interpolation="none")
        axis.set_title(label, loc="left", pad=2)
        axis.axis("off")
    return {name: said}


def strip(images: Any) -> Any:
    """Images side by side as one picture with transparent gaps, ``(H, W, 4)`` bytes."""
    import numpy as np

    pixels = images.detach().double()
    if images.shape[1] == 1:
        low = pixels.amin(dim=(1, 2, 3), keepdim=True)
        high = pixels.amax(dim=(1, 2, 3), keepdim=True)
        pixels = ((pixels - low) / (high - low).clamp_min(1e-6)).expand(-1, 3, -1, -1)
    bytes_of = (255 * pixels.clamp(0, 1)).round().byte().permute(0, 2, 3, 1).numpy()
    n, height, width = bytes_of.shape[:3]
    sheet = np.zeros((height, n * (width + 1) - 1, 4), dtype=np.uint8)
    for number, picture in enumerate(bytes_of):
        left = number * (width + 1)
        sheet[:, left : left + width, :3] = picture
        sheet[:, left : left + width, 3] = 255
    return sheet


def mosaic(name: str, rows: Sequence[tuple[str, torch.Tensor]]) -> list[str]:
    """Draw rows of small gray pictures; where a pixel is NaN, nothing is drawn.

    Args:
        name: of the figure.
        rows: label and pictures ``(N, H, W)`` of each row, standardized; all rows have
            as many pictures of the same size.

    Returns:
        The figure's name: what the pictures show, the caller must say.
    """
    import matplotlib.pyplot as plt

    lines, columns = len(rows), len(rows[0][1])
    figure, axes = plt.subplots(lines, num=name, figsize=(4.8, 0.62 * lines), layout="constrained")
    for axis, (label, pictures) in zip(axes, rows, strict=True):
        side = pictures.shape[2]
        strip = torch.full((side, columns * (side + 2) - 2), torch.nan)
        for number, picture in enumerate(pictures):
            left = number * (side + 2)
            strip[:, left : left + side] = picture
        axis.imshow(strip.numpy(), cmap="gray_r", vmin=-1.6, vmax=2.2, interpolation="none")
        axis.set(xticks=[], yticks=[(side - 1) / 2], yticklabels=[label])
        axis.tick_params(length=0)
        axis.spines[:].set_visible(False)
    return [name]
