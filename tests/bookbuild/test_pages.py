"""Reading pages, finding what they show, and naming what a contributor must mend on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from bookbuild import pages
from bookbuild.lint import problems
from bookbuild.project import BookError
from bookbuild.results import Result
from helpers import PATIENCE
from rendering import keep
from small_book import Book

SHOW = "# --8<-- [start:show]\nprint(1)\n# --8<-- [end:show]\n"
PAGE = """# Loss

```python
--8<-- "lesson_code/examples/l0/loss.py:show"
```

/// output | l0/loss
///

It falls to {{ l0/loss.low | .2f }}.

/// figure | l0/loss:curve
A caption.
///
"""


@pytest.fixture
def small(book: Book) -> Book:
    """A book on which there is nothing to mend."""
    book.example("loss", SHOW)
    keep(book, "l0/loss", Result("1\n", {"curve": "<svg/>"}, {"curve": "A"}, {"low": 0.25}))
    book.page(PAGE, "module-1/loss.md")
    return book


def lint(book: Book) -> list[str]:
    return problems(book.root)


def only(book: Book) -> str:
    found = lint(book)
    assert len(found) == 1, found
    assert "\n" not in found[0]
    return found[0]


def change(book: Book, old: str, new: str) -> None:
    path = book.root / "docs/module-1/loss.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_book_has_no_problems(small: Book) -> None:
    assert lint(small) == []


class TestPlaces:
    def test_names_every_line(self, small: Book) -> None:
        small.page("# B\n\nAgain {{ l0/loss.low | .1f }}.\n", "b.md")
        assert pages.places(small.root, "l0/loss") == [
            "docs/b.md:3",
            "docs/module-1/loss.md:3",
            "docs/module-1/loss.md:7",
            "docs/module-1/loss.md:10",
            "docs/module-1/loss.md:12",
        ]

    def test_of_an_example_on_no_page(self, small: Book) -> None:
        assert pages.places(small.root, "l0/other") == []

    def test_sees_what_changed(self, small: Book) -> None:
        change(small, "# Loss\n", "# Loss\n\nA line.\n")
        assert pages.places(small.root, "l0/loss")[0] == "docs/module-1/loss.md:5"


class TestFences:
    def test_reads_language_body_and_lines(self) -> None:
        text = "a\n``` {.python title='x'}\nb\n\nc\n```\n~~~\nd\n~~~\n    ```py\n    e\n    ```\n"
        found = pages.fences(text.splitlines())
        assert [(fence.line, fence.end, fence.language, fence.body) for fence in found] == [
            (2, 6, "python", ("b", "", "c")),
            (7, 9, "", ("d",)),
            (10, 12, "py", ("    e",)),
        ]

    def test_a_longer_fence_holds_shorter_ones(self) -> None:
        found = pages.fences("````markdown\n```python\nx\n```\n````".splitlines())
        assert [(fence.language, len(fence.body)) for fence in found] == [("markdown", 3)]

    def test_includes(self) -> None:
        fence = pages.fences(["```python", '--8<-- "a.py:b"', "", "--8<-- 'c.py:d'", "```"])[0]
        assert fence.includes() == ["a.py:b", "c.py:d"]
        mixed = pages.fences(["```python", '--8<-- "a.py:b"', "x", "```"])[0]
        assert mixed.includes() is None


class TestTypedByHand:
    @pytest.mark.parametrize(
        "fence",
        [
            "```python\nx = 1\n```",
            "```py\nx = 1\n```",
            "``` {.python}\nx = 1\n```",
            "~~~python\nx = 1\n~~~",
            "```pycon\n>>> 1\n1\n```",
            "!!! note\n\n    ```python\n    x = 1\n    ```",
            "> ```python\n> x = 1\n> ```",
            '```python\n--8<-- "lesson_code/examples/l0/loss.py:show"\nx = 1\n```',
            "```\nimport torch\n```",
            "```text\ndef f(x):\n    return x\n```",
            "```text\nclass A(B):\n```",
            "```text\nprint(1)\n```",
            "```console\n>>> 1 + 1\n```",
            "```sh\npython3 - <<END\nx = 1\nEND\n```",
            "```sh\ncat <<END\nimport torch\nEND\n```",
            "```text\nfor i, x in enumerate(y):\n    x\n```",
            "```text\nloss = F.cross_entropy(a, b)\n```",
            "```md\n@torch.no_grad()\n```",
            "Words.\n\n    import torch",
            "1. Words.\n\n        def f(x):\n",
            "> import torch",
            ">     import torch",
        ],
    )
    def test_python(self, small: Book, fence: str) -> None:
        small.page(f"# B\n\n{fence}\n", "b.md")
        message = only(small)
        assert message.startswith("docs/b.md:")
        assert "Python typed by hand" in message

    @pytest.mark.parametrize(
        "name", ["py3", "python-console", "pytb", "starlark", "sage", "bazel", "numpy", "cython"]
    )
    def test_python_by_another_name(self, small: Book, name: str) -> None:
        small.page(f"# B\n\n```{name}\nx = 1\n```\n", "b.md")
        assert only(small).startswith(f"docs/b.md:3: {name} is no language of fences")

    @pytest.mark.parametrize("fence", ["```text", "```python", "~~~", "> ```sh", "    ```toml"])
    def test_a_fence_must_be_closed(self, small: Book, fence: str) -> None:
        small.page(f"# B\n\n{fence}\nx = 1\n", "b.md")
        assert only(small) == "docs/b.md:3: this fence is never closed"

    @pytest.mark.parametrize(
        "text",
        [
            '--8<-- "mkdocs.yml"',
            '```text\n--8<-- "../../etc/passwd"\n```',
            "```text\n--8<-- 'https://host/file'\n```",
            "--8<--\n/etc/passwd\n--8<--",
            '    -8<- "lesson_code/examples/l0/loss.py"',
        ],
    )
    def test_only_listings_include(self, small: Book, text: str) -> None:
        small.page(f"# B\n\n{text}\n", "b.md")
        assert all("only a python fence includes" in one for one in lint(small))

    @pytest.mark.parametrize(
        "text",
        ["<script>x</script>", "<IFRAME src='x'>", "[x](javascript:y)", "<style>p {}</style>"],
    )
    def test_a_page_holds_no_script(self, small: Book, text: str) -> None:
        small.page(f"# B\n\n{text}\n", "b.md")
        assert "does not belong in a page" in only(small)

    @pytest.mark.parametrize("sign", ["\0", "\x1b", "\x0c", "\u2028", "\u202e", "\x9b"])
    def test_control_characters_are_named(self, small: Book, sign: str) -> None:
        small.page(f"# B\n\nA{sign}B\n", "b.md")
        with pytest.raises(BookError, match=r"docs/b.md:3: the character '.*' does not belong"):
            lint(small)

    @pytest.mark.parametrize("mark", ["<<<<<<< HEAD", ">>>>>>> theirs"])
    @pytest.mark.parametrize("file", ["docs/b.md", "docs/bibliography.toml"])
    def test_marks_of_a_merge_are_named(self, small: Book, mark: str, file: str) -> None:
        (small.root / file).write_text(f"# B\n\n{mark}\n")
        with pytest.raises(BookError, match=rf"{file}:3: a merge stopped here"):
            raise BookError(only(small))

    @pytest.mark.parametrize("again", ["## B {#x}", "Words.\n{: .y #x }"])
    def test_an_address_is_one_place(self, small: Book, again: str) -> None:
        small.page(f"# B\n\n`{{#x}}`\n\n## A {{ #x .y }}\n\n{again}\n", "b.md")
        assert "#x is on line 5 already" in only(small)

    @pytest.mark.parametrize(
        "line",
        [
            "tensor([1., 2.])",
            "loss: 0.6931",
            "loss after 10 steps: -0.69",
            "0.12 0.30 0.58",
            "loss = 0.69315",
            "Traceback (most recent call last):",
            "ValueError: temperature must be positive",
        ],
    )
    def test_output(self, small: Book, line: str) -> None:
        small.page(f"# B\n\n```text\nfirst\n{line}\n```\n", "b.md")
        assert only(small).startswith("docs/b.md:5: output typed by hand in a page")

    @pytest.mark.parametrize("tag", ["pre", "PRE class='x'", "code", "textarea", "samp", "xmp"])
    def test_html(self, small: Book, tag: str) -> None:
        small.page(f"# B\n\n<{tag}>\nx = 1\n</{tag}>\n", "b.md")
        assert "docs/b.md:3: a block of code typed as HTML" in lint(small)[0]

    @pytest.mark.parametrize(
        "text",
        [
            "```sh\npython -m bookbuild accept l0/loss\n```",
            "```text\nfor each batch:\n    z = f(x)\n    m = 0.999\n```",
            "```\nlesson_code/\n  moco.py\n```",
            '````markdown\n```python\n;--8<-- "lesson_code/a.py:b"\n```\n````',
            "A number, 0.6931, and `x = 1`, `<pre>` in a sentence.",
            '```toml\ncost = "quick"\nlimit = 30.25\n```',
            "<!-- ```python -->",
            "$x = 0.69315$",
        ],
    )
    def test_other_text_is_free(self, small: Book, text: str) -> None:
        small.page(f"# B\n\n{text}\n", "b.md")
        assert lint(small) == []


class TestListings:
    def test_a_missing_file(self, small: Book) -> None:
        small.page('# B\n\n```python\n--8<-- "lesson_code/gone.py:a"\n```\n', "b.md")
        assert only(small).startswith("docs/b.md:3: lesson_code/gone.py does not exist")

    def test_a_lesson_does_not_import_the_package(self, small: Book) -> None:
        code = "# --8<-- [start:a]\nfrom lesson_code import b\n# --8<-- [end:a]\n"
        small.module("part", code)
        text = '# B\n\n```python\n--8<-- "lesson_code/part.py:a"\n```\n'
        small.page(text, "lab/b.md")
        assert lint(small) == []
        small.page(text, "module-1/b.md")
        assert "imports lesson_code" in only(small)


class TestResults:
    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [
            ("loss.low", "loss.high", 10, "l0/loss has no value 'high'"),
            ("{{ l0/loss.low", "{{ l0/lost.low", 10, "no example l0/lost"),
            ("| .2f", "| .2q", 10, "cannot write 0.25 like that"),
            ("low | .2f", "low\n| .2f", 10, "on one line"),
            ("low | .2f }}", "low | .2f", 10, "on one line"),
            ("| .2f", "| 300000000d", 10, "at most 40 digits"),
            ("| .2f", "| .41f", 10, "at most 40 digits"),
            ("loss.low | .2f", "loss.low", 10, "say how to write a decimal"),
            ("{{ l0/loss.low | .2f }}", "{{ l0/loss | .2f }}", 10, "is no claim"),
            ("loss:curve", "loss:bars", 12, "l0/loss has no figure 'bars'; it has: curve"),
            ("output | l0/loss", "output | l0/lost", 7, "no example 'l0/lost' for this output"),
        ],
    )
    def test_what_a_page_asks_for_must_exist(
        self, small: Book, old: str, new: str, line: int, message: str
    ) -> None:
        change(small, old, new)
        found = [one for one in lint(small) if one.startswith(f"docs/module-1/loss.md:{line}: ")]
        assert len(found) == 1
        assert message in found[0]

    @pytest.mark.parametrize(
        ("old", "message"),
        [
            ("/// output | l0/loss\n///\n", "no page shows its output"),
            ("It falls to {{ l0/loss.low | .2f }}.\n", "no page quotes its value 'low'"),
            ("/// figure | l0/loss:curve\nA caption.\n///\n", "no page shows its figure 'curve'"),
        ],
    )
    def test_every_part_of_a_result_is_used(self, small: Book, old: str, message: str) -> None:
        change(small, old, "")
        assert only(small) == f"lesson_code/examples/l0/loss.py:1: {message}"

    def test_an_example_must_be_on_a_page(self, small: Book) -> None:
        small.example("idle", SHOW)
        assert only(small) == "lesson_code/examples/l0/idle.py:1: no page shows this example"

    def test_a_result_must_have_an_example(self, small: Book) -> None:
        (small.root / "lesson_code/results/l0/old").mkdir()
        assert only(small) == "lesson_code/results/l0/old:1: a result that no example makes"

    def test_a_claim_in_code_or_a_comment_quotes_nothing(self, small: Book) -> None:
        claim = "{{ l0/loss.low | .2f }}"
        for hidden in (f"`{claim}`", f"<!-- {claim} -->", f"\n```text\n{claim}\n```\n"):
            small.page(PAGE.replace(claim, hidden), "module-1/loss.md")
            assert "no page quotes its value 'low'" in only(small)

    def test_an_output_stands_below_its_code(self, small: Book) -> None:
        fence = '```python\n--8<-- "lesson_code/examples/l0/loss.py:show"\n```\n'
        change(small, fence, "")
        assert "the code of l0/loss is not shown above its output" in only(small)
        path = small.root / "docs/module-1/loss.md"
        path.write_text(path.read_text() + "\n" + fence)
        assert "the code of l0/loss is not shown above its output" in only(small)

    @pytest.mark.parametrize("where", ["module-1/loss.md", "b.md"])
    def test_an_output_is_shown_once(self, small: Book, where: str) -> None:
        again = '```python\n--8<-- "lesson_code/examples/l0/loss.py:show"\n```\n\n'
        again += "/// output | l0/loss\n///\n"
        path = small.root / "docs" / where
        small.page((path.read_text() if path.exists() else "# B\n") + "\n" + again, where)
        assert "this output of l0/loss is shown at docs/" in only(small)

    def test_an_output_of_nothing(self, small: Book) -> None:
        keep(small, "l0/loss", Result("", {"curve": "<svg/>"}, {"curve": "A"}, {"low": 0.25}))
        assert "l0/loss prints nothing to show" in only(small)

    def test_a_block_must_be_closed(self, small: Book) -> None:
        change(small, "A caption.\n///\n", "A caption.\n")
        assert only(small) == "docs/module-1/loss.md:12: this block is never closed with ///"

    def test_a_block_of_an_unknown_name(self, small: Book) -> None:
        change(small, "A caption.\n///\n", "A caption.\n///\n\n/// quizz | Why?\n///\n")
        assert "no block is called 'quizz': a reader sees slashes" in only(small)

    def test_a_quick_example_needs_a_result(self, small: Book) -> None:
        small.example("new", SHOW)
        fence = '```python\n--8<-- "lesson_code/examples/l0/new.py:show"\n```\n'
        small.page(f"# B\n\n{fence}\n/// output | l0/new\n///\n", "b.md")
        assert only(small).startswith("docs/b.md:7: l0/new has no result")

    def test_an_example_with_a_broken_header_is_the_first_thing_to_mend(self, small: Book) -> None:
        small.module("examples/l0/bad", "print(1)\n")
        assert "lesson_code/examples/l0/bad.py: no header" in only(small)


class TestRecords:
    def page(self, book: Book) -> None:
        fence = '```python\n--8<-- "lesson_code/examples/l0/speed.py:show"\n```\n'
        text = f"# B\n\n{fence}\n/// record | l0/speed\n///\n\nOr {{{{ l0/speed.ms | .1f }}}} ms.\n"
        book.page(text, "b.md")

    def test_an_absent_record_is_no_problem(self, small: Book) -> None:
        small.example("speed", SHOW, 'cost = "gpu"')
        self.page(small)
        assert lint(small) == []

    def test_a_record_block_shows_all_parts(self, small: Book) -> None:
        small.example("speed", SHOW, 'cost = "gpu"')
        self.page(small)
        keep(small, "l0/speed", Result("1\n", {}, {}, {"ms": 1.5, "mib": 2.5}))
        assert lint(small) == []


def test_checking_the_pages_of_this_book_loads_nothing_heavy() -> None:
    """In a process of its own, so that nothing is loaded before."""
    root = Path(__file__).parents[2]
    code = (
        "import sys\nfrom pathlib import Path\nfrom bookbuild import lint\n"
        f"lint.problems(Path({str(root)!r}))\n"
        "print(sorted({'torch', 'numpy', 'markdown', 'mkdocs'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_what_has_not_changed_is_not_read_again(small: Book) -> None:
    first = pages.pages(small.root)
    again = pages.pages(small.root)
    assert all(one is other for one, other in zip(first, again, strict=True))
    changed = small.root / first[0].path
    changed.write_text(changed.read_text() + "\nmore\n")
    assert pages.pages(small.root)[0].text.endswith("more\n")


def test_a_marker_that_would_vanish_from_a_page_is_named(small: Book) -> None:
    before = lint(small)
    small.page("# M\n\nBetween `# --8<-- [start:x]` and the end.\n", "marker.md")
    (problem,) = set(lint(small)) - set(before)
    assert problem.startswith("docs/marker.md:3:") and "vanishes" in problem
    small.page("# M\n\nBetween `# ;--8<-- [start:x]` and the end.\n", "marker.md")
    assert lint(small) == before
