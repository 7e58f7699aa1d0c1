"""When two results agree."""

from __future__ import annotations

import base64
import io

import pytest
from bookbuild.compare import differences, figure_difference, same_text, same_value
from bookbuild.results import Result
from PIL import Image

AGREE = [
    ("loss 0.5000", "loss 0.5002"),
    ("loss 0.0900", "loss 0.0902"),
    ("12345.6", "12346.0"),
    ("1.50e-07", "1.52e-07"),
    ("a  1.25\nb", "a 1.25\nb"),
    ("[ 0.25 -0.50]", "[0.25 -0.51]"),
    ("-0.001 x", "0.001 x"),
    ("tensor([1., 2.])", "tensor([1., 2.])"),
]
DIFFER = [
    ("loss 0.5000", "loss 0.5003"),
    ("12 steps", "13 steps"),
    ("tensor([1., 2.])", "tensor([2., 2.])"),
    ("tensor([1., 2.])", "tensor([1., 3.])"),
    ("accuracy: True", "accuracy: False"),
    ("0.50", "0.50 0.50"),
    ("a\nb", "a b"),
    ("1.50e-07", "1.50e-06"),
    ("version 2.14.1", "version 2.14.2"),
    ("0.5", "nan"),
    ("x 0.5", ""),
]


@pytest.mark.parametrize(("old", "new"), AGREE)
def test_texts_that_agree(old: str, new: str) -> None:
    assert same_text(old, new, 1e-4)


@pytest.mark.parametrize(("old", "new"), DIFFER)
def test_texts_that_differ(old: str, new: str) -> None:
    assert not same_text(old, new, 1e-4)


def test_a_declared_tolerance_widens_decimals_only() -> None:
    assert same_text("0.5000", "0.5040", 1e-2)
    assert not same_text("5000", "5001", 1e-2)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (1.0, 1.00005, True),
        (1.0, 1.001, False),
        (0.0, 1e-7, True),
        (3, 3, True),
        (3, 4, False),
        (3, 3.0, False),
        (True, 1, False),
        ("a", "a", True),
    ],
)
def test_values(old: object, new: object, same: bool) -> None:
    assert same_value(old, new, 1e-4) is same  # type: ignore[arg-type]


SVG = '<svg><path d="M {x} 20 L 3.5 {y}" style="fill: {c}"/><text x="1">{t}</text></svg>'


def drawn(x: str = "10", y: str = "4.5", c: str = "var(--fig-1)", t: str = "0.5") -> str:
    return SVG.format(x=x, y=y, c=c, t=t)


def test_figures_agree_to_a_twentieth_of_a_pixel() -> None:
    assert figure_difference(drawn(), drawn(x="10.04", y="4.46"), 1e-4) == ""
    assert "moved by up to 0.06" in figure_difference(drawn(), drawn(x="10.06"), 1e-4)


def test_figures_with_other_labels_colors_or_shapes_differ() -> None:
    assert "-0.5" in figure_difference(drawn(), drawn(t="0.9"), 1e-4)
    assert "style" in figure_difference(drawn(), drawn(c="var(--fig-2)"), 1e-4)
    assert "other shapes" in figure_difference(drawn(), drawn(y="4.5 L 6 7"), 1e-4)
    assert figure_difference(drawn(), "", 1e-4) == "gone"
    assert figure_difference("", drawn(), 1e-4) == "added"


def png(level: int) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (level, 0, 0)).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<svg><image href="data:image/png;base64,{data}"/></svg>'


def test_images_agree_to_two_steps_of_255() -> None:
    assert figure_difference(png(100), png(102), 1e-4) == ""
    assert figure_difference(png(100), png(103), 1e-4) == "an image in it differs"


def test_differences_names_each_part() -> None:
    old = Result("a 1.0\n", {"f": drawn()}, {"f": "falls to 0.10"}, {"v": 1.0, "gone": 1})
    new = Result("a 2.0\n", {"f": drawn(x="90")}, {"f": "falls to 0.90"}, {"v": 2.0, "new": 1})
    text = "\n".join(differences(old, new, 1e-4))
    for part in (
        "-a 1.0",
        "+a 2.0",
        "figure f",
        "+falls to 0.90",
        "value v",
        "gone: gone",
        "new: added",
    ):
        assert part in text


def test_a_result_agrees_with_itself() -> None:
    result = Result("a 1.0\n", {"f": drawn()}, {"f": "x"}, {"v": 1.0})
    assert differences(result, result, 1e-4) == []


def test_spaces_that_no_decimal_explains_differ() -> None:
    assert same_text("loss   0.01\n", "loss -0.01\n", 1e-4)
    assert not same_text("a b 1.50\n", "a  b 1.50\n", 1e-4)
    assert not same_text("step 1\n", "  step 1\n", 1e-4)


def test_the_typographic_minus_is_a_sign() -> None:
    assert same_text("\N{MINUS SIGN}0.00", "0.00", 1e-4)
    assert not same_text("\N{MINUS SIGN}1.50", "1.50", 1e-4)


def test_a_slightly_other_opacity_is_another_style() -> None:
    faint = '<svg><path d="M 1 2" style="stroke-opacity: 0.30"/></svg>'
    assert figure_difference(faint, faint.replace("0.30", "0.34"), 1e-4)
