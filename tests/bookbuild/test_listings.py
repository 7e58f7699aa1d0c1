"""Listings: what a page shows of the code, its title and links, and everything that must not be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bookbuild.project import BookError
from bookbuild.regions import region, regions
from rendering import convert, mkdocs
from small_book import Book

CHECKS = """
# --8<-- [start:imports]
import math
# --8<-- [end:imports]


# --8<-- [start:checks]
def check(x):
    if not math.isfinite(x):
        raise ValueError(x)
# --8<-- [end:checks]
"""
CONCEPT = '''
"""A concept."""
# --8<-- [start:imports]
import math
from collections.abc import Iterable
# --8<-- [end:imports]
from lesson_code.checks import check


# --8<-- [start:total]
def total(numbers: Iterable[float]) -> float:
    """Add up."""
    for number in numbers:
        check(number)
    return math.fsum(numbers)
# --8<-- [end:total]
'''
SETUP = """```python
--8<-- "lesson_code/concept.py:imports"

--8<-- "lesson_code/checks.py:imports"

--8<-- "lesson_code/checks.py:checks"
```
"""
LISTING = """
```python
--8<-- "lesson_code/concept.py:total"
```
"""

CUT = "lesson_code/cut.py:a"


@pytest.fixture
def small(book: Book) -> Book:
    book.module("checks", CHECKS)
    book.module("concept", CONCEPT)
    return book


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


class TestTitle:
    def test_links_to_the_very_lines_in_the_repository(self, small: Book) -> None:
        html = convert(SETUP + LISTING, repository="https://host.example/owner/name/")
        lines = (small.root / "lesson_code/concept.py").read_text().splitlines()
        first, last = map(int, re.search(r"concept\.py#L(\d+)-L(\d+)\"", html).groups())
        assert lines[first - 1].startswith("def total")
        assert lines[last - 1] == "    return math.fsum(numbers)"
        assert "https://host.example/owner/name/blob/main/lesson_code/concept.py#L" in html

    def test_without_a_repository_links_to_the_file_that_the_site_brings_along(
        self, small: Book
    ) -> None:
        html = convert(SETUP + LISTING, page="module-1/deep/moco.md")
        assert 'href="../../source/lesson_code/concept.py.html#L11"' in html
        assert "lines 11–15" in text_of(html)
        assert 'href="source/lesson_code/concept.py.html#L11"' in convert(
            SETUP + LISTING, page="index.md"
        )

    def test_names_the_file_and_the_region(self, small: Book) -> None:
        html = convert(SETUP + LISTING)
        assert '<strong class="listing-name">total</strong>' in html
        assert '<span class="listing-path">concept.py, </span>lines 11–15</a>' in html
        assert html.count('<div class="listing"') == 2
        assert html.index("listing-title") < html.index("<pre")

    def test_several_regions_are_one_listing_titled_by_the_last(self, small: Book) -> None:
        html = convert(SETUP)
        title = text_of(re.search(r'<p class="listing-title">.*?</p>', html, re.DOTALL)[0])
        assert title == "checks checks.py, lines 8–10"  # imports need no word
        both = convert(
            SETUP.replace("py:checks", 'py:checks"\n--8<-- "lesson_code/concept.py:total')
        )
        title = text_of(re.search(r'<p class="listing-title">.*?</p>', both, re.DOTALL)[0])
        assert title.startswith("total with: lesson_code/checks.py · checks concept.py")

    def test_several_imports_are_one(self, small: Book) -> None:
        small.module(
            "third",
            "# --8<-- [start:imports]\nimport torch\nfrom torch import nn\nimport copy\n"
            "# --8<-- [end:imports]\n# --8<-- [start:x]\nx = copy, nn\n# --8<-- [end:x]\n",
        )
        both = SETUP.replace(
            "concept.py:imports", 'third.py:imports"\n--8<-- "lesson_code/concept.py:imports'
        )
        assert text_of(convert(both)).split("def check")[0].partition("8–10")[2].strip() == (
            "import copy\nimport math\nfrom collections.abc import Iterable\n\n"
            "import torch\nfrom torch import nn"
        )

    def test_says_which_blocks_it_needs(self, small: Book) -> None:
        html = convert(SETUP + LISTING)
        setup, listing = re.findall(r'<div class="listing" [^>]*id="([^"]+)">', html)
        assert (setup, listing) == ("listing-checks", "listing-total")
        needs = re.search(r'<span class="listing-needs">(.*?)</span>', html)[1]
        assert needs == (
            'needs: <a href="#listing-checks" title="Iterable, check, math">checks</a>'
        )

    def test_the_last_definition_counts(self, small: Book) -> None:
        small.module("again", "# --8<-- [start:math]\nmath = None\n# --8<-- [end:math]\n")
        again = '```python\n--8<-- "lesson_code/again.py:math"\n```\n'
        html = convert(SETUP + again + LISTING)
        assert 'href="#listing-math" title="math"' in html

    def test_two_blocks_of_one_name_have_two_ids(self, small: Book) -> None:
        html = convert(SETUP + LISTING + LISTING)
        assert 'id="listing-total"' in html
        assert 'id="listing-total-2"' in html


class TestCode:
    def test_shows_the_region_without_markers(self, small: Book) -> None:
        text = text_of(convert(SETUP + LISTING))
        assert "return math.fsum(numbers)" in text
        assert "8&lt;" not in text
        assert "from lesson_code" not in text

    @pytest.mark.parametrize("opening", ['??? note "Set-up"', '!!! note "Set-up"', '=== "Set-up"'])
    def test_works_inside_other_blocks(self, small: Book, opening: str) -> None:
        inside = "".join(f"    {line}\n" if line else "\n" for line in SETUP.splitlines())
        html = convert(f"Before.\n\n{opening}\n\n{inside}\nAfter.\n")
        assert 'class="listing-title"' in html
        assert "<p>After.</p>" in html
        assert "def" in text_of(html)
        assert "///" not in html

    def test_a_listing_in_a_list_stays_in_it(self, small: Book) -> None:
        inside = "".join(f"    {line}\n" if line else "\n" for line in SETUP.splitlines())
        html = convert(f"1.  First\n\n{inside}\n2.  Second\n")
        assert html.index("<li>") < html.index("listing-title") < html.index("Second")
        assert html.count("<ol>") == 1

    def test_other_fences_are_left_alone(self, small: Book) -> None:
        html = convert("```sh\npip install torch\n```\n\n````markdown\n```python\nx\n```\n````\n")
        assert "listing" not in html
        assert "```python" in html

    def test_an_escaped_include_is_shown(self, small: Book) -> None:
        html = convert('```markdown\n;--8<-- "lesson_code/concept.py:total"\n```\n')
        assert '--8&lt;-- "lesson_code/concept.py:total"' in html


class TestRefuses:
    """Each mistake ends the build with one message that names the page, the path, the region."""

    def refused(self, text: str) -> str:
        with pytest.raises(BookError) as caught:
            convert(text)
        message = str(caught.value)
        assert "\n" not in message
        assert message.startswith("lesson/page.md: ")
        return message

    @pytest.mark.parametrize(
        ("code", "target", "says"),
        [
            ("", "lesson_code/gone.py:total", "lesson_code/gone.py does not exist"),
            ("", "lesson_code/concept.py:mean", "lesson_code/concept.py has no region 'mean'"),
            ("", "../../etc/hosts:a", "exist"),
            *(
                ("", f"lesson_code/concept.py{end}", "include a region by its name")
                for end in ("", ":3:9", ":-2", ":")
            ),
            ("{start}x = 1\n", CUT, "cut.py:1: the region 'a' is never closed"),
            (
                "{start}x = 1\n{end}{start}y = 2\n",
                CUT,
                "cut.py:4: the region 'a' has a second start",
            ),
            ("{start}x = 1\n{end}{end}y = 2\n", CUT, "cut.py:4: the region 'a' has a second end"),
            ("{end}x = 1\n{start}", CUT, "ends before it starts"),
            ("{start}\n{end}", CUT, "the region 'a' is empty"),
            ("{start}x = (\n{end}", CUT, "lesson_code/cut.py:2"),
            ("def f():\n    {start}    x = 1\n    {end}    return x\n", CUT, "'a' cuts f"),
            ("{start}def f():\n    x = 1\n    {end}    return x\n", CUT, "'a' cuts f"),
            ("@print\n{start}def f():\n    return 1\n{end}", CUT, "'a' cuts f"),
            ("@guard(1)\n@print\n{start}def f():\n    return 1\n{end}", CUT, "'a' cuts f"),
            ("class f:\n    {start}    def g(self): ...\n{end}    y = 1", CUT, "'a' cuts f"),
        ],
    )
    def test_what_is_no_listing(self, small: Book, code: str, target: str, says: str) -> None:
        marks = {"start": "# --8<-- [start:a]\n", "end": "# --8<-- [end:a]\n"}
        small.module("cut", code.format(**marks))
        assert says in self.refused(f'```python\n--8<-- "{target}"\n```\n')

    def test_a_guard_stands_above_its_region(self, small: Book) -> None:
        small.module(
            "kept",
            "def guard(check):\n    return lambda function: function\n\n\n@guard(None)\n"
            "# --8<-- [start:f]\ndef f():\n    return 1\n# --8<-- [end:f]\n",
        )
        page = text_of(convert('```python\n--8<-- "lesson_code/kept.py:f"\n```\n'))
        assert "def f" in page and "guard" not in page

    def test_a_name_that_nothing_above_defines(self, small: Book) -> None:
        message = self.refused(LISTING)
        assert "concept.py · total uses Iterable, check, math" in message
        assert "which no block above it defines" in self.refused(LISTING + SETUP)

    def test_python_typed_by_hand(self, small: Book) -> None:
        assert "typed by hand" in self.refused("```python\nprint(1)\n```\n")
        assert "typed by hand" in self.refused(SETUP.replace("```\n", "x = 1\n```\n"))

    def test_a_listing_block_written_by_hand(self, small: Book) -> None:
        assert "python fence" in self.refused("/// listing | 0\n///\n")


class TestRegions:
    def test_lines_are_those_of_the_code(self, small: Book) -> None:
        found = region(small.root, "lesson_code/concept.py", "total")
        lines = (small.root / found.path).read_text().splitlines()
        assert "\n".join(lines[found.first - 1 : found.last]) == found.code

    def test_nested_regions(self, book: Book) -> None:
        book.module(
            "nested",
            "# --8<-- [start:all]\na = 1\n# --8<-- [start:b]\nb = 2\n# --8<-- [end:b]\n"
            "# --8<-- [end:all]\n",
        )
        found = regions(book.root, "lesson_code/nested.py")
        assert found["all"].code == "a = 1\nb = 2"
        assert (found["all"].first, found["all"].last) == (2, 4)
        assert found["b"].code == "b = 2"

    def test_a_change_is_noticed(self, book: Book) -> None:
        text = "# --8<-- [start:a]\nx = {}\n# --8<-- [end:a]\n"
        book.module("moving", text.format(1))
        assert region(book.root, "lesson_code/moving.py", "a").code == "x = 1"
        book.module("moving", text.format(22))
        assert region(book.root, "lesson_code/moving.py", "a").code == "x = 22"


@pytest.mark.parametrize("directories", [True, False])
def test_links_lead_to_the_lines_wherever_the_site_lies(small: Book, directories: bool) -> None:
    small.page("# Home\n\n" + SETUP + LISTING, "index.md")
    small.page("# Deep\n\n" + SETUP + LISTING, "module-1/lesson/moco.md")
    done = mkdocs(small, "--strict", directories=directories)
    assert done.returncode == 0, done.stderr
    site = small.root / "site"
    ends = ["index.html", "module-1/lesson/moco/index.html"]
    for page in [
        site / (end if directories else end.replace("moco/index", "moco")) for end in ends
    ]:
        links = re.findall(r'<a [^>]*href="([^"]*concept[^"#]*)#([^"]+)"', page.read_text())
        assert "L11" in [anchor for _, anchor in links if not anchor.startswith("_")]
        for link, anchor in links:
            assert not link.startswith(("/", "http"))
            target = Path(page.parent, link)
            assert f'id="{anchor}"' in target.read_text()
