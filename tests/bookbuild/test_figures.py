"""What ``tidy`` does to an SVG of matplotlib's."""

from __future__ import annotations

import io
import re
from pathlib import Path

import matplotlib
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from bookbuild.figures import tidy
from bookbuild.sandbox import STYLE

BOX = re.compile(r'<clipPath id="(.+?)">\s*<rect' + r' \w+="([\d.]+)"' * 4)
LINE = re.compile(r'<path d="(.+?)" clip-path="url\(#(.+?)\)" style="fill: none;(?!.*? miter)')
#: Pixels that axes cut off: of a seed its first step, of intervals what lies below 0 and 0.8.
CUT = {"dino-vit": 7.3, "omitted-digit": 8.8, "local-crops": 5.4}


@pytest.fixture
def raw() -> str:
    """A figure with lines, markers, a clip path, a legend, bold text and a formula."""
    with plt.style.context(STYLE):
        figure, axes = plt.subplots(num="raw")
        axes.plot([0, 1, 2], [1, 3, 2], "o-", label=r"$x^2$")
        axes.plot([0, 1, 2], [1, 2, 2], "--", label="b")
        axes.set_title("Bold", weight="bold")
        axes.legend()
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
        plt.close(figure)
    return buffer.getvalue()


def test_colors_follow_the_page_but_those_of_data_stay(raw: str) -> None:
    svg = tidy(raw, "p")
    assert "#0102" in raw and "#0102" not in svg
    for variable in ("var(--fig-fg)", "var(--fig-1)", "var(--fig-2)"):
        assert variable in svg
    root = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="72pt">'
    assert "#000000" in tidy(f'{root}<path style="fill: #000000" d="M 0 0"/></svg>', "p")


def test_every_reference_has_its_id_and_every_id_its_prefix(raw: str) -> None:
    svg = tidy(raw, "l1-3-fig")
    ids = re.findall(r' id="([^"]+)"', svg)
    used = re.findall(r"url\(#([^)]+)\)", svg) + re.findall(r'href="#([^"]+)"', svg)
    assert used and set(used) == set(ids)
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"l1-3-fig-\d+", name) for name in ids)


def test_points_become_pixels_of_two_decimals_and_text_stays_text(raw: str) -> None:
    svg = tidy(raw, "p")
    assert 'width="461"' in svg and 'viewBox="0 0 345.6 216"' in svg
    assert not re.search(r"\d\.\d{3}", svg)
    assert ">Bold</text>" in svg and "font-weight" in svg
    assert "DejaVu" not in svg and "font-family: inherit" in svg


def test_nothing_reaches_the_rest_of_the_page(raw: str) -> None:
    svg = tidy(raw, "p")
    for gone in ("<style", "<metadata", "<!--", "<?xml", "DOCTYPE"):
        assert gone in raw or gone == "<!--"
        assert gone not in svg
    assert len(svg) < len(raw) / 2


def test_tidying_twice_changes_nothing_more_but_the_size(raw: str) -> None:
    once = tidy(raw, "p")
    body = once.split(">", 1)[1]
    assert tidy(once, "p").split(">", 1)[1] == body


@pytest.mark.parametrize("path", sorted(Path("lesson_code/results").glob("*/*/*.svg")), ids=str)
def test_no_line_of_a_figure_leaves_its_axes(path: Path) -> None:
    svg = path.read_text()
    boxes = {box[0]: [*map(float, box[1:])] for box in BOX.findall(svg)}
    for drawn, name in LINE.findall(svg):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", drawn)]
        for ends, start, size in zip((numbers[::2], numbers[1::2]), boxes[name], boxes[name][2:]):
            assert max(start - min(ends), max(ends) - start - size) < CUT.get(path.stem, 0.6)
