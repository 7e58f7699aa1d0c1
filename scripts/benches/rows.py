"""What a benchmark reports."""

from __future__ import annotations

from dataclasses import dataclass


class CannotMeasureError(Exception):
    """This machine lacks something; the message says what."""


@dataclass
class Row:
    """One figure and what was promised about it."""

    what: str
    figure: str
    limit: str = ""
    ok: bool | None = None


def at_most(what: str, value: float, limit: float, unit: str, detail: str = "") -> Row:
    """A row that is fine up to ``limit``."""
    shown = value if isinstance(value, int) else f"{value:.2f}"
    return Row(what, f"{shown}{unit}{detail}", f"<= {limit:g}{unit}", value <= limit)
