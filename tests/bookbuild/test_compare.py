"""When two results agree."""

from __future__ import annotations

import base64
import io

import pytest
from bookbuild.compare import differences, figure_difference, same_text, same_value
from bookbuild.project import Tolerances
from bookbuild.results import Result, Value
from bookbuild.tables import Table
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
    ("it ends at 0.50.", "it ends at 0.51."),
    ("it ends at 1e-3.", "it ends at 1e-3."),
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
    ("version 2.14.1.", "version 2.15.1."),
    ("it ends at 0.50.", "it ends at 0.53."),
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
    assert same_value(old, new, Tolerances()) is same  # type: ignore[arg-type]


SVG = '<svg><path d="M {x} 20 L 3.5 {y}" style="fill: {c}"/><text x="1">{t}</text></svg>'


def drawn(x: str = "10", y: str = "4.5", c: str = "var(--fig-1)", t: str = "0.5") -> str:
    return SVG.format(x=x, y=y, c=c, t=t)


def test_figures_agree_to_a_twentieth_of_a_pixel() -> None:
    assert figure_difference(drawn(), drawn(x="10.04", y="4.46"), Tolerances()) == ""
    assert "moved by up to 0.06" in figure_difference(drawn(), drawn(x="10.06"), Tolerances())


def test_figures_with_other_labels_colors_or_shapes_differ() -> None:
    assert "-0.5" in figure_difference(drawn(), drawn(t="0.9"), Tolerances())
    assert "style" in figure_difference(drawn(), drawn(c="var(--fig-2)"), Tolerances())
    assert "other shapes" in figure_difference(drawn(), drawn(y="4.5 L 6 7"), Tolerances())
    more = drawn().replace("</svg>", '<path d="M 1 2" /></svg>')
    assert more != drawn() and figure_difference(drawn(), more, Tolerances())
    assert figure_difference(more, drawn(), Tolerances())
    assert figure_difference(drawn(), "", Tolerances()) == "gone"
    assert figure_difference("", drawn(), Tolerances()) == "added"


def png(level: int, spot: int | None = None, size: int = 4) -> str:
    buffer = io.BytesIO()
    image = Image.new("RGB", (size, size), (level, 0, 0))
    image.putpixel((0, 0), (level if spot is None else spot, 0, 0))
    image.save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<svg><image href="data:image/png;base64,{data}"/></svg>'


def test_images_agree_to_two_steps_of_255() -> None:
    assert figure_difference(png(100), png(102), Tolerances()) == ""
    assert figure_difference(png(100), png(103), Tolerances()) == "an image in it differs"


def test_differences_names_each_part() -> None:
    old = Result("a 1.0\n", {"f": drawn()}, {"f": "falls to 0.10"}, {"v": 1.0, "gone": 1})
    new = Result("a 2.0\n", {"f": drawn(x="90")}, {"f": "falls to 0.90"}, {"v": 2.0, "new": 1})
    text = "\n".join(differences(old, new, Tolerances()))
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


def test_spaces_that_no_decimal_explains_differ() -> None:
    assert same_text("loss   0.01\n", "loss -0.01\n", 1e-4)
    assert not same_text("a b 1.50\n", "a  b 1.50\n", 1e-4)
    assert not same_text("step 1\n", "  step 1\n", 1e-4)


def test_the_typographic_minus_is_a_sign() -> None:
    assert same_text("\N{MINUS SIGN}0.00", "0.00", 1e-4)
    assert not same_text("\N{MINUS SIGN}1.50", "1.50", 1e-4)


def test_a_slightly_other_opacity_is_another_style() -> None:
    faint = '<svg><path d="M 1 2" style="stroke-opacity: 0.30"/></svg>'
    assert figure_difference(faint, faint.replace("0.30", "0.34"), Tolerances())


class TestDeclared:
    """What only lab and GPU examples may declare: absolute tolerances."""

    @pytest.mark.parametrize(
        ("name", "new", "same"),
        [
            ("knn", 0.52, True),
            ("knn", 0.521, False),
            ("simclr_knn", 0.48, True),
            ("knn_simclr", 0.52, False),
            ("myknn", 0.52, False),
            ("raw_knn", 0.52, False),
            ("raw_knn", 0.505, True),
            ("seconds", 1e6, True),
            ("loss", 0.50004, True),
            ("loss", 0.501, False),
        ],
    )
    def test_a_value_by_its_name_the_longest_key_first(
        self, name: str, new: float, same: bool
    ) -> None:
        within = {"knn": 0.02, "raw_knn": 0.005, "seconds": float("inf")}
        old = Result(values={name: 0.5})
        found = differences(old, Result(values={name: new}), Tolerances(within=within))
        assert (found == []) is same
        assert differences(old, old, Tolerances(within=within)) == []

    @pytest.mark.parametrize(("old", "new"), [(3, 4), (3, 3.0), (True, False), ("a", "b")])
    def test_all_but_floats_stay_exact(self, old: Value, new: Value) -> None:
        within = Tolerances(within={"v": float("inf")}, printed=100.0)
        assert differences(Result(values={"v": old}), Result(values={"v": new}), within)

    def test_a_tolerance_may_be_tighter_than_the_relative_one(self) -> None:
        allowed = Tolerances(relative=0.5, within={"v": 0.001})
        assert differences(Result(values={"v": 1.0}), Result(values={"v": 1.1}), allowed)
        assert not differences(Result(values={"w": 1.0}), Result(values={"w": 1.1}), allowed)

    def test_printed_is_for_decimals_in_output_alternative_texts_and_labels(self) -> None:
        allowed = Tolerances(printed=0.05)
        old = Result("knn 0.900 at 300\n", {"f": drawn(t="0.900")}, {"f": "to 0.900"})
        new = Result("knn 0.950 at 300\n", {"f": drawn(t="0.850")}, {"f": "to 0.945"})
        assert len(differences(old, new, Tolerances())) == 3
        assert differences(old, new, allowed) == []
        far = Result("knn 0.951 at 300\n", {"f": drawn(t="0.849")}, {"f": "to 0.951"})
        assert len(differences(old, far, allowed)) == 3
        assert not same_text("at 300", "at 301", 1e-4, 0.05)
        assert not same_text("rises 0.9", "falls 0.9", 1e-4, 0.05)
        assert differences(Result(values={"v": 0.5}), Result(values={"v": 0.51}), allowed)

    @pytest.mark.parametrize(
        ("old", "new", "same"),
        [
            ("BYOL 0.90", "BYOL 0.94", True),
            ("BYOL 0.90", "BYOL 0.97", False),
            ("BYOL +18.1", "BYOL +20.9", True),
            ("BYOL 18.13", "BYOL 18.16", False),
            ("in 7.00 s", "in 7.03 s", False),
        ],
    )
    def test_a_decimal_that_repeats_a_value_or_a_cell_moves_as_far(
        self, old: str, new: str, same: bool
    ) -> None:
        allowed = Tolerances(within={"std": 0.05, "byol_rank": 3.0, "seconds": float("inf")})
        table = Table((("Run", ""), ("rank", ".1f")), (("BYOL", (18.07, 1.5)),))
        values: dict[str, Value] = {"std": 0.9013, "seconds": 7.0}
        results = [Result(text, {}, {"f": text}, values, {}, {"t": table}) for text in (old, new)]
        assert len(differences(*results, allowed)) == (0 if same else 2)

    def test_pixels_are_for_shapes_only(self) -> None:
        allowed = Tolerances(pixels=30.0)
        assert figure_difference(drawn(), drawn(x="40", y="34.5"), allowed) == ""
        assert "moved by up to 30.1" in figure_difference(drawn(), drawn(x="40.1"), allowed)
        assert "labels" in figure_difference(drawn(), drawn(t="0.9"), allowed)
        assert "style" in figure_difference(drawn(), drawn(c="var(--fig-2)"), allowed)
        assert "other shapes" in figure_difference(drawn(), drawn(y="4.5 L 6 7"), allowed)

    def test_pictures_are_for_the_mean_of_the_gray_levels(self) -> None:
        allowed = Tolerances(pictures=10.0)
        assert figure_difference(png(100), png(110), allowed) == ""
        assert figure_difference(png(100), png(111), allowed) == "an image in it differs"
        spot = png(100, spot=255)  # one pixel of sixteen, 155 levels: 9.7 in the mean
        assert figure_difference(png(100), spot, allowed) == ""
        assert figure_difference(png(100), spot, Tolerances()) == "an image in it differs"
        assert figure_difference(png(100), spot, Tolerances(pictures=9.6)) != ""
        assert figure_difference(png(100), png(100, size=5), allowed) == "an image in it differs"

    def test_more_pictures_are_another_figure(self) -> None:
        two = png(100).replace("</svg>", png(100).removeprefix("<svg>"))
        assert "more images or fewer" in figure_difference(
            png(100), two, Tolerances(pictures=255.0)
        )
