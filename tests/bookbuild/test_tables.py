"""Tables of results: what they may hold, how they are kept, compared, shown, and used on a page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable

import pytest
from bookbuild import lint, pages, results, runner, tables
from bookbuild.compare import differences, same_cell
from bookbuild.launcher import Worker
from bookbuild.project import BookError, Tolerances
from bookbuild.results import Result
from bookbuild.runner import Outcome, Plan
from bookbuild.tables import Table, checked, written
from rendering import convert, keep
from small_book import Book

RAW = {
    "columns": {"Method": "", "k-NN": ".3f", "few labels": ".1%", "Steps": "d", "Stops": ""},
    "rows": [["SimCLR", [0.963, 0.005], 0.925, 300, True], ["Raw pixels", 0.5, None, 1000, False]],
}
CODE = "# --8<-- [start:show]\nprint(1)\n# --8<-- [end:show]\n"
BLOCK = "/// table | l0/it:methods\nAll *methods*, with `k-NN`.\n///\n"


def table(**changed: object) -> dict[str, object]:
    return {**RAW, **changed}


class TestChecked:
    def test_every_kind_of_cell_is_written(self) -> None:
        found = checked(RAW)
        assert [[found.written(row, column) for column in range(5)] for row in range(2)] == [
            ["SimCLR", "0.963 ± 0.005", "92.5%", "300", "yes"],
            ["Raw pixels", "0.500", "–", "1000", "no"],
        ]
        assert [found.is_numeric(column) for column in range(5)] == [False, True, True, True, False]

    def test_a_number_that_rounds_to_nothing_has_no_sign(self) -> None:
        for spec in (".3f", "+.3f"):
            assert written(-0.0004, spec) == "0.000"
        assert written((-0.0006, 0.0004), "+.3f") == "-0.001 ± 0.000"
        assert written(-2e-7, ".0e") == "-2e-07"

    def test_a_whole_number_is_written_as_its_column_writes(self) -> None:
        assert written(1, ".2f") == written(1.0, ".2f") == "1.00"
        assert written((1, 0), ".2f") == "1.00 ± 0.00"
        assert written("failed", ".2f") == "failed"

    @pytest.mark.parametrize(
        ("raw", "says"),
        [
            (3, "must be a dict of 'columns' and 'rows'"),
            ({"columns": RAW["columns"]}, "must be a dict of 'columns' and 'rows'"),
            (table(caption="x"), "must be a dict of 'columns' and 'rows'"),
            (table(columns=["Method", "k-NN"]), "columns must be a dict"),
            (table(columns={"Method": ""}), "two names or more"),
            (table(columns={"Method": "", " ": ".3f"}), "columns must name a format"),
            (table(columns={"Method": "", "k-NN": 3}), "not 'k-NN': 3"),
            (table(rows=[]), "one row or more"),
            (table(rows={"SimCLR": 1}), "must be a list"),
            (
                table(rows=[["SimCLR", 0.5]]),
                r"row 1 must be a list of 5 cells, is \['SimCLR', 0.5\]",
            ),
            (table(rows=[*RAW["rows"], 3]), "row 3 must be a list of 5 cells"),
        ],
    )
    def test_what_is_no_table_is_refused(self, raw: object, says: str) -> None:
        with pytest.raises(ValueError, match=says):
            checked(raw)

    @pytest.mark.parametrize(
        ("cell", "spec", "says"),
        [
            (float("nan"), ".3f", "nan cannot stand in a table; None shows as a dash"),
            (float("inf"), ".3f", "inf cannot stand"),
            ([0.5, float("nan")], ".3f", "nan cannot stand"),
            ([float("-inf"), 0.5], ".3f", "-inf cannot stand"),
            (0.5, "", "say how to write a decimal"),
            ([0.5, 1], "", "say how to write a decimal"),
            (0.5, "d", "cannot write 0.5 as 'd'"),
            (0.5, ".3q", "cannot write 0.5 as '.3q'"),
            ([0.5, -0.1], ".3f", "a spread cannot be negative"),
            ([0.5], ".3f", "a cell is text, a number, None or"),
            ([1, 2, 3], ".3f", "a cell is text"),
            (["a", 1], ".3f", "a cell is text"),
            ([True, 1], ".3f", "a cell is text"),
            ([0.5, None], ".3f", "a cell is text"),
            ({"Tensor": "tensor(1.)"}, ".3f", "not {'Tensor': 'tensor"),
        ],
    )
    def test_a_cell_is_refused_by_its_place(self, cell: object, spec: str, says: str) -> None:
        raw = {"columns": {"Method": "", "k-NN": spec}, "rows": [["a", None], ["b", cell]]}
        with pytest.raises(ValueError, match=says) as caught:
            checked(raw)
        assert str(caught.value).startswith("row 2, column 'k-NN': ")

    @pytest.mark.parametrize("header", [None, "", [0.5, 0.1]])
    def test_a_row_begins_with_its_header(self, header: object) -> None:
        raw = {"columns": {"Method": ".1f", "k-NN": ".1f"}, "rows": [[header, 0.5]]}
        with pytest.raises(ValueError, match="row 1 must begin with its header"):
            checked(raw)

    @pytest.mark.parametrize(
        ("found", "says"),
        [
            (["methods"], "l0/it: tables must be a dict"),
            ({"All Methods": RAW}, "name the table in lower-case-words, not 'All Methods'"),
            ({"methods": table(rows=[])}, r"l0/it: tables\['methods'\]: rows must be"),
        ],
    )
    def test_an_example_hears_what_to_mend(self, found: object, says: str) -> None:
        raw = {"output": "", "figures": {}, "alt": {}, "values": {}, "tables": found}
        with pytest.raises(BookError, match=says):
            results.checked(raw, "l0/it")

    def test_a_column_has_the_keys_of_its_letters_and_digits(self) -> None:
        assert tables.keys("k-NN") == ("k_nn", "knn")
        assert tables.keys("Few labels (5)") == ("few_labels_5",) * 2


class TestKept:
    def test_a_table_comes_back_as_it_was_columns_in_order(self, book: Book) -> None:
        result = Result("1\n", tables={"b": checked(RAW), "a": checked(RAW)})
        results.write(book.root, "l0/it", result)
        loaded = results.load(book.root, "l0/it")
        assert loaded == result
        assert [name for name, _ in loaded.tables["a"].columns] == list(RAW["columns"])
        assert type(loaded.tables["a"].rows[0][3]) is int

    def test_results_without_tables_are_as_they_ever_were(self) -> None:
        result = Result("1\n", {"f": "<svg/>"}, {"f": "x"}, {"v": 1.5}, {"seconds": 2.0})
        parts = [result.output, result.figures, result.alt, result.values, result.provenance]
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
        assert result.digest() == digest
        assert "tables" not in json.loads(result.files()["result.json"])

    @pytest.mark.parametrize(("old", "new"), [("0.963", "0.973"), ('"k-NN"', '"kNN"')])
    def test_a_cell_changed_by_hand_is_noticed(self, book: Book, old: str, new: str) -> None:
        results.write(book.root, "l0/it", Result(tables={"methods": checked(RAW)}))
        path = book.result("l0/it", "result.json")
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        with pytest.raises(BookError, match="changed by hand"):
            results.load(book.root, "l0/it")

    @pytest.mark.parametrize(
        "broken",
        [
            [],
            {"methods": []},
            {"methods": {"columns": [["a", ""]], "rows": [[1, 2]]}},
            {"methods": {"columns": 3, "rows": []}},
        ],
    )
    def test_a_broken_table_is_a_damaged_result(self, book: Book, broken: object) -> None:
        results.write(book.root, "l0/it", Result(tables={"methods": checked(RAW)}))
        path = book.result("l0/it", "result.json")
        path.write_text(json.dumps({**json.loads(path.read_text()), "tables": broken}))
        with pytest.raises(BookError, match=r"damaged|changed by hand"):
            results.load(book.root, "l0/it")


def changed(row: int, column: int, cell: object) -> Table:
    rows = [list(cells) for cells in RAW["rows"]]
    rows[row][column] = cell
    return checked(table(rows=rows))


class TestCompared:
    @pytest.mark.parametrize(
        ("old", "new", "same"),
        [
            (0.5, 0.50004, True),
            (0.5, 0.501, False),
            (300, 300, True),
            (300, 301, False),
            (0, 0.0, True),
            (1, 1.00005, True),
            (1, 1.01, False),
            ((0.5, 0), (0.5, 0.0), True),
            ((0.5, 0.1), (0.50004, 0.1), True),
            ((0.5, 0.1), (0.5, 0.2), False),
            ((0.5, 0.1), 0.5, False),
            (0.5, None, False),
            (None, None, True),
            (True, 1, False),
            (1, True, False),
            (True, False, False),
            ("a", "b", False),
            ("1", 1, False),
        ],
    )
    def test_cells(self, old: object, new: object, same: bool) -> None:
        assert same_cell(old, new, Tolerances()) is same  # type: ignore[arg-type]
        assert same_cell(new, old, Tolerances()) is same  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("cell", "same"), [([0.945, 0.02], True), ([0.94, 0.005], False), ([0.963, 0.026], False)]
    )
    def test_a_tolerance_of_the_column_is_for_both_numbers(self, cell: object, same: bool) -> None:
        old = Result(tables={"methods": checked(RAW)})
        new = Result(tables={"methods": changed(0, 1, cell)})
        assert differences(old, new, Tolerances()) != []
        assert (differences(old, new, Tolerances(within={"nn": 0.02})) == []) is same
        assert (differences(old, new, Tolerances(within={"k_nn": 0.02})) == []) is same
        assert (differences(old, new, Tolerances(within={"knn": 0.02})) == []) is same
        assert differences(old, new, Tolerances(within={"few_labels": 0.02})) != []

    @pytest.mark.parametrize("key", ["simclr_knn", "simclr_k_nn"])
    def test_a_tolerance_for_one_row_goes_before_the_column_s(self, key: str) -> None:
        old = Result(tables={"methods": checked(RAW)})
        first = Result(tables={"methods": changed(0, 1, [0.9, 0.005])})
        second = Result(tables={"methods": changed(1, 1, 0.4)})
        assert differences(old, first, Tolerances(within={"knn": 0.01, key: 0.2})) == []
        assert differences(old, second, Tolerances(within={"knn": 0.01, key: 0.2})) != []
        assert differences(old, first, Tolerances(within={"knn": 0.2, key: 0.01})) != []

    def test_whole_numbers_stay_exact_whatever_is_declared(self) -> None:
        old = Result(tables={"methods": checked(RAW)})
        new = Result(tables={"methods": changed(0, 3, 301)})
        assert differences(old, new, Tolerances(within={"steps": float("inf")})) != []

    def test_a_difference_names_table_row_and_column(self) -> None:
        old = Result(tables={"methods": checked(RAW), "gone": checked(RAW)})
        new = Result(tables={"methods": changed(1, 1, 0.75), "more": checked(RAW)})
        assert differences(old, new, Tolerances()) == [
            "table gone: gone",
            "table methods, row 2 (Raw pixels), k-NN: was 0.5, is 0.75",
            "table more: added",
        ]

    def test_other_columns_formats_or_rows_are_one_difference(self) -> None:
        old = Result(tables={"methods": checked(RAW)})
        for other, says in (
            (table(rows=RAW["rows"][:1]), "table methods, rows: were 2, are 1"),
            (table(columns={**RAW["columns"], "k-NN": ".2f"}), "table methods, columns: were"),
        ):
            (told,) = differences(old, Result(tables={"methods": checked(other)}), Tolerances())
            assert told.startswith(says)


@pytest.fixture
def small(book: Book) -> Book:
    """A book with one table on one page and nothing to mend."""
    book.example("it", CODE, 'cost = "lab"')
    keep(book, "l0/it", Result(tables={"methods": checked(RAW), "other": checked(RAW)}))
    other = "/// table | l0/it:other\nThe others.\n///\n"
    book.page(f"# Lab\n\n{BLOCK}\n{other}", "lab/page.md")
    return book


class TestShown:
    def test_a_real_table_in_a_region_that_a_keyboard_reaches(self, small: Book) -> None:
        html = convert(BLOCK)
        assert '<div class="book-table" data-cost="lab" data-example="l0/it">' in html
        (region,) = re.findall(r'<div [^>]*class="table-scroll"[^>]*>', html)
        assert 'tabindex="0"' in region and 'role="region"' in region
        label = re.search(r'aria-labelledby="([^"]+)"', region)[1]
        caption = re.search(rf'<caption id="{label}">(.*?)</caption>', html, re.DOTALL)[1]
        assert "<p>All <em>methods</em>, with <code>k-NN</code>.</p>" in caption
        assert re.findall(r"<th([^>]*)>(.*?)</th>", html) == [
            (' scope="col"', "Method"),
            (' class="number" scope="col"', "k-NN"),
            (' class="number" scope="col"', "few labels"),
            (' class="number" scope="col"', "Steps"),
            (' scope="col"', "Stops"),
            (' scope="row"', "SimCLR"),
            (' scope="row"', "Raw pixels"),
        ]
        assert re.findall(r"<td([^>]*)>(.*?)</td>", html) == [
            (' class="number"', "0.963 ± 0.005"),
            (' class="number"', "92.5%"),
            (' class="number"', "300"),
            ("", "yes"),
            (' class="number"', "0.500"),
            (' class="number"', "–"),
            (' class="number"', "1000"),
            ("", "no"),
        ]

    def test_text_of_a_cell_is_text(self, small: Book) -> None:
        columns, rows = {"A": "", "*B*": ""}, [["<b>", "*a* $x$ {{ l0/it.x }} [@y]"]]
        keep(
            small, "l0/it", Result(tables={"methods": checked({"columns": columns, "rows": rows})})
        )
        html = convert(BLOCK)
        for part in ("*B*", "&lt;b&gt;", "*a* $x$ {{ l0/it.x }} [@y]"):
            assert f">{part}</t" in html

    @pytest.mark.parametrize("cost", ["lab", "gpu"])
    def test_says_when_the_code_has_changed_since(self, small: Book, cost: str) -> None:
        small.example("it", CODE, f'cost = "{cost}"')
        keep(small, "l0/it", Result(tables={"methods": checked(RAW)}))
        assert "has changed" not in convert(BLOCK)
        small.example("it", CODE.replace("1", "2"), f'cost = "{cost}"')
        for block in (BLOCK, "/// record | l0/it\n///\n"):
            told = '<p class="record-stale">The code has changed since this was recorded.</p>'
            assert told in convert(block)

    def test_a_wider_tolerance_is_no_change_of_the_code(self, small: Book) -> None:
        small.example("it", CODE, 'cost = "lab"\nwithin = {k_nn = 0.02}\nprinted = 0.1')
        assert "has changed" not in convert(BLOCK)

    def test_without_a_record_says_so_and_keeps_its_caption(self, small: Book) -> None:
        small.example("new", CODE, 'cost = "lab"')
        html = convert(BLOCK.replace("l0/it", "l0/new"))
        assert "No record exists yet: this example needs some minutes;" in html
        assert "<em>methods</em>" in html and "<table" not in html

    def test_a_record_shows_its_tables(self, small: Book) -> None:
        html = convert("/// record | l0/it\n///\n")
        assert re.findall(r"<p>(Methods|Other)</p>", html) == ["Methods", "Other"]
        assert html.count("<table") == 2

    def test_ids_are_unique_on_a_page(self, small: Book) -> None:
        html = convert(BLOCK + "\n" + BLOCK.replace("methods", "other"))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)) == 4

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("/// table | l0/it:methds\nA.\n///\n", "no table 'methds'; it has: methods, other"),
            ("/// table | l0/it\nA.\n///\n", "no table ''; it has: methods, other"),
            ("/// table | l0/it:methods\n///\n", "the table l0/it:methods needs a caption"),
            (f"{BLOCK}\n{BLOCK}", "on this page twice"),
            ("/// table | l0/gone:methods\nA.\n///\n", "no example l0/gone"),
        ],
    )
    def test_refuses(self, small: Book, text: str, says: str) -> None:
        with pytest.raises(BookError, match=rf"lesson/page\.md: .*{says}"):
            convert(text)


class TestUsed:
    def only(self, book: Book) -> str:
        found = lint.problems(book.root)
        assert len(found) == 1, found
        return found[0]

    def change(self, book: Book, old: str, new: str) -> None:
        path = book.root / "docs/lab/page.md"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def test_on_exactly_one_page(self, small: Book) -> None:
        assert lint.problems(small.root) == []
        assert pages.places(small.root, "l0/it") == ["docs/lab/page.md:3", "docs/lab/page.md:7"]
        path = small.page(f"# B\n\n{BLOCK}", "b.md")
        assert "this table of l0/it:methods is shown at docs/b.md:3 already" in self.only(small)
        path.unlink()
        self.change(small, BLOCK, "")
        assert self.only(small).endswith("examples/l0/it.py:1: no page shows its table 'methods'")

    def test_an_unknown_table_is_named_with_its_line(self, small: Book) -> None:
        self.change(small, "l0/it:methods", "l0/it:method")
        told = "docs/lab/page.md:3: l0/it has no table 'method'; it has: methods, other"
        assert self.only(small) == told

    def test_a_record_block_shows_all_tables(self, small: Book) -> None:
        small.page("# Lab\n\n/// record | l0/it\n///\n", "lab/page.md")
        assert lint.problems(small.root) == []

    def test_a_tolerance_for_nothing_is_named(self, small: Book) -> None:
        small.example("it", CODE, 'cost = "lab"\nwithin = {k_nn = 0.02, few = 0.1}')
        told = "examples/l0/it.py:1: within few is for no value and no column of a table; there are"
        assert told in self.only(small)
        small.example("it", CODE, 'cost = "lab"\nwithin = {labels = 0.02, nn = 0.1}')
        assert lint.problems(small.root) == []


class TestRun:
    @pytest.fixture
    def run(self, book: Book, worker: Worker) -> Callable[..., Outcome]:
        def run(code: str, mode: str = "check") -> Outcome:
            name = book.example("it", code, 'cost = "lab"\nlimit = 20\nwithin = {k_nn = 0.02}')
            return runner.refresh(book.root, Plan((name,), mode=mode), worker)[0]

        return run

    def code(self, cell: str = "0.5", columns: str = "{'Method': '', 'k-NN': '.3f'}") -> str:
        return (
            f"import torch\ntables = {{'a': {{'columns': {columns}, 'rows': [['b', {cell}]]}}}}\n"
        )

    def test_kept_then_agreeing_then_drifted(self, book: Book, run: Callable[..., Outcome]) -> None:
        assert run(self.code("[0.5, 0.01]"), "accept").status == "written"
        assert results.load(book.root, "l0/it").tables["a"].rows == (("b", (0.5, 0.01)),)
        told = run(self.code("(0.51, 0.02)")).message
        assert told.startswith("the same, by newer code")
        told = run(self.code("[0.53, 0.01]")).message.splitlines()
        assert told[1:] == ["table a, row 1 (b), k-NN: was (0.5, 0.01), is (0.53, 0.01)"]

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            ("float('nan')", "row 1, column 'k-NN': nan cannot stand in a table"),
            ("torch.tensor(0.5)", "not {'Tensor': 'tensor(0.5000)'}"),
            ("torch.rand(3).numpy()[0] * 0 + 1", "not {'float32': "),
        ],
    )
    def test_a_cell_that_cannot_be_is_one_clear_message(
        self, book: Book, run: Callable[..., Outcome], code: str, says: str
    ) -> None:
        outcome = run(self.code(code), "accept")
        assert outcome.status == "failed" and says in outcome.message, outcome
        assert outcome.message.startswith("l0/it: tables['a']: ")
        assert not results.exists(book.root, "l0/it")
