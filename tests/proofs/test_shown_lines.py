"""What the listings show: the count itself, and the bounds that the book keeps."""

from pathlib import Path

import pytest
from bookbuild import pages, project, results
from bookbuild.regions import Region
from proofs.shown_lines import counted, published, share

ROOT = project.root(Path(__file__))
CODE = '''@torch.no_grad()
def loss(x):
    """Sum.

    Long.
    """
    if x < 0:
        raise ValueError(
            "negative"
        )

    check_counts(x=x)
    # Why.
    return x.sum()

class Layer:
    """Hold."""

    size: int

    def forward(self, x):
        """Double."""
        return 2 * x
'''


def test_each_line_is_counted_once() -> None:
    count = counted(Region("a.py", "a", 1, 23, CODE))
    assert (count.docstring, count.checks, count.method) == (3, 5, 8)
    assert count.functions == (11,)  # from its decorator on, without the rest of the docstring
    assert count.classes == (8,)
    assert share([count]) == 8 / 16


@pytest.fixture(scope="module")
def counts():
    return [counted(region) for region in published(ROOT)]


def test_every_listing_stands_on_a_page(counts) -> None:
    shown = {
        target
        for page in pages.pages(ROOT)
        for fence in page.fences
        for target in fence.includes() or ()
    }
    assert {f"{count.region.path}:{count.region.name}" for count in counts} <= shown


def test_a_function_shows_at_most_15_lines_and_a_class_60(counts) -> None:
    long = [count.region.title for count in counts if max(count.functions, default=0) > 15]
    long += [count.region.title for count in counts if max(count.classes, default=0) > 60]
    assert not long


def test_three_quarters_of_what_is_shown_are_the_method(counts) -> None:
    docstring, checks = sum(c.docstring for c in counts), sum(c.checks for c in counts)
    print(f"{share(counts):.1%} method; {docstring} lines of docstring, {checks} of checks")
    assert share(counts) >= 0.75


def test_a_class_of_more_than_20_lines_is_walked_through(counts) -> None:
    """Where it is explained: a page may fold it away, as on the page before."""
    walked = {
        fence.walk.target for page in pages.pages(ROOT) for fence in page.fences if fence.walk
    }
    long = {
        f"{count.region.path}:{count.region.name}"
        for count in counts
        if max(count.classes, default=0) > 20
    }
    assert long == walked


def test_the_page_says_what_is_counted(counts) -> None:
    values = results.load(ROOT, "about/listings").values
    assert values["listings"] == len(counts)
    assert values["share"] == pytest.approx(share(counts), rel=0.03)
    assert values["function"] == max(size for count in counts for size in count.functions)
    assert values["class"] == max(size for count in counts for size in count.classes)
