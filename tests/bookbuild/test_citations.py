"""Citations by key, and the bibliography they lead to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from bookbuild.markdown.citations import entries
from bookbuild.project import BookError
from rendering import convert, mkdocs
from small_book import Book

BIBLIOGRAPHY = """
[late]
title = "Late Work"
authors = ["Zed, Ann", "Yu, Bo", "Xi, Cy"]
date = 2021-04-05
arxiv = "2104.00001"
venue = "A Conference 2022"

[early]
title = "Early Work?"
authors = ["van Zed, Ann", "Yu, Bo"]
date = 2006-08-20
url = "https://doi.org/10.1/x"

[twina]
title = "First & <Best>"
authors = ["Abe, Di", "Bee, Ed", "Cee, Fa"]
date = 2020-01-02
arxiv = "2001.00001"

[twinb]
title = "Second"
authors = ["Abe, Di", "Dee, Gu", "Eff, Ha"]
date = 2020-03-01
arxiv = "2003.00001"

[single]
title = "Alone"
authors = ["Abe, Di"]
date = 2020-02-01
arxiv = "2002.00001"
"""
PAGE = "# Bibliography\n\n/// bibliography\n///\n"


@pytest.fixture
def small(book: Book) -> Book:
    book.page(BIBLIOGRAPHY, "bibliography.toml")
    return book


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


class TestCitation:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("[@late]", "(Zed et al. 2021)"),
            ("[@late, Table 6]", "(Zed et al. 2021, Table 6)"),
            ("[@early; @late, Section 3.1]", "(van Zed and Yu 2006; Zed et al. 2021, Section 3.1)"),
            ("[@twina; @twinb]", "(Abe et al. 2020a; Abe et al. 2020b)"),
            ("[@single, p. 3, Table 2]", "(Abe 2020, p. 3, Table 2)"),
            ("[@late,\nTable 6]", "(Zed et al. 2021, Table 6)"),
        ],
    )
    def test_reads_as_authors_and_year(self, small: Book, text: str, shown: str) -> None:
        assert shown in plain(convert(f"As shown {text}.\n"))

    def test_links_to_the_entry(self, small: Book) -> None:
        html = convert("[@late, Table 6]\n", page="a/b/page.md")
        assert 'href="../../bibliography.md#late"' in html
        assert 'title="Late Work"' in html
        assert '<span class="citation">' in html
        assert 'href="#late"' in convert("[@late]\n", page="bibliography.md") or (
            'href="bibliography.md#late"' in convert("[@late]\n", page="bibliography.md")
        )

    @pytest.mark.parametrize(
        "text", ["# Heading [@late]\n", "| a |\n|---|\n| 1 [@late, Table 6] |\n", "*[@late]*\n"]
    )
    def test_everywhere_in_prose(self, small: Book, text: str) -> None:
        assert "bibliography.md#late" in convert(text)

    @pytest.mark.parametrize(
        "text",
        ["`[@late]`\n", "```text\n[@late]\n```\n", "mail me@late.example\n", "[late](page.md)\n"],
    )
    def test_leaves_code_links_and_addresses_alone(self, small: Book, text: str) -> None:
        assert "citation" not in convert(text)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[@gone]", "no entry 'gone'"),
            ("[@late; @gone, Table 1]", "no entry 'gone'"),
            ("[@late @early]", "is no citation"),
            ("[@Late]", "is no citation"),
            ("[@late; Table 6]", "is no citation"),
        ],
    )
    def test_refuses_what_leads_nowhere(self, small: Book, text: str, message: str) -> None:
        with pytest.raises(BookError, match=message) as caught:
            convert(f"As shown {text}.\n")
        assert str(caught.value).startswith("lesson/page.md: ")


class TestBibliography:
    def test_is_sorted_and_full(self, small: Book) -> None:
        html = convert(PAGE, page="bibliography.md")
        assert re.findall(r'<li id="(\w+)">', html) == ["single", "twina", "twinb", "early", "late"]
        late = plain(re.search(r'<li id="late">.*?</li>', html, re.DOTALL)[0])
        assert late == (
            "Zed et al. 2021. Ann Zed, Bo Yu and Cy Xi. Late Work. A Conference 2022. "
            "arXiv:2104.00001, first version of 5 April 2021."
        )
        early = plain(re.search(r'<li id="early">.*?</li>', html, re.DOTALL)[0])
        assert early == (
            "van Zed and Yu 2006. Ann van Zed and Bo Yu. Early Work? "
            "doi.org/10.1/x, published 20 August 2006."
        )
        assert 'href="https://arxiv.org/abs/2104.00001"' in html
        assert "First &amp; &lt;Best&gt;" in html

    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ("[x\n", "docs/bibliography.toml: "),
            ('[x]\ntitle = "T"\n', "missing or unknown: authors, date"),
            (
                '[x]\ntitle = "T"\nauthors = ["A, B"]\ndate = 2020-01-01\nyear = 1\narxiv = "1"\n',
                "unknown: year",
            ),
            ('[x]\ntitle = "T"\nauthors = ["A, B"]\ndate = 2020-01-01\n', "needs arxiv or url"),
            (
                '[x]\ntitle = "T"\nauthors = ["A B"]\ndate = 2020-01-01\nurl = "u"\n',
                "Family, Given",
            ),
            ('[x]\ntitle = "T"\nauthors = ["A, B"]\ndate = "2020"\nurl = "u"\n', "dates like"),
            ('[X]\ntitle = "T"\nauthors = ["A, B"]\ndate = 2020-01-01\nurl = "u"\n', "keys are"),
        ],
    )
    def test_refuses_an_entry_that_says_too_little(
        self, book: Book, entry: str, message: str
    ) -> None:
        book.page(entry, "bibliography.toml")
        with pytest.raises(BookError, match=message):
            convert("[@x]\n")

    def test_a_missing_file_is_named(self, book: Book) -> None:
        with pytest.raises(BookError, match="docs/bibliography.toml does not exist"):
            convert("[@x]\n")


@pytest.mark.parametrize("directories", [True, False])
def test_links_lead_to_the_entries_in_a_built_site(small: Book, directories: bool) -> None:
    small.page(PAGE, "bibliography.md")
    small.page("# Home\n\nAs shown [@late; @early].\n", "index.md")
    small.page("# Deep\n\nAs shown [@late].\n", "a/b/deep.md")
    done = mkdocs(small, "--strict", directories=directories)
    assert done.returncode == 0, done.stderr
    page = small.root / "site" / ("a/b/deep/index.html" if directories else "a/b/deep.html")
    link, anchor = re.search(r'href="([^"#]*bibliography[^"#]*)#(late)"', page.read_text()).groups()
    target = Path(page.parent, link)
    target = target / "index.html" if directories else target
    assert f'id="{anchor}"' in target.read_text()


class TestTheBook:
    """The bibliography of this very repository."""

    ROOT = Path(__file__).parents[2]

    def test_is_complete(self) -> None:
        found = entries(self.ROOT)
        assert len(found) == len({entry.title.lower() for entry in found.values()})
        assert len({entry.label for entry in found.values()}) == len(found)
        raw = tomllib.loads((self.ROOT / "docs/bibliography.toml").read_text(encoding="utf-8"))
        assert set(found) == set(raw)

    def test_dates_fit_the_identifiers(self) -> None:
        for entry in entries(self.ROOT).values():
            if entry.arxiv:
                year, month = int(entry.arxiv[:2]) + 2000, int(entry.arxiv[2:4])
                months = 12 * (year - entry.date.year) + month - entry.date.month
                # The identifier tells the month of announcement, at most days after submission.
                assert months in (0, 1), entry.key
                assert months == 0 or entry.date.day > 25, entry.key
