"""Holding a new result against the committed one.

Words and whole numbers must agree exactly; decimals to two units of their last printed digit or to
a relative tolerance; values and tables to that tolerance; figures by what they draw, to 0.05 of a
pixel. A number such as ``1.`` prints no digit to be uncertain about and counts as whole. An example
that trains for minutes may declare wider, absolute tolerances of its own (``project.Tolerances``);
a decimal in its output or an alternative text may move as far as the value or cell it repeats.
"""

from __future__ import annotations

import base64
import difflib
import io
import math
import re
from collections.abc import Sequence

from bookbuild import tables
from bookbuild.project import Tolerances
from bookbuild.results import Result, Value
from bookbuild.tables import Cell, Table

_DECIMAL = re.compile(
    r"(?<![\w.])[-+\N{MINUS SIGN}]?(?:\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?!\w|\.\d)"
)
_PADDED = re.compile(rf"[ \t]*{_DECIMAL.pattern}[ \t]*")
_COORDINATE = re.compile(r"[-+]?\d+(?:\.\d+)?")
_STYLE = re.compile(r"(?:style|opacity)=\"[^\"]*\"")
_TAG = re.compile(r"<[^>]*>")
_IMAGE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_VALUE_FLOOR = 1e-6
Held = Sequence[tuple[float, float]]


def differences(old: Result, new: Result, allowed: Tolerances) -> list[str]:
    """What a reader would see change, as readable diffs; empty when the results agree."""
    found = []
    texts = allowed.relative, allowed.printed, held(old, allowed)
    if not same_text(old.output, new.output, *texts):
        found.append(_diff("output", old.output, new.output))
    for figure in sorted(old.figures.keys() | new.figures.keys()):
        before, after = old.figures.get(figure, ""), new.figures.get(figure, "")
        difference = figure_difference(before, after, allowed)
        if difference:
            found.append(f"figure {figure}: {difference}")
    for figure in sorted(old.alt.keys() & new.alt.keys()):
        if not same_text(old.alt[figure], new.alt[figure], *texts):
            found.append(_diff(f"alternative text of {figure}", old.alt[figure], new.alt[figure]))
    for key in sorted(old.values.keys() | new.values.keys()):
        if key not in new.values or key not in old.values:
            found.append(f"value {key}: {'added' if key in new.values else 'gone'}")
        elif not same_value(old.values[key], new.values[key], allowed, key):
            found.append(f"value {key}: was {old.values[key]!r}, is {new.values[key]!r}")
    for name in sorted(old.tables.keys() | new.tables.keys()):
        if name not in new.tables or name not in old.tables:
            found.append(f"table {name}: {'added' if name in new.tables else 'gone'}")
        else:
            changes = _table_differences(old.tables[name], new.tables[name], allowed)
            found += [f"table {name}, {change}" for change in changes]
    return found


def held(result: Result, allowed: Tolerances) -> Held:
    """The decimals of the values and tables, which texts beside them may repeat."""
    numbers: list[tuple[tuple[str, ...], Value]] = [((k,), v) for k, v in result.values.items()]
    for table in result.tables.values():
        for row in table.rows:
            for (column, _), cell in zip(table.columns, row, strict=True):
                names = tables.keys(f"{row[0]} {column}")
                numbers += [(names, number) for number in tables.numbers(cell)]
    found = [(one, allowed.slack(one, *names)) for names, one in numbers if isinstance(one, float)]
    return [pair for pair in found if math.isfinite(pair[1])]


def same_text(old: str, new: str, tolerance: float, printed: float = 0.0, known: Held = ()) -> bool:
    """Whether two texts agree but for decimals within tolerance and for the spaces beside them.

    ``tolerance`` is relative, ``printed`` absolute, that of a ``known`` number its own; the widest
    counts.
    """
    if old == new:
        return True
    before, after = _DECIMAL.findall(old), _DECIMAL.findall(new)
    if _words(old) != _words(new):
        return False
    return all(map(lambda a, b: _same_decimal(a, b, tolerance, printed, known), before, after))


def _words(text: str) -> list[str]:
    """Each line, a mark for each decimal and the padding around it; its sign may come and go."""
    return [line.rstrip() for line in _PADDED.sub(" \0 ", text).strip("\n").split("\n")]


def _same_decimal(old: str, new: str, tolerance: float, printed: float, known: Held) -> bool:
    old, new = (number.replace("\N{MINUS SIGN}", "-") for number in (old, new))
    units = 2.000001 * max(_last_digit(old), _last_digit(new))  # the epsilon is for the binary gap
    places = len(old.partition(".")[2])
    printing = old.lstrip("+")
    repeated = [slack + units / 2 for one, slack in known if f"{one:.{places}f}" == printing]
    widest = max(units, tolerance * abs(float(old)), printed * 1.000001, *repeated)
    return abs(float(old) - float(new)) <= widest


def _last_digit(number: str) -> float:
    """The weight of the last printed digit: 0.01 for ``3.14``, 1e-9 for ``1.50e-07``."""
    mantissa, _, exponent = number.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(10.0 ** (int(exponent or 0) - digits))


def same_value(old: Value, new: Value, allowed: Tolerances, *names: str) -> bool:
    """Whether two values agree: floats within the tolerance for ``names``, all else exactly."""
    if isinstance(old, float) and isinstance(new, float):
        if key := allowed.key(*names):
            return abs(old - new) <= allowed.within[key] * 1.000001
        return abs(old - new) <= max(allowed.relative * max(abs(old), abs(new)), _VALUE_FLOOR)
    return type(old) is type(new) and old == new


def _table_differences(old: Table, new: Table, allowed: Tolerances) -> list[str]:
    if old.columns != new.columns:
        return [f"columns: were {list(old.columns)}, are {list(new.columns)}"]
    if len(old.rows) != len(new.rows):
        return [f"rows: were {len(old.rows)}, are {len(new.rows)}"]
    found = []
    for number, (before, after) in enumerate(zip(old.rows, new.rows, strict=True), 1):
        for (column, _), was, now in zip(old.columns, before, after, strict=True):
            if not same_cell(was, now, allowed, *tables.keys(f"{before[0]} {column}")):
                found.append(f"row {number} ({before[0]}), {column}: was {was!r}, is {now!r}")
    return found


def same_cell(old: Cell, new: Cell, allowed: Tolerances, *names: str) -> bool:
    """Whether two cells agree: as values do, but a decimal may come out whole.

    A mean of equal counts, or the larger of a number and 0, is an int in one run and a float in
    the next, and the column's format writes both alike. Two ints must be equal. Text is compared
    as output is: decimals in it within tolerance.
    """
    if isinstance(old, str) and isinstance(new, str):
        return same_text(old, new, allowed.relative, allowed.printed)
    before, after = tables.numbers(old), tables.numbers(new)
    if not before or len(before) != len(after):
        return type(old) is type(new) and old == new
    return all(
        same_value(float(a), float(b), allowed, *names) if {type(a), type(b)} != {int} else a == b
        for a, b in zip(before, after, strict=True)
    )


def figure_difference(old: str, new: str, allowed: Tolerances) -> str:
    """Why two SVGs do not draw the same, or nothing."""
    if old == new:
        return ""
    if not old or not new:
        return "added" if new else "gone"
    pictures = _IMAGE.findall(old), _IMAGE.findall(new)
    if len(pictures[0]) != len(pictures[1]):
        return "it holds more images or fewer"
    if not all(map(lambda a, b: a == b or _close(a, b, allowed.pictures), *pictures)):
        return "an image in it differs"
    old, new = _IMAGE.sub("image", old), _IMAGE.sub("image", new)
    labels = _labels(old), _labels(new)
    if not same_text(*labels, allowed.relative, allowed.printed):
        return _diff("labels", *labels)
    if _STYLE.findall(old) != _STYLE.findall(new):
        return "it is drawn in another style"
    before, after = "".join(_TAG.findall(old)), "".join(_TAG.findall(new))
    if _COORDINATE.sub("\0", before) != _COORDINATE.sub("\0", after):
        return "it draws other shapes"
    pairs = zip(_COORDINATE.findall(before), _COORDINATE.findall(after), strict=True)
    moved = max((abs(float(a) - float(b)) for a, b in pairs), default=0.0)
    return f"shapes moved by up to {moved:.2f} px" if moved > allowed.pixels else ""


def _labels(svg: str) -> str:
    return "\n".join(line for line in _TAG.sub("\n", svg).split("\n") if line.strip())


def _close(old: str, new: str, mean: float | None) -> bool:
    """Whether two PNGs agree to two of 255 steps in every pixel, or to ``mean`` steps in the mean.

    The mean is over the pixels of each channel: color counts no less than light.
    """
    from PIL import Image, ImageChops, ImageStat  # a build with nothing stale needs no imaging

    pictures = [Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA") for png in (old, new)]
    if pictures[0].size != pictures[1].size:
        return False
    apart = ImageChops.difference(*pictures)
    if mean is not None:
        return max(ImageStat.Stat(apart).mean) <= mean
    return apart.point(lambda level: 255 * (level > 2)).getbbox(alpha_only=False) is None


def _diff(what: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), f"{what}, committed", f"{what}, now", lineterm="", n=2
    )
    return "\n".join(lines)
