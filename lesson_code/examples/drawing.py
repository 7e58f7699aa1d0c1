"""What the schematic figures of all lessons share: a canvas in inches, boxes and arrows."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

Point = tuple[float, float]


class Drawing:
    """The figure ``name``; one unit of its axes ``ax`` is one inch, from ``floor`` upward."""

    def __init__(
        self, name: str, width: float, height: float, floor: float = 0.0
    ) -> None:
        fig = plt.figure(num=name, figsize=(width, height - floor), layout="none")
        self.ax = fig.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, width), ylim=(floor, height))
        self.ax.axis("off")
        self.ink = plt.rcParams["text.color"]

    def box(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        width: float,
        height: float = 0.56,
        **style: Any,
    ) -> None:
        """Draw a labeled box whose center is (x, y)."""
        self.ax.add_patch(
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
        self.label(x, y, text, **{"fontsize": 8.5, "linespacing": 1.2} | style)

    def label(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write text, in the middle of (x, y) unless a style says otherwise.

        Each line is centered by itself, whatever letters the page has.
        """
        lines, apart = text.split("\n"), 0.165 * (style.pop("linespacing", None) or 1.0)
        for number, line in enumerate(lines):
            at = y + apart * ((len(lines) - 1) / 2 - number)
            self.ax.text(x, at, line, **{"ha": "center", "va": "center"} | style)

    def arrow(self, *points: Point, style: str = "-") -> None:
        """Draw a line through the points, with a head at the last."""
        if len(points) > 2:
            self.ax.plot(*zip(*points[:-1], strict=True), color=self.ink, linewidth=1.1)
        self.link(*points[-2:], linestyle=style, mutation_scale=9)

    def link(self, start: Point, end: Point, bend: float = 0.0, **style: Any) -> None:
        """Draw an arrow from start to end, bent by a share of its length."""
        usual = {"arrowstyle": "-|>", "color": self.ink, "mutation_scale": 8}
        arrow = {"linewidth": 1.1, "shrinkA": 0, "shrinkB": 0, **usual, **style}
        self.ax.add_patch(
            FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={bend}", **arrow)
        )
