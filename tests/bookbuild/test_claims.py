"""Claims in prose: bound to values, everywhere but in code and mathematics."""

from __future__ import annotations

import re

import pytest
from bookbuild.lint import problems
from bookbuild.project import BookError
from bookbuild.results import Result
from bookbuild.tables import checked
from rendering import convert, keep
from small_book import Book

CLAIM = "{{ l0/loss.low | .2f }}"
TABLE = {
    "columns": {"Method": "", "k-NN": ".3f", "few labels": ".1%", "Steps": "d"},
    "rows": [
        ["SimCLR, T = 0.5", [0.9634, 0.0052], 0.925, 300],
        ["Raw pixels", 0.5, None, 1000],
        ["Twice", 0.1, 0.2, 1],
        ["Twice", 0.1, 0.2, 1],
    ],
}
SHOWN = re.compile(r"<data [^>]*>0\.25</data>")


@pytest.fixture
def small(book: Book) -> Book:
    book.example("loss", "print(1)\n")
    values = {"low": 0.2500001, "steps": 1200, "best": "simclr", "fits": True, "share": 0.031}
    keep(book, "l0/loss", Result("1\n", values=values, tables={"all": checked(TABLE)}))
    return book


class TestShows:
    @pytest.mark.parametrize(
        ("claim", "shown"),
        [
            ("{{ l0/loss.low | .2f }}", "0.25"),
            ("{{l0/loss.low|.2f}}", "0.25"),
            ("{{  l0/loss.low  |  .3g  }}", "0.25"),
            ("{{ l0/loss.share | .1% }}", "3.1%"),
            ("{{ l0/loss.steps }}", "1200"),
            ("{{ l0/loss.steps | , }}", "1,200"),
            ("{{ l0/loss.best }}", "simclr"),
            ("{{ l0/loss.fits }}", "True"),
            ("{{ l0/loss.low | +.2e }}", "+2.50e-01"),
            ("{{ l0/loss:all[SimCLR, T = 0.5].knn }}", "0.963"),
            ("{{ l0/loss:all[SimCLR, T = 0.5].k_nn | .0% }}", "96%"),
            ("{{ l0/loss:all[SimCLR, T = 0.5].knn.spread }}", "0.005"),
            ("{{ l0/loss:all[SimCLR, T = 0.5].few_labels }}", "92.5%"),
            ("{{l0/loss:all[Raw pixels].steps|,}}", "1,000"),
            ("{{ l0/loss:all[Raw pixels].method }}", "Raw pixels"),
        ],
    )
    def test_the_value_as_the_page_wants_it(self, small: Book, claim: str, shown: str) -> None:
        assert f">{shown}</data>" in convert(f"About {claim}.\n")

    def test_where_it_comes_from(self, small: Book) -> None:
        html = convert(f"About {CLAIM}.\n")
        element = re.search(r"<data [^>]*>", html)[0]
        assert 'class="claim"' in element
        assert 'value="0.2500001"' in element
        assert re.search(
            r'title="[\d.]+ in the run l0/loss\nrelative tolerance 0\.0001, made on', element
        )

    @pytest.mark.parametrize(
        "text",
        [
            f"# A heading with {CLAIM}\n",
            f"- an item: {CLAIM}\n",
            f"| a | b |\n|---|---|\n| {CLAIM} | right |\n",
            f"**bold {CLAIM}** and *({CLAIM})*\n",
            f"[a link, {CLAIM}](page.md)\n",
            f'!!! note "Title"\n\n    Falls to {CLAIM}.\n',
            f"It is {CLAIM}$^2$, and `code` too.\n",
            f"> quoted {CLAIM}\n",
            f"/// quiz | Is it {CLAIM}?\n- [x] {CLAIM}, yes\n    Yes.\n- [ ] No\n    No.\n///\n",
        ],
    )
    def test_everywhere_in_prose(self, small: Book, text: str) -> None:
        html = convert(text)
        assert SHOWN.search(html)
        assert "{{" not in html

    def test_a_table_keeps_its_columns(self, small: Book) -> None:
        cell = "{{ l0/loss:all[SimCLR, T = 0.5].knn | .2f }}"
        html = convert(f"| a | b | c |\n|---|---|---|\n| {CLAIM} | {CLAIM} | {cell} |\n")
        assert len(SHOWN.findall(html)) == 2
        assert ">0.96</data>" in html
        assert html.count("<td>") == 3

    def test_a_heading_gets_a_plain_id(self, small: Book) -> None:
        assert 'id="down-to-025"' in convert(f"# Down to {CLAIM}\n")

    def test_while_no_record_exists_says_so(self, small: Book) -> None:
        small.example("speed", "print(1)\n", 'cost = "gpu"')
        html = convert("It takes {{ l0/speed.ms | .1f }} ms.\n")
        assert '<span class="claim claim-missing"' in html
        assert ">not recorded yet</span> ms." in html


class TestLeavesAlone:
    @pytest.mark.parametrize(
        "text",
        [
            f"`{CLAIM}`\n",
            f"``{CLAIM}``\n",
            f"```text\n{CLAIM}\n```\n",
            f"    {CLAIM}\n",
            f"| a |\n|---|\n| `{CLAIM}` |\n",
        ],
    )
    def test_code(self, small: Book, text: str) -> None:
        html = convert(text)
        assert "<data" not in html
        assert CLAIM in html

    @pytest.mark.parametrize(
        "math", [r"$\frac{{a}}{{b}}$", r"$p_{{i|j}} / {{q}}$", "$$\n\\sum_{{i}} x_i / 2\n$$"]
    )
    def test_mathematics(self, small: Book, math: str) -> None:
        html = convert(f"Text {math} text.\n" if "\n" not in math else f"{math}\n")
        assert math.strip("$").strip().replace("&", "&amp;") in html
        assert "arithmatex" in html


class TestRefuses:
    @pytest.mark.parametrize(
        ("claim", "message"),
        [
            ("{{ l0/loss.high | .2f }}", "has no value 'high'; it has: best, fits, low, share"),
            ("{{ l0/gone.low | .2f }}", "no example l0/gone"),
            ("{{ l0/loss.low }}", "say how to write a decimal"),
            ("{{ l0/loss.low | .2q }}", "cannot write 0.2500001 like that"),
            ("{{ l0/loss.best | .2f }}", "cannot write 'simclr' like that"),
            ("{{ l0/loss | .2f }}", "is no claim"),
            ("{{ loss.low }}", "is no claim"),
            ("{{ l0/loss.low | .2f | x }}", "is no claim|cannot write"),
            ("{{ l0/loss.low[0] }}", "is no claim"),
            ("{{ l0/loss.low.spread | .2f }}", "has no value 'low.spread'; it has: best"),
            ("{{ l0/loss:some[Raw pixels].knn }}", "has no table 'some'; it has: all"),
            ("{{ l0/loss:all[Raw].knn }}", "has no row 'Raw'; its rows: SimCLR, T = 0.5, Raw"),
            ("{{ l0/loss:all[Twice].knn }}", "has 2 rows 'Twice'"),
            ("{{ l0/loss:all[Raw pixels].nn }}", "no column 'nn'; its columns: method, knn, few"),
            ("{{ l0/loss:all[Raw pixels].few_labels }}", "the cell is empty"),
            ("{{ l0/loss:all[Raw pixels].knn.spread }}", "the cell has no spread"),
            ("{{ l0/loss:all[Raw pixels].steps | .2q }}", "cannot write 1000 like that"),
            ("{{ l0/loss:all.knn }}", "is no claim"),
        ],
    )
    def test_a_claim_without_a_value(self, small: Book, claim: str, message: str) -> None:
        with pytest.raises(BookError, match=message) as caught:
            convert(f"About {claim}.\n")
        assert str(caught.value).startswith(f"lesson/page.md: {claim}")


class TestCompares:
    """``{{ a > b }}`` holds where no two runs within tolerance could turn it round."""

    @pytest.fixture(autouse=True)
    def scores(self, book: Book) -> None:
        declared = 'cost = "lab"\n[within]\nknn = 0.02\nlow_knn = 0.004\nshare = 0.3'
        book.example("scores", "print(1)\n", declared)
        columns = {"Method": "", "k-NN": ".3f", "steps": "d"}
        rows = [["high", [0.95, 0.01], 30], ["middle", [0.92, 0.01], 20], ["low", 0.90, 20]]
        table = checked({"columns": columns, "rows": rows})
        values = {"share": 0.19, "gain": 0.01, "name": "simclr"}
        keep(book, "l0/scores", Result("1\n", values=values, tables={"all": table}))

    @pytest.mark.parametrize(
        ("claim", "shown"),
        [
            ("{{ l0/scores:all[high].knn > l0/scores:all[low].knn }}", ""),
            ("{{ l0/scores:all[high].knn > [low] }}", ""),
            ("{{ l0/scores:all[low].knn < [high] | .2f }}", "0.05"),
            ("{{l0/scores:all[high].knn>[low]|+.1%}}", "+5.0%"),
            ("{{ l0/scores:all[high].steps > [low] | d }}", None),
            ("{{ l0/scores:all[high].steps > [low].steps | .0f }}", "10"),
            ("{{ l0/scores:all[high].knn > 0.92 }}", ""),
            ("{{ l0/scores.gain > 0 }}", ""),
            ("{{ l0/scores.gain < l0/scores.share }}", None),
            ("{{ l0/scores:all[high].knn > [middle] }}", None),  # 0.03 apart, within 0.02 each
            ("{{ l0/scores:all[middle].knn > [low] }}", None),
            ("{{ l0/scores:all[low].knn > [high] }}", None),
            ("{{ l0/scores:all[middle].steps > [low] }}", None),  # equal, and none may move
            ("{{ l0/scores:all[high].knn > 0.94 }}", None),
            ("{{ l0/scores.share > 0 }}", None),  # 0.3 around 0.19 proves nothing
            ("{{ l0/scores:all[high].knn > [none] }}", None),
            ("{{ l0/scores:all[high].knn > l0/scores.none }}", None),
            ("{{ l0/scores.name > 0 }}", None),
            ("{{ l0/scores.gain > high }}", None),
        ],
    )
    def test_shows_nothing_or_the_gap_and_stops_where_it_does_not_hold(
        self, small: Book, claim: str, shown: str | None
    ) -> None:
        small.page(f"# Page\n\nIt is better {claim}.\n")
        refused = [line for line in problems(small.root) if claim in line]
        if shown is None:
            assert len(refused) == 1
            with pytest.raises(BookError):
                convert(f"It is better {claim}.\n")
        else:
            assert not refused
            html = convert(f"It is better {claim}.\n")
            assert f">{shown}</data>." in html
            assert ("better <data" if shown else "better<data") in html

    def test_says_how_far_apart_and_what_is_allowed(self, small: Book) -> None:
        with pytest.raises(BookError, match=r"0\.95 against 0\.92 .* tolerance, 0\.04 in all"):
            convert("{{ l0/scores:all[high].knn > [middle] }}")

    def test_both_sides_count_as_quoted(self, small: Book) -> None:
        said = "{{ l0/scores.gain < l0/scores:all[low].knn }}"
        small.page(f"# Page\n\n{said} {{{{ l0/scores.share > -1 }}}}\n")
        unused = [line for line in problems(small.root) if "l0/scores.py" in line]
        assert not [line for line in unused if "'gain'" in line or "'share'" in line]
        assert [line for line in unused if "'name'" in line]

    def test_what_has_no_record_yet_cannot_be_compared(self, small: Book) -> None:
        small.example("later", "print(1)\n", 'cost = "gpu"')
        html = convert("{{ l0/later.low > l0/scores.gain }}")
        assert "not recorded yet" in html
