"""Figures of the lab: few kinds, drawn alike. matplotlib is imported when one is drawn.

What draws from numbers returns the alternative text by the figure's name.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import torch

Points = tuple[Sequence[float], Sequence[float]]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<")
STYLES = ("-", "--", "-.", ":")
FILLS = (1, 0, 0.5, 0.25)


def _named(figure: Any, labels: Sequence[str], high: float) -> None:
    """Name the series below a drawing so many inches high, in two columns where they fit.

    A phone shows letters up to 1.3 times as large: that much of the width stays free.
    """
    half = -(-len(labels) // 2)
    first, second = (max(map(len, part), default=0) for part in (labels[:half], labels[half:]))
    columns = 2 if first + second <= 45 else 1
    rows = half if columns == 2 else len(labels)
    figure.set_size_inches(4.8, high + 0.2 * rows)
    for axis in figure.axes:
        axis.yaxis.labelpad = 8
    room = {"columnspacing": 1 + 0.17 * first, "labelspacing": 0.7, "borderaxespad": 0.9}
    figure.legend(loc="outside lower left", ncols=columns, **room)


def _marks(number: int, points: int) -> dict[str, Any]:
    """A marker of its own for each line, at about five of its points, beside those of others."""
    step = max(1, points // 5)
    return {"marker": MARKERS[number % len(MARKERS)], "markevery": (number % step, step)}


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
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(num=name, figsize=(4.8, 2.6), layout="constrained")
    for number, (label, (xs, ys)) in enumerate(lines.items()):
        color, style = f"C{number % 6}", STYLES[number // 6 % len(STYLES)]
        marks = _marks(number, 1 if x_names else len(xs))
        axes.plot(xs, ys, color=color, linestyle=style, label=label, **marks)
    ends = [point for xs, _ in lines.values() for point in xs]
    axes.set(xlabel=x, ylabel=y, ylim=y_limits, xlim=x_limits or (min(ends), max(ends)))
    if x_names:
        axes.set_xticks(range(len(x_names)), x_names)
    axes.locator_params(axis="y", nbins=6, steps=[1, 2, 5, 10])
    if len(lines) > 1:
        _named(figure, [*lines], 2.6)
    said = "; ".join(
        f"{label}: {', '.join(f'{value:z.2f}' for value in ys)}"
        if x_names
        else f"{label} ends at {ys[-1]:z.2f}"
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
    """Draw horizontal bars: for each row of ``groups`` one bar for each series, mean and spread.

    ``y`` says what the bars' length means, ``limits`` where the axis begins and ends.
    """
    import matplotlib.pyplot as plt

    series = list(next(iter(groups.values())))
    thick = 0.8 / len(series)
    high = 0.6 + 0.22 * len(series) * len(groups)
    figure, axes = plt.subplots(num=name, figsize=(4.8, high), layout="constrained")
    for number, label in enumerate(series):
        places = [row + (number - (len(series) - 1) / 2) * thick for row in range(len(groups))]
        means = [group[label][0] for group in groups.values()]
        spreads = [group[label][1] for group in groups.values()]
        axes.barh(
            places,
            means,
            0.9 * thick,
            xerr=spreads,
            color=(f"C{number}", FILLS[number % len(FILLS)]),
            edgecolor=f"C{number}",
            ecolor=plt.rcParams["text.color"],
            label=label,
        )
    axes.set(yticks=range(len(groups)), yticklabels=list(groups), xlabel=y, xlim=limits)
    axes.invert_yaxis()
    axes.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    if len(series) > 1:
        _named(figure, series, high)
    said = "; ".join(
        f"{row}: " + ", ".join(f"{label} {group[label][0]:z.3f}" for label in series)
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
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(panels), num=name, layout="constrained", sharex=True)
    said = {panel: [] for panel in panels}  # type: dict[str, list[str]]
    for number, (label, by_panel) in enumerate(lines.items()):
        color, style = (looks or {}).get(label, (f"C{number % 6}", "-"))
        for axis, panel in zip(axes, panels, strict=True):
            seeds = by_panel[panel]
            for xs, ys in seeds if len(seeds) > 1 else ():
                axis.plot(xs, ys, color=color, linestyle=style, linewidth=0.6, alpha=0.5)
            middle = [statistics.fmean(each) for each in zip(*(ys for _, ys in seeds), strict=True)]
            drawn = label if axis is axes[0] else None
            look = {"color": color, "linestyle": style} | _marks(number, len(middle))
            axis.plot(seeds[0][0], middle, label=drawn, **look)
            said[panel].append(f"{label} ends at {middle[-1]:z.2f}")
    last = max(xs[-1] for by_panel in lines.values() for xs, _ in by_panel[next(iter(panels))])
    for axis, (panel, limits) in zip(axes, panels.items(), strict=True):
        axis.set(ylabel=panel, ylim=limits, xlim=(0, last))
    axes[-1].set(xlabel=x)
    _named(figure, [*lines], 0.6 + 1.6 * len(panels))
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
    """
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(num=name, layout="constrained")
    for number, (label, (xs, ys)) in enumerate(points.items()):
        color, marker = f"C{number % 6}", MARKERS[number % len(MARKERS)]
        axis.plot(xs, ys, marker, color=color, alpha=0.8, label=label)
    for note, (left, bottom) in notes.items():
        axis.text(left, bottom, note, style="italic", alpha=0.7)
    axis.set(xlabel=x, ylabel=y, xlim=limits[0], ylim=limits[1])
    _named(figure, [*points], 2.9)
    said = "; ".join(
        f"{label}: {statistics.fmean(xs):z.2f} and {statistics.fmean(ys):z.1f}"
        for label, (xs, ys) in points.items()
    )
    return {name: f"Scatter chart of {y} against {x}. Means of {x} and {y}: {said}."}


def contact_sheet(name: str, rows: Mapping[str, Any], said: str) -> dict[str, str]:
    """Draw rows of small images ``(n, C, H, W)`` under their labels; ``said`` tells what they show.

    One channel is scaled to the range of each image, three are cut to 0 to 1.
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
    """Draw labeled rows of small gray pictures ``(N, H, W)``, as many of one size in each.

    They are standardized; where a pixel is NaN, nothing is drawn. Returns the figure's name:
    what the pictures show, the caller must say.
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
