"""Outputs, figures and records on a page: what they show, and how they say where it comes from."""

from __future__ import annotations

import re

import pytest
from bookbuild.project import BookError
from bookbuild.results import Result
from rendering import convert, keep, mkdocs
from small_book import Book

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10"><path id="{0}" d="M0 0"/></svg>\n'
CODE = "# --8<-- [start:show]\nprint(1)\n# --8<-- [end:show]\n"
FIGURE = "/// figure | {}\nA *caption* with `code`.\n///\n"


@pytest.fixture
def small(book: Book) -> Book:
    book.example("loss", CODE)
    result = Result(
        "loss: 0.69 <b> $x$ *a* {{ b }}\nsecond\n",
        {"curve": SVG.format("l0-loss-curve-1"), "map": SVG.format("l0-loss-map-1")},
        {"curve": 'Line "chart": falls', "map": "Map"},
        {"low": 0.25},
    )
    keep(book, "l0/loss", result)
    return book


def gpu(book: Book, recorded: bool, **provenance: str) -> None:
    book.example("speed", CODE, 'cost = "gpu"')
    if recorded:
        values = {"float32_ms": 12.3456, "peak_bytes": 123456789, "ok": True, "kind": "x"}
        result = Result("done\n", {"bars": SVG.format("a-1")}, {"bars": "Bars"}, values)
        result.provenance = {"device": "Some GPU", **provenance}
        keep(book, "l0/speed", result)


class TestOutput:
    def test_shows_what_was_printed(self, small: Book) -> None:
        html = convert("/// output | l0/loss\n///\n\nAfter.\n")
        assert '<div class="output" data-cost="quick" data-example="l0/loss">' in html
        assert '<p class="output-title">Output</p>' in html
        shown = re.search(r'<pre [^>]*tabindex="0">(.*?)</pre>', html, re.DOTALL)[1]
        assert shown == "loss: 0.69 &lt;b&gt; $x$ *a* {{ b }}\nsecond"
        assert "<p>After.</p>" in html

    def test_says_how_it_was_made(self, small: Book) -> None:
        html = convert("/// output | l0/loss\n///\n")
        details = re.search(r'<details class="provenance".*?</details>', html, re.DOTALL)[0]
        text = re.sub(r"<[^>]+>", "", details)
        assert "How this was made" in text
        assert (
            "The example l0/loss.py made this on 2026-03-04 in 1.5 s on CPU, x86_64, one thread "
            "with Python 3.11.7, torch 2.14.1." in text
        )
        assert 'href="../source/lesson_code/examples/l0/loss.py.html#L5"' in details
        assert "data-search-exclude" in details

    def test_links_to_the_repository_where_it_has_an_address(self, small: Book) -> None:
        html = convert("/// output | l0/loss\n///\n", repository="https://host.example/a/b")
        path = "https://host.example/a/b/blob/main/lesson_code/examples/l0/loss.py#L5-L5"
        assert f'href="{path}"' in html

    def test_quick_results_do_not_speak_of_changes(self, small: Book) -> None:
        small.example("loss", CODE.replace("1", "2"))
        assert "has changed" not in convert("/// output | l0/loss\n///\n")

    def test_works_inside_an_admonition(self, small: Book) -> None:
        html = convert("!!! note\n\n    /// output | l0/loss\n    ///\n\n    Inside.\n\nAfter.\n")
        assert html.index("second") < html.index("Inside.") < html.index("</div>\n<p>After.</p>")


class TestFigure:
    def test_shows_the_drawing_its_text_and_the_caption(self, small: Book) -> None:
        html = convert(FIGURE.format("l0/loss:curve"))
        assert re.search(r'<figure class="book-figure"[^>]*data-example="l0/loss"', html)
        assert 'aria-label="Line &quot;chart&quot;: falls"' in html
        assert 'role="img"' in html
        assert '<svg aria-hidden="true"' in html
        assert '<path id="l0-loss-curve-1" d="M0 0"/></svg>' in html
        caption = re.search(r"<figcaption>(.*?)</figcaption>", html, re.DOTALL)[1]
        number = '<span class="figure-number">Figure 1.</span>'
        assert f"<p>{number} A <em>caption</em> with <code>code</code>.</p>" in caption
        assert '<details class="provenance"' in caption

    def test_ids_are_unique_on_a_page(self, small: Book) -> None:
        html = convert(FIGURE.format("l0/loss:curve") + "\n" + FIGURE.format("l0/loss:map"))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)) == 4

    def test_a_link_to_a_figure_says_its_number(self, small: Book) -> None:
        figures = FIGURE.format("l0/loss:curve") + "\n" + FIGURE.format("l0/loss:map")
        html = convert(f"See [figure](#figure-map).\n\n{figures}")
        assert 'See <a href="#figure-map">figure 2</a>.' in html
        with pytest.raises(BookError, match="no figure of this page is called 'figure-bars'"):
            convert("See [figure](#figure-bars).")

    def test_a_claim_in_a_caption_is_resolved(self, small: Book) -> None:
        html = convert("/// figure | l0/loss:curve\nIt falls to {{ l0/loss.low | .1f }}.\n///\n")
        assert ">0.2</data>." in html

    def test_refuses_a_figure_that_plays_what_there_is_not(self, small: Book) -> None:
        with pytest.raises(BookError, match=r"plays what docs/assets/js/play has not: chess.js"):
            convert("/// figure | l0/loss:curve\n    play: chess\nMove.\n///\n")

    def test_refuses_an_unknown_figure(self, small: Book) -> None:
        with pytest.raises(BookError, match="no figure 'bars'; it has: curve, map"):
            convert(FIGURE.format("l0/loss:bars"))

    def test_refuses_a_figure_without_a_caption(self, small: Book) -> None:
        with pytest.raises(BookError, match=r"lesson/page.md: the figure l0/loss:curve needs a c"):
            convert("/// figure | l0/loss:curve\n///\n")


class TestRecord:
    def test_until_there_is_one_says_how_to_make_it(self, small: Book) -> None:
        gpu(small, recorded=False)
        for text in ("/// record | l0/speed\n///\n", "/// output | l0/speed\n///\n"):
            html = convert(text)
            assert "No record exists yet: this example needs a CUDA GPU;" in html
            assert "<code>python -m bookbuild record l0/speed</code> makes one." in html
            assert "provenance" not in html

    def test_a_figure_without_a_record_keeps_its_caption(self, small: Book) -> None:
        gpu(small, recorded=False)
        html = convert(FIGURE.format("l0/speed:bars"))
        assert "No record exists yet" in html
        assert "<em>caption</em>" in html

    def test_shows_everything_recorded(self, small: Book) -> None:
        gpu(small, recorded=True)
        html = convert("/// record | l0/speed\n///\n")
        assert '<div class="record"' in html
        assert "Recorded on Some GPU" in html
        rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', html)
        assert rows == [
            ("float32 ms", "12.35"),
            ("kind", "x"),
            ("ok", "yes"),
            ("peak bytes", "123,456,789"),
        ]
        assert "done" in html
        assert 'aria-label="Bars"' in html
        assert "has changed" not in html

    @pytest.mark.parametrize("cost", ["gpu", "lab"])
    def test_says_when_the_code_has_changed_since(self, small: Book, cost: str) -> None:
        gpu(small, recorded=True)
        if cost == "lab":
            small.example("speed", CODE, 'cost = "lab"')
            keep(small, "l0/speed", Result("done\n"))
        small.example("speed", CODE.replace("1", "2"), f'cost = "{cost}"')
        for kind in ("record", "output"):
            html = convert(f"/// {kind} | l0/speed\n///\n")
            assert '<p class="record-stale">The code has changed since this was recorded.' in html

    def test_a_comment_is_no_change(self, small: Book) -> None:
        gpu(small, recorded=True)
        small.example("speed", CODE + "# a word\n", 'cost = "gpu"')
        assert "has changed" not in convert("/// record | l0/speed\n///\n")


class TestRefuses:
    @pytest.mark.parametrize("kind", ["output", "figure", "record"])
    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("l0/gone", "no example l0/gone"),
            ("loss", "'loss' is no name of an example"),
            ("", "say of which example"),
        ],
    )
    def test_a_name_of_no_example(self, small: Book, kind: str, name: str, message: str) -> None:
        with pytest.raises(BookError, match=rf"lesson/page\.md: .*{message}"):
            convert(f"/// {kind} | {name}\n///\n")

    def test_an_output_of_an_example_that_prints_nothing(self, small: Book) -> None:
        small.example("silent", CODE)
        keep(small, "l0/silent", Result(values={"a": 1}))
        with pytest.raises(BookError, match="l0/silent prints nothing to show"):
            convert("/// output | l0/silent\n///\n")

    def test_the_same_block_twice(self, small: Book) -> None:
        with pytest.raises(BookError, match="on this page twice"):
            convert("/// output | l0/loss\n///\n\n/// output | l0/loss\n///\n")


def test_mkdocs_shows_results_and_stops_at_a_damaged_one(small: Book) -> None:
    block = "\n/// output | l0/loss\n///\n\n" + FIGURE.format("l0/loss:curve")
    small.page("# Home\n" + block, "index.md")
    small.page("# Deep\n" + block, "a/b/deep.md")
    done = mkdocs(small, "--strict")
    assert done.returncode == 0, done.stderr
    html = (small.root / "site/a/b/deep/index.html").read_text()
    assert 'href="../../../source/lesson_code/examples/l0/loss.py.html#L5"' in html
    assert '<path id="l0-loss-curve-1"' in html
    small.result("l0/loss", "output.txt").write_text("loss: 0.01\n")
    done = mkdocs(small)
    assert done.returncode == 1
    assert "was changed by hand" in done.stderr
    assert "Traceback" not in done.stderr
