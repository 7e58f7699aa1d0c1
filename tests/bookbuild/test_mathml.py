"""Mathematics: right MathML, one process at most, none when nothing is new, clear mistakes."""

import re
from pathlib import Path

import pytest
from bookbuild import project
from bookbuild.markdown import mathml
from bookbuild.markdown.mathml import Temml
from bookbuild.project import BookError
from markdown import Markdown

ROOT = project.root(Path(__file__))


@pytest.fixture
def converter(tmp_path: Path):
    made = Temml(ROOT)
    made.folder = tmp_path / "math"
    yield made
    made.close()


def page(text: str) -> str:
    return Markdown(
        extensions=["pymdownx.arithmatex", "bookbuild.markdown.mathml"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    ).convert(text)


def test_inline_mathematics_becomes_mathml_out_of_the_search_index():
    html = page(r"Let $z_i \in \mathbb{R}^D$ be.")
    assert re.search(r'<span class="math" data-search-exclude><math>.*ℝ.*</math></span> be\.', html)
    assert "math-run" not in html
    assert "arithmatex" not in html


def test_display_mathematics_can_be_reached_and_scrolled_by_keyboard():
    html = page("$$\n\\mathcal{L} = \\begin{cases}1 & x < 0\\\\0\\end{cases}\n$$\n")
    assert (
        '<div class="math-display" tabindex="0" data-search-exclude><math display="block"' in html
    )
    assert "ℒ" in html
    assert "undefined" not in html


def test_no_line_breaks_between_an_equation_and_its_punctuation():
    html = page("A pair ($i$, $j$).")
    assert html.count('class="math-run"') == 2
    assert "</math></span>,</span>" in html
    assert "</math></span>).</span>" in html
    assert '<span class="math-run">(<span' in html


def test_signs_of_html_survive():
    html = page(r"$a < b > c \& d$")
    assert "<mo>&lt;</mo>" in html
    assert "<mo>&gt;</mo>" in html
    assert "&amp;amp;" not in html


def test_aligned_equations_keep_their_columns():
    html = page("$$\n\\begin{aligned}a &= b\\\\ c &= d\\end{aligned}\n$$\n")
    assert html.count("<mtr>") == 2
    assert "tml-right" in html


def test_the_math_blocks_of_docstrings_are_equations():
    html = page("Text:\n\n.. math:: L = \\frac{1}{N}\n    \\sum_i x_i\n\nMore.")
    assert html.count('<div class="math-display"') == 1
    assert "math::" not in html
    assert "<p>More.</p>" in html


def test_the_math_roles_of_docstrings_are_equations():
    html = page("The logits :math:`q^\\top k / T` are divided.")
    assert "math:" not in html
    assert "<mi>q</mi>" in html


def test_what_was_made_once_starts_no_process(converter: Temml):
    made = converter.convert(r"\tau^2", display=False)
    assert converter.running
    again = Temml(ROOT)
    again.folder = converter.folder
    assert again.convert(r"\tau^2", display=False) == made
    assert not again.running


@pytest.mark.parametrize("damage", [b"", b"<ma", b"\xff\xfe\0"])
def test_what_a_power_cut_left_is_made_again(converter: Temml, damage: bytes):
    made = converter.convert("x", display=False)
    (kept,) = converter.folder.rglob("*.mml")
    kept.write_bytes(damage)
    assert converter.convert("x", display=False) == made


def test_display_and_inline_are_kept_apart(converter: Temml):
    assert converter.convert("x", display=True) != converter.convert("x", display=False)


@pytest.mark.parametrize("tex", [r"\frac{a}", r"\nosuchcommand x", r"a & b", r"\left( x"])
def test_wrong_tex_is_shown_and_not_kept(converter: Temml, tex: str):
    with pytest.raises(BookError, match=re.escape(tex)) as raised:
        converter.convert(tex, display=False)
    assert "\n" not in str(raised.value)
    assert not list(converter.folder.rglob("*.mml"))
    assert "π" in converter.convert(r"\pi", display=False)  # and the process still answers


def test_a_page_with_wrong_tex_ends_the_build():
    with pytest.raises(BookError, match="wrong TeX"):
        page(r"Some $\frac{1}$ here.")


def test_a_process_that_dies_is_told_and_started_anew(converter: Temml):
    converter.convert("x", display=False)
    assert converter._process
    converter._process.kill()
    converter._process.wait()
    assert "<mi>y</mi>" in converter.convert("y", display=False)


def test_the_temml_version_is_part_of_what_is_kept(converter: Temml, monkeypatch):
    converter.convert("x", display=False)
    monkeypatch.setattr(mathml, "_recipe", lambda root: "another version")
    converter.convert("x", display=False)
    assert len(list(converter.folder.rglob("*.mml"))) == 2
