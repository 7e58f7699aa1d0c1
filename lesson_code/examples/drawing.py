"""What the schematic figures of all lessons share: an empty canvas and a rounded box."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch


def canvas(name: str, width: float, height: float, floor: float = 0.0) -> Axes:
    """Open the figure ``name``; one unit of its axes is one inch, from ``floor`` upward."""
    fig = plt.figure(num=name, figsize=(width, height - floor), layout="none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(floor, height))
    ax.axis("off")
    return ax


def rounded(
    ax: Axes, x: float, y: float, color: str, width: float, height: float
) -> None:
    """Draw an empty box whose center is (x, y)."""
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=(color, 0.18),
            edgecolor=color,
            linewidth=1.2,
        )
    )
