"""How an example declares itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from bookbuild import project
from bookbuild.project import BookError, Example, Tolerances
from small_book import Book


def test_the_root_is_found_from_below(book: Book) -> None:
    below = book.root / "docs" / "deep"
    below.mkdir()
    assert project.root(below) == book.root.resolve()


def test_outside_a_book_the_message_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"mkdocs\.yml"):
        project.root(tmp_path)


def test_a_header_is_read(book: Book) -> None:
    name = book.example("it", "", 'cost = "lab"\nlimit = 300\nseed = 7\ntolerance = 0.01')
    path = book.root / "lesson_code/examples/l0/it.py"
    assert project.example(name, book.root) == Example(name, path, "lab", 300, 7, Tolerances(0.01))


@pytest.mark.parametrize("cost", ["lab", "gpu"])
def test_an_example_that_trains_may_declare_wider_tolerances(book: Book, cost: str) -> None:
    declared = f'cost = "{cost}"\nwithin = {{knn = 0.02, seconds = inf}}\nprinted = 0.05'
    name = book.example("it", "", f"{declared}\npixels = 30\npictures = 10.0")
    wide = Tolerances(1e-4, {"knn": 0.02, "seconds": float("inf")}, 0.05, 30, 10.0)
    example = project.example(name, book.root)
    assert (example.tolerances, example.tolerance) == (wide, 1e-4)
    assert project.example(book.example("it", "", declared), book.root).tolerances.pixels == 0.05


def test_an_empty_header_declares_a_quick_example(book: Book) -> None:
    assert project.example(book.example("it", "", ""), book.root).cost == "quick"


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("cost = 'huge'", "cost must be one of quick, lab, gpu"),
        ("color = 'red'", "not 'color'"),
        ("limit = 0", "limit must be above 0"),
        ("limit = true", "limit"),
        ("limit = 'long'", "limit"),
        ("tolerance = 2.0", "tolerance"),
        ("seed = 1.5", "seed"),
        ("seed 1", "not TOML"),
        ("cost = 'lab'\nwithin = 0.02", "within in the header cannot be 0.02"),
        ("cost = 'lab'\nwithin = {k-nn = 0.02}", "a key of within is like few_labels, not 'k-nn'"),
        ("cost = 'lab'\nwithin = {K = 0.02}", "a key of within is like few_labels, not 'K'"),
        ("cost = 'lab'\nwithin = {knn = 0}", "within knn must be a number above 0, is 0"),
        ("cost = 'lab'\nwithin = {knn = -0.1}", "within knn must be a number above 0"),
        ("cost = 'lab'\nwithin = {knn = nan}", "within knn must be a number above 0, is nan"),
        ("cost = 'lab'\nwithin = {knn = true}", "within knn must be a number above 0"),
        ("cost = 'lab'\nwithin = {knn = 'x'}", "within knn must be a number above 0"),
        ("cost = 'lab'\nprinted = 0.0", "printed in the header must be above 0"),
        ("cost = 'lab'\npixels = nan", "pixels in the header must be above 0"),
        ("cost = 'lab'\npictures = true", "pictures in the header cannot be True"),
        ("within = {knn = 0.02}", "within in the header is for cost lab or gpu"),
        ("cost = 'quick'\nprinted = 0.1", "printed in the header is for cost lab or gpu"),
        ("pixels = 3.0\npictures = 3", "pixels, pictures in the header is for cost lab or gpu"),
    ],
)
def test_a_wrong_header_is_refused(book: Book, declared: str, says: str) -> None:
    name = book.example("it", "", declared)
    with pytest.raises(BookError, match=says) as caught:
        project.example(name, book.root)
    assert "l0/it.py" in str(caught.value)


def test_no_header_is_refused(book: Book) -> None:
    book.module("examples/l0/it", "print(1)\n")
    with pytest.raises(BookError, match="no header"):
        project.examples(book.root)


@pytest.mark.parametrize("name", ["l0/nothing", "nothing", "../l0/it", "l0/It", ""])
def test_an_unknown_name_is_refused(book: Book, name: str) -> None:
    with pytest.raises(BookError, match="no example|no name"):
        project.example(name, book.root)


class TestNamed:
    @pytest.fixture
    def two(self, book: Book) -> Book:
        book.example("one", "")
        book.example("two", "")
        book.module("examples/lab/mae", "# /// example\n# ///\n")
        book.module("examples/drawing", "")
        book.module("examples/lab/__init__", "")
        return book

    def names(self, book: Book, *names: str) -> list[str]:
        return [example.name for example in project.named(book.root, names)]

    def test_a_folder_means_all_examples_in_it(self, two: Book) -> None:
        assert self.names(two, "l0") == ["l0/one", "l0/two"]
        assert self.names(two, "lab", "l0/two") == ["lab/mae", "l0/two"]

    def test_each_is_meant_once(self, two: Book) -> None:
        assert self.names(two, "l0/two", "l0", "l0/two") == ["l0/two", "l0/one"]

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("lob", "no example and no folder of examples is called 'lob'; the nearest is lab"),
            ("mae", "is called 'mae'; the nearest is lab/mae"),
            ("drawing", "is called 'drawing'; there are: l0, lab"),
            ("l0/tow", "no example l0/tow: .* does not exist; the nearest is l0/two"),
            ("l0/nothing_like_it", "does not exist$"),
        ],
    )
    def test_an_unknown_name_is_answered_with_the_nearest(
        self, two: Book, name: str, says: str
    ) -> None:
        with pytest.raises(BookError, match=says):
            self.names(two, name)


def test_a_header_that_is_too_deep_is_named(book: Book) -> None:
    name = book.example("it", "", "limit = " + "[" * 50_000)
    with pytest.raises(BookError, match=r"it.py: the header is not TOML"):
        project.example(name, book.root)


def test_links_are_found_wherever_they_lead(book: Book) -> None:
    (book.root / "elsewhere").mkdir()
    (book.root / "theme").symlink_to("elsewhere")
    (book.root / "docs/gone").symlink_to("/no/such/place")
    (book.root / "docs/round").symlink_to("round")
    (book.root / "lesson_code/results").symlink_to("../elsewhere")
    found = {"theme", "docs/gone", "docs/round", "lesson_code/results"}
    assert set(project.unfit(book.root)) == found


def test_a_text_for_a_terminal_holds_no_control_of_it() -> None:
    assert project.harmless("a → é\n\tb") == "a → é\n\tb"
    said = project.harmless("\x1b[2J \x9b2J \x07 \r \u202e \udcff \u2028")
    assert said == r"\x1b[2J \x9b2J \x07 \r \u202e \udcff \u2028"
