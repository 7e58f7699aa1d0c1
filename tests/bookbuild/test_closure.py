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


REGISTRY = """
REGISTRY = {}


def register(function):
    REGISTRY[function.__name__] = function
    return function


@register
def one():
    return deep()


def deep():
    return 1


def patched():
    return 2
"""
HOOKS = """
class Base:
    known = []

    def __init_subclass__(cls):
        Base.known.append(cls)
"""
LEAF = """
from lesson_code.base import Base


class Leaf(Base):
    def go(self):
        return 1
"""
LAZY = """
from importlib import import_module


def __getattr__(name):
    return getattr(import_module("." + "late", __package__), name)
"""
IMPORTS = "import lesson_code.{0}\n"
MAKES = "def f():\n    return 1\n\n\nclass A:\n    x = f()\n"
BY_NAME = "import importlib\nimportlib.import_module('lesson' + '_code.late')\n"
PACKAGE = "def f():\n    from .deep import g\n    return g()\n"
FROM_PACKAGE = "from lesson_code.sub import f\nf()\n"
RETURNS = "def g():\n    return 1\n"
FROM_EXAMPLE = "from lesson_code.examples.l0.other import g\ng()\n"
HIDDEN = [
    ("registry", REGISTRY, "from lesson_code.{0} import REGISTRY\n", "return 1", "return 5"),
    ("side", "print(1)\n", IMPORTS, "print(1)", "print(2)"),
    ("side", "print(1)\n", "def f():\n    import lesson_code.{0}\nf()\n", "(1)", "(2)"),
    ("patch", "import math\nmath.pi = 3\n", IMPORTS, "3", "4"),
    ("leaf", LEAF, IMPORTS + "from lesson_code.base import Base\n", "return 1", "return 2"),
    ("made", MAKES, IMPORTS, "1", "2"),
    ("late", "def late():\n    return 1\n", "import lesson_code\nlesson_code.late()\n", "1", "2"),
    ("late", "x = 1\n", BY_NAME, "1", "2"),
    ("sub/__init__", PACKAGE, FROM_PACKAGE, "return g()", "return -g()"),
    ("sub/deep", RETURNS, FROM_PACKAGE, "1", "2"),
    ("examples/l0/other", RETURNS, FROM_EXAMPLE, "1", "2"),
]


@pytest.mark.parametrize(("module", "text", "code", "old", "new"), HIDDEN)
def test_what_is_reached_in_a_hidden_way_makes_stale(
    book: Book, module: str, text: str, code: str, old: str, new: str
) -> None:
    book.module("base", HOOKS if module == "leaf" else "")
    book.module("sub/__init__", PACKAGE)
    if "lesson_code.late()" in code:
        book.module("__init__", LAZY)
    book.module(module, text)
    name = book.example("it", code.format(module))
    before = digest(book, name)
    edit(book, module, old, new)
    assert digest(book, name) != before


def test_a_decorator_of_a_library_reaches_nothing_more(book: Book) -> None:
    book.module("toy", "import torch\n\n\n@torch.no_grad()\ndef f():\n    return 1\n")
    book.module("__init__", "from lesson_code.toy import f\n")
    name = book.example("it", "import lesson_code\n")
    before = digest(book, name)
    edit(book, "toy", "return 1", "return 2")
    assert digest(book, name) == before


def test_a_data_file_counts_where_code_looks_for_files(book: Book) -> None:
    data = book.root / "lesson_code/data.csv"
    data.write_text("1")
    book.module("toy", "from pathlib import Path\n\n\ndef f():\n    return Path(__file__)\n")
    one = book.example("one", "from lesson_code.toy import f\nf()\n")
    two = book.example("two", "print(1)\n")
    before = digest(book, one), digest(book, two)
    data.write_text("2")
    assert digest(book, one) != before[0]
    assert digest(book, two) == before[1]


def test_a_hidden_file_is_no_data(book: Book) -> None:
    """A linter leaves its cache in the package; a clean clone has none."""
    book.module("toy", "from pathlib import Path\n\n\ndef f():\n    return Path(__file__)\n")
    name = book.example("it", "from lesson_code.toy import f\nf()\n")
    before = digest(book, name)
    for hidden in (".ruff_cache/0.1/123", ".hidden"):
        path = book.root / "lesson_code" / hidden
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    assert digest(book, name) == before


def test_a_file_that_is_no_text_is_named(book: Book) -> None:
    path = book.module("toy", "x = 1\n")
    path.write_bytes(b"x = '\xff'\n")
    name = book.example("it", "from lesson_code.toy import x\n")
    with pytest.raises(BookError, match="lesson_code/toy.py: byte 5 is not UTF-8"):
        digest(book, name)
