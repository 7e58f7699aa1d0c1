"""Matplotlib's SVG made fit for a page: small, the same on every machine, following the theme."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBERS = ("d", "transform", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_FONT = re.compile(r"font: (?:(?P<face>[a-z ]*?) )?(?P<size>[\d.]+)px [^;\"]+")
_FAMILY = re.compile(r"font-family: [^;\"]+")
_NO_TURN = re.compile(r"rotate\(-?0(\.0*)?[ ,][^)]*\)")
_REFERENCE = re.compile(r"url\(#([^)]+)\)|^#(.+)$")
# The placeholders of book.mplstyle. They are colors no data takes by chance.
_THEME = {
    "#010203": "var(--fig-fg)",
    "#010204": "var(--fig-grid)",
    **{f"#01021{number}": f"var(--fig-{number})" for number in range(1, 7)},
}


def tidy(svg: str, prefix: str) -> str:
    """Round coordinates, drop what draws nothing, rename ids to ``prefix-1``..., theme colors."""
    ET.register_namespace("", _SVG)
    tree = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    _drop(tree)
    _rename(tree, prefix)
    for element in tree.iter():
        for name, value in element.attrib.items():
            element.set(name, _attribute(name.rpartition("}")[2], value))
    _flatten(tree)
    _size(tree)
    text = ET.tostring(tree, encoding="unicode")
    return re.sub(r">\s+<", ">\n<", text).strip() + "\n"


def _drop(tree: ET.Element) -> None:
    for parent in list(tree.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    tree.set("style", "stroke-linejoin: round; stroke-linecap: butt")


def _rename(tree: ET.Element, prefix: str) -> None:
    """Ids that something refers to get short names of this figure; the others go."""
    wanted: dict[str, str] = {}
    for element in tree.iter():
        for value in element.attrib.values():
            for match in _REFERENCE.finditer(value):
                old = match[1] or match[2]
                wanted.setdefault(old, f"{prefix}-{len(wanted) + 1}")
    for element in tree.iter():
        old = element.attrib.pop("id", "")
        if old in wanted:
            element.set("id", wanted[old])
        for name, value in element.attrib.items():
            if "#" in value:
                element.set(name, _REFERENCE.sub(lambda match: _point(match, wanted), value))


def _flatten(tree: ET.Element) -> None:
    """Take out groups that group nothing, shapes that draw nothing, turns by zero degrees."""
    for element in tree.iter():
        element.set("transform", _NO_TURN.sub("", element.get("transform", "")))
        if not element.get("transform"):
            del element.attrib["transform"]
        reference = element.attrib.pop(f"{{{_XLINK}}}href", None)
        if reference:
            element.set("href", reference)
    for parent in [*tree.iter()][::-1]:
        for position, child in reversed([*enumerate(parent)]):
            kind = child.tag.rpartition("}")[2]
            unseen = kind == "path" and child.get("style") == "fill: none" and not child.get("id")
            if kind == "g" and not child.attrib:
                parent[position : position + 1] = list(child)
            elif unseen or (kind == "defs" and not len(child)):
                parent.remove(child)


def _point(match: re.Match[str], names: dict[str, str]) -> str:
    return f"url(#{names[match[1]]})" if match[1] else f"#{names[match[2]]}"


def _attribute(name: str, value: str) -> str:
    if name in _NUMBERS or name in ("height", "style", "viewBox"):
        value = _NUMBER.sub(lambda match: f"{float(match[0]):.2f}".rstrip("0").rstrip("."), value)
        value = value.replace("-0 ", "0 ") if name == "d" else value
    for placeholder, variable in _THEME.items():
        value = value.replace(placeholder, variable)
    if "font" in value:
        value = _FONT.sub(_font, value)
        value = _FAMILY.sub("font-family: inherit", value)
    return " ".join(value.split())


def _font(match: re.Match[str]) -> str:
    face = match["face"] or ""
    weight = "font-weight: bold; " if "bold" in face else ""
    style = "font-style: italic; " if "italic" in face or "oblique" in face else ""
    return f"{weight}{style}font-size: {match['size']}px; font-family: inherit"


def _size(tree: ET.Element) -> None:
    """Points become pixels, so that nine points read as twelve pixels."""
    for side in ("width", "height"):
        points = float(tree.get(side, "0").removesuffix("pt"))
        tree.set(side, f"{points * 4 / 3:.0f}")
