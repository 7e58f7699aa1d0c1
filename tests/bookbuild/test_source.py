"""Source pages: whole files, an id on every line, light enough to open on a phone."""

from __future__ import annotations

import html as entities
import re

import pytest
from bookbuild.project import BookError
from rendering import convert
from small_book import Book

CODE = '''"""Doc <string> & more."""

# --8<-- [start:outer]
def f(x: int) -> int:
    """Two
    lines."""
    return x + 1


# --8<-- [start:inner]
y = f(2)
# --8<-- [end:inner]
# --8<-- [end:outer]
'''


@pytest.fixture
def small(book: Book) -> Book:
    book.module("alpha", CODE)
    book.module("beta", "x = 1\n")
    book.example("one", "print(1)\n")
    return book


def source(pattern: str = "lesson_code/[ab]*.py", options: str = "") -> str:
    return convert(f"# Source\n\n/// source | {pattern}\n{options}///\n")


def lines_of(html: str, file: str) -> list[str]:
    return re.findall(rf'<span class="source-line" id="{file}-\d+">(.*?)\n</span>', html, re.DOTALL)


def plain(line: str) -> str:
    return entities.unescape(re.sub(r"<[^>]+>", "", line))


def test_every_line_is_there_under_its_number(small: Book) -> None:
    html = source()
    ids = re.findall(r'class="source-line" id="alpha-(\d+)"', html)
    assert ids == [str(number) for number in range(1, len(CODE.splitlines()) + 1)]
    shown = [plain(line) for line in lines_of(html, "alpha")]
    assert shown == CODE.splitlines()


def test_is_highlighted_without_marks_that_change_nothing(small: Book) -> None:
    html = source()
    assert '<span class="k">def </span><span class="nf">f</span>(' in html
    assert 'class="n"' not in html
    assert 'class="w"' not in html
    # A string over two lines is marked on each of them.
    fifth, sixth = lines_of(html, "alpha")[4:6]
    assert re.search(r'<span class="s', fifth)
    assert re.search(r'<span class="s', sixth)
    assert fifth.count("<span") == fifth.count("</span>")


def test_a_region_wraps_its_lines(small: Book) -> None:
    html = source()
    wrapped = re.findall(r'<span class="source-region"><span class="[^"]*" id="([^"]+)"', html)
    assert wrapped == ["alpha-4", "alpha-11"]
    assert html.count('<span class="source-region">') == 2


def test_every_file_has_a_heading_and_a_name_of_its_own(small: Book) -> None:
    html = source()
    assert re.findall(r'<h2 id="([^"]+)">([^<]+)</h2>', html) == [
        ("alpha", "lesson_code/alpha.py"),
        ("beta", "lesson_code/beta.py"),
    ]
    regions = re.findall(r'<pre [^>]*aria-label="([^"]+)" role="region"', html)
    assert regions == ["lesson_code/alpha.py", "lesson_code/beta.py"]
    assert html.count("data-search-exclude") == 2


def test_ids_of_examples_name_their_lesson(small: Book) -> None:
    html = source("lesson_code/examples/*/*.py")
    assert '<span class="source-line" id="l0-one-4">' in html


def test_all_ids_are_unique(small: Book) -> None:
    small.module("examples/l1/one", "# /// example\n# ///\nprint(2)\n")
    html = source("lesson_code/**/*.py")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_files_can_be_left_out(small: Book) -> None:
    html = source(options="    exclude: lesson_code/b*.py\n")
    assert "beta" not in html
    assert "alpha" in html


def test_markdown_and_mathematics_in_code_stay_code(small: Book) -> None:
    small.module("alpha", "x = '*a* $b$ {{ c }} [@d] <b>'  # _e_ --8<-- \"x\"\n")
    line = plain(lines_of(source(), "alpha")[0])
    assert line == "x = '*a* $b$ {{ c }} [@d] <b>'  # _e_ --8<-- \"x\""


def test_a_pattern_that_names_nothing_is_refused(small: Book) -> None:
    with pytest.raises(BookError, match=r"no file is named like lesson_code/z\*.py"):
        source("lesson_code/z*.py")
