"""Which edits make an example stale."""

from __future__ import annotations

import pytest
from bookbuild import closure, project
from bookbuild.project import BookError
from small_book import Book

TOY = '''
"""A toy."""
from lesson_code.base import Base, SCALE
import math

REGISTRY = {}


def used(x):
    """Say."""
    return helper(x) * SCALE


def helper(x):
    return x + 1


def unused(x):
    return x


class Thing(Base):
    """A thing."""

    def go(self):
        from lesson_code.late import late
        return late()
'''
BASE = """
SCALE = 2.0


class Base:
    def stay(self):
        return inner()


def inner():
    return 1


def stranger():
    return 2
"""
LATE = """
def late():
    return 3


def other():
    return 4
"""


@pytest.fixture
def toy(book: Book) -> Book:
    book.module("__init__", "from lesson_code.toy import Thing, used\n")
    book.module("toy", TOY)
    book.module("base", BASE)
    book.module("late", LATE)
    return book


def digest(book: Book, name: str) -> str:
    return closure.digest(book.root, project.example(name, book.root))


def edit(book: Book, module: str, old: str, new: str) -> None:
    path = book.root / "lesson_code" / f"{module}.py"
    text = path.read_text()
    assert text.count(old) == 1, "the edit must change something"
    path.write_text(text.replace(old, new))


USES_FUNCTION = "from lesson_code import used\nprint(used(1))\n"
USES_CLASS = "from lesson_code.toy import Thing\nThing().go()\n"
USES_ATTRIBUTE = "import lesson_code\ngetattr(lesson_code.toy, 'un' + 'used')(1)\n"
USES_STRING = "import importlib\nimportlib.import_module('lesson_code.late')\n"
USES_LATE = "def f():\n    from lesson_code.late import late as g\n    return g()\n"

STALE = [
    (USES_FUNCTION, "toy", "helper(x) * SCALE", "helper(x) / SCALE"),
    (USES_FUNCTION, "toy", "return x + 1", "return x + 2"),
    (USES_FUNCTION, "base", "SCALE = 2.0", "SCALE = 3.0"),
    (USES_CLASS, "base", "return 1", "return 5"),
    (USES_CLASS, "late", "return 3", "return 5"),
    (USES_FUNCTION, "base", "def inner", "print('an import runs this')\n\n\ndef inner"),
    ("import lesson_code.toy as t\nt.used(1)\n", "toy", "return x + 1", "return x + 2"),
    ("import lesson_code.toy\nlesson_code.toy.used(1)\n", "toy", "x + 1", "x + 2"),
    (
        "import lesson_code\ngetattr(lesson_code.toy, 'un' + 'used')(1)\n",
        "toy",
        "return x\n",
        "return -x\n",
    ),
    (
        "import importlib\nimportlib.import_module('lesson_code.late')\n",
        "late",
        "return 4",
        "return 5",
    ),
    (
        "def f():\n    from lesson_code.late import late as g\n    return g()\n",
        "late",
        "return 3",
        "return 5",
    ),
    (USES_FUNCTION, "toy", "def used(x):", "def used(x, y=1):"),
    (USES_FUNCTION, "toy", "def used(x):", "@staticmethod\ndef used(x):"),
    (USES_FUNCTION, "examples/l0/it", "used(1)", "used(2)"),
    (USES_FUNCTION, "examples/l0/it", "seed = 0", "seed = 1"),
    (USES_FUNCTION, "examples/l0/it", "tolerance = 0.001", "tolerance = 0.002"),
]
FRESH = [
    (USES_FUNCTION, "toy", "return x\n", "return -x\n"),
    (USES_FUNCTION, "toy", '"""Say."""', '"""Say more."""'),
    (USES_FUNCTION, "toy", '    """Say."""\n', ""),
    (USES_FUNCTION, "toy", "return x + 1", "return (\n        x + 1  # why\n    )"),
    (USES_FUNCTION, "base", "return 2", "return 5"),
    (USES_FUNCTION, "late", "return 3", "return 5"),
    (USES_CLASS, "late", "return 4", "return 5"),
    (USES_CLASS, "toy", "return x + 1", "return x + 2"),
    ("import lesson_code.toy as t\nt.used(1)\n", "toy", "return x\n", "return -x\n"),
    (USES_FUNCTION, "examples/l0/it", "print", "# a comment\nprint"),
]


@pytest.mark.parametrize(("code", "module", "old", "new"), STALE)
def test_an_edit_that_can_change_the_result_makes_it_stale(
    toy: Book, code: str, module: str, old: str, new: str
) -> None:
    name = toy.example("it", code, "seed = 0\ntolerance = 0.001")
    before = digest(toy, name)
    edit(toy, module, old, new)
    assert digest(toy, name) != before


@pytest.mark.parametrize(("code", "module", "old", "new"), FRESH)
def test_an_edit_that_cannot_change_the_result_leaves_it_fresh(
    toy: Book, code: str, module: str, old: str, new: str
) -> None:
    name = toy.example("it", code, "seed = 0\ntolerance = 0.001")
    before = digest(toy, name)
    edit(toy, module, old, new)
    assert digest(toy, name) == before


def test_relative_imports_and_circles_are_followed(book: Book) -> None:
    book.module("a", "from .b import g\n\n\ndef f():\n    return g()\n")
    book.module("b", "from . import a\n\n\ndef g():\n    return a.h()\n")
    edit_me = book.module("c", "x = 1\n")
    name = book.example("it", "from lesson_code.a import f\nf()\n")
    before = digest(book, name)
    edit_me.write_text("x = 2\n")
    assert digest(book, name) == before
    book.module("b", "from . import a\n\n\ndef g():\n    return a.k()\n")
    assert digest(book, name) != before


def test_reached_names_the_definitions(toy: Book) -> None:
    name = toy.example("it", USES_FUNCTION)
    reached = closure.reached(toy.root, project.example(name, toy.root))
    assert {"toy:used", "toy:helper", "base:SCALE"} <= reached
    assert not {"toy:unused", "late:late", "base:Base"} & reached


def test_a_star_import_is_refused(toy: Book) -> None:
    name = toy.example("it", "from lesson_code.toy import *\n")
    with pytest.raises(BookError, match="not \\*"):
        digest(toy, name)


def test_a_syntax_error_names_file_and_line(toy: Book) -> None:
    name = toy.example("it", "x = 1\ny = (\n")
    with pytest.raises(BookError, match=r"it\.py:5"):
        digest(toy, name)


def test_a_name_that_does_not_exist_yet_makes_stale_when_it_appears(toy: Book) -> None:
    name = toy.example("it", "from lesson_code.new import thing\nprint(thing)\n")
    before = digest(toy, name)
    toy.module("new", "thing = 1\n")
    assert digest(toy, name) != before
