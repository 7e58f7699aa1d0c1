"""Walks: a class in named parts, under one title and with one order."""

from __future__ import annotations

import html
import re

import pytest
from bookbuild import lint
from bookbuild.project import BookError
from bookbuild.walks import LONGEST
from rendering import convert
from small_book import Book

QUEUE = '''
# --8<-- [start:Queue]
class Queue:
    """Keep the newest.

    Long since told.
    """

    size: int

    def __init__(self, size: int) -> None:
        """Begin.

        Empty.
        """
        self.size, self.kept = size, []

    # The newest is last.
    @property
    def newest(self):
        return self.kept[-1]

    def put(self, one) -> None:
        """Put one in."""
        self.kept = [*self.kept, one][-self.size :]
# --8<-- [end:Queue]
'''
WALK = """# Queue

/// walk | lesson_code/queue.py:Queue
__init__: It begins *empty*,
    and `size` bounds it.
newest, put: The rest.
///

After.
"""


@pytest.fixture
def small(book: Book) -> Book:
    book.module("queue", QUEUE)
    return book


def code_of(page: str) -> list[str]:
    parts = re.findall(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", part)) for part in parts]


def test_the_parts_are_the_class_in_order(small: Book) -> None:
    page = convert(WALK)
    first, second = code_of(page)
    region = QUEUE.split("[start:Queue]\n")[1].split("# --8<--")[0]
    assert f"{first}\n{second}" == region
    assert second.startswith("    # The newest is last.\n    @property\n    def newest")


def test_each_part_has_its_names_and_its_sentence(small: Book) -> None:
    page = convert(WALK)
    says = re.findall(r'<div class="step-says">(.*?)</div>', page, re.DOTALL)
    assert "<code>__init__</code>" in says[0]
    assert "It begins <em>empty</em>,\nand <code>size</code> bounds it." in says[0]
    assert "<code>newest</code> <code>put</code>" in says[1]
    assert page.count('class="listing-title"') == 1
    assert "<p>After.</p>" in page
    assert page.count('class="docstring-rest"') == 2


def test_the_head_of_the_class_may_be_a_part_of_its_own(small: Book) -> None:
    head, first, _ = code_of(convert(WALK.replace("__init__:", "Queue: A queue.\n__init__:")))
    assert head.endswith("    size: int\n")
    assert first.startswith("    def __init__")
    with pytest.raises(BookError, match="the walk names Queue, but next is newest"):
        convert(WALK.replace("newest, put", "Queue: Late.\nnewest, put"))


@pytest.mark.parametrize("opening", ['??? note "The class"', '!!! note "The class"'])
def test_works_inside_other_blocks(small: Book, opening: str) -> None:
    inside = "".join(f"    {line}\n" if line else "\n" for line in WALK.splitlines()[2:7])
    page = convert(f"{opening}\n\n{inside}\nAfter.\n")
    assert len(code_of(page)) == 2
    assert "///" not in page
    assert "<p>After.</p>" in page


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("newest, put", "newest", 3, "the walk leaves out put"),
        ("newest, put", "put, newest", 6, "the walk names put, but next is newest"),
        ("newest, put", "newest, put, pop", 6, "the walk names pop, but all are named"),
        ("__init__: ", "begin: ", 4, "the walk names begin, but next is __init__"),
        ("newest, put: The", "The", 6, "'The rest.' is no step of a walk"),
        ("queue.py:Queue", "queue.py:Stack", 3, "lesson_code/queue.py has no region 'Stack'"),
    ],
)
def test_refuses(small: Book, before: str, after: str, line: int, message: str) -> None:
    wrong = WALK.replace(before, after)
    with pytest.raises(BookError, match=message):
        convert(wrong)
    small.page(wrong, "module-1/queue.md")
    assert any(
        problem.startswith(f"docs/module-1/queue.md:{line}: ") and message in problem
        for problem in lint.problems(small.root)
    )


def test_refuses_what_is_no_class(small: Book) -> None:
    small.module("queue", QUEUE.replace("# --8<-- [end", "queue = Queue(3)\n# --8<-- [end"))
    with pytest.raises(BookError, match="a walk shows one class"):
        convert(WALK)


@pytest.mark.parametrize("more", [0, 1])
def test_refuses_a_part_that_is_too_long(small: Book, more: int) -> None:
    shown = 8  # of newest and put, with the empty line and the comment
    longer = "        pass\n" * (LONGEST - shown + more)
    small.module("queue", QUEUE.replace("# --8<-- [end", f"{longer}# --8<-- [end"))
    if not more:
        assert len(code_of(convert(WALK))) == 2
        return
    with pytest.raises(BookError, match=f"newest shows {LONGEST + 1} lines, above {LONGEST}"):
        convert(WALK)


def test_a_right_walk_is_no_problem(small: Book) -> None:
    small.page(WALK, "module-1/queue.md")
    assert not lint.problems(small.root)


def test_what_comes_after_forward_waits_behind_one_line(small: Book) -> None:
    small.module("queue", QUEUE.replace("def newest", "def forward"))
    page = convert(WALK.replace("newest, put: The rest.", "forward: First.\nput: The rest."))
    begin, rest = page.split('<details class="rest">')
    assert "<summary>The rest of the class: <code>put</code> </summary>" in rest
    assert begin.count('class="step"') == 2 and rest.count('class="step"') == 1
    assert 'class="rest"' not in convert(WALK.replace("newest", "forward"))
