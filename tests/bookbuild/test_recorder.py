"""One run that does everything code can do, and then edits: which make its result stale?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bookbuild import freshness, project, recorder, results, runner
from bookbuild.launcher import Worker
from bookbuild.runner import Plan
from small_book import Book

TOY = '''
"""A toy."""
import contextlib, functools, io, sys
from pathlib import Path

from lesson_code.base import Base, SCALE, registered

HERE = Path(__file__).parent


def used(x, add=1):
    """Say."""
    if x < 0:
        raise ValueError(f"x is {x}, below 0")
    assert x < 100, "x is too large"
    return [helper(one) * SCALE + add for one in range(x)]


def helper(x):
    return (lambda y: y + 10)(x)


def unused(x):
    return x - 20


def refused(x):
    if x:
        raise KeyError("refused for now")


@functools.cache
def outer():
    def inner():
        return 30

    return inner


def numbers():
    yield 40
    yield 41


class Thing(Base):
    """A thing."""

    size = 50

    @property
    def half(self):
        return self.size / 2

    def go(self):
        from lesson_code.late import late

        return late()

    def never(self):
        return 60


@registered
def decorated():
    return 70


def in_thread():
    return 80


def in_fork():
    return 90


def in_spawn():
    return 100


def in_program():
    return 110


class Numbers:
    """A data set."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return index + 120


def read():
    names = sorted(path.name for path in (HERE / "folder").iterdir())
    is_there = (HERE / "missing.txt").exists()
    (HERE.parent / "it.egg-info/entry_points.txt").exists()  # made by an installation
    with contextlib.suppress(ImportError):
        import lesson_code.missing
    return names, is_there, (HERE / "data.txt").read_text()


def patched():
    with io.open_code(str(HERE / "source.py")) as file:
        made = {}
        exec(file.read(), made)
        return made["wrong"]()


def entry():
    path = str(HERE / "bank.toml")
    sys.audit("lesson_code.by_entry", path)
    text = Path(path).read_text()
    sys.audit("lesson_code.entry", path, "bugs.first")
    return len(text) > 0


def quoted():
    return len((HERE / "quoted.py").read_text()) > _least()


def _least(least=0):
    return least
'''
OTHERS = {
    "base": """
SCALE = 2.0


class Base:
    def __init_subclass__(cls):
        hook()


def hook():
    return 200


def registered(function):
    return function


def stranger():
    return 210
""",
    "late": "def late():\n    return 300\n\n\ndef other():\n    return 310\n",
    "alone": "x = 400\n",
    "source": '"""Wrong."""\n\n\ndef wrong():\n    return 500  # why\n',
    "quoted": "x = 600  # why\n",
}
# From Python 3.12 on, a fork beside a thread that just ends warns, and C shows its line: a read.
RUN = """
import multiprocessing, os, subprocess, sys, threading, warnings
from torch.utils.data import DataLoader
from lesson_code import toy

def run():
    thing = toy.Thing()
    print(toy.used(2), toy.outer()(), list(toy.numbers()), thing.half, thing.go())
    print(toy.read(), toy.patched(), toy.entry(), toy.quoted())
    try:
        toy.refused(1)
    except KeyError as error:
        print(error)

def unused():
    return 700

run()
thread = threading.Thread(target=toy.in_thread)
thread.start()
thread.join()
warnings.simplefilter("ignore")
if os.fork() == 0:
    toy.in_fork()
    os._exit(0)
os.wait()
process = multiprocessing.get_context("spawn").Process(target=toy.in_spawn)
process.start()
process.join()
code = f"import sys; sys.path.insert(0, {sys.path[0]!r})"
code += "; from lesson_code import toy; toy.in_program()"
subprocess.run([sys.executable, "-c", code], check=True)
print([batch.tolist() for batch in DataLoader(toy.Numbers(), num_workers=1)])
"""
EXAMPLE = "examples/l0/it"
STALE = {
    "a line that ran": ("toy", "* SCALE", "/ SCALE"),
    "a condition that did not hold": ("toy", "if x < 0", "if x < -1"),
    "a default": ("toy", "add=1", "add=2"),
    "a constant": ("base", "SCALE = 2.0", "SCALE = 3.0"),
    "a lambda": ("toy", "y + 10", "y + 11"),
    "the inside of a closure": ("toy", "return 30", "return 31"),
    "a decorator": ("toy", "@functools.cache\n", ""),
    "a function that decorates": ("base", "return function", "return function or None"),
    "a generator": ("toy", "yield 41", "yield 42"),
    "an attribute of a class": ("toy", "size = 50", "size = 51"),
    "a property": ("toy", "self.size / 2", "self.size / 3"),
    "a method that a subclass now has": (
        "toy",
        "    def never",
        "    def late(self):\n        pass\n\n    def never",
    ),
    "a hook that an import runs": ("base", "return 200", "return 201"),
    "a function of a module that is imported late": ("late", "return 300", "return 301"),
    "a function that is new": ("toy", "def quoted", "def new():\n    pass\n\n\ndef quoted"),
    "a decorated helper that is new": (
        "base",
        "def stranger",
        "@registered\ndef _new():\n    pass\n\n\ndef stranger",
    ),
    "a helper of the same name": ("toy", "def quoted", "def _least():\n    pass\n\n\ndef quoted"),
    "a helper by another name": ("toy", "def _least", "def _fewest"),
    "the default of a helper that ran": ("toy", "least=0", "least=1"),
    "the message of what was refused": ("toy", "refused for now", "refused for good"),
    "a thread": ("toy", "return 80", "return 81"),
    "a forked child": ("toy", "return 90", "return 91"),
    "a spawned child": ("toy", "return 100", "return 101"),
    "another program": ("toy", "return 110", "return 111"),
    "a worker that loads data": ("toy", "index + 120", "index + 121"),
    "source that was read and run": ("source", "return 500", "return 501"),
    "source that was read as text": ("quoted", "# why", "# why not"),
    "the example": (EXAMPLE, "toy.used(2)", "toy.used(3)"),
    "its seed": (EXAMPLE, "seed = 0", "seed = 1"),
    "its tolerance": (EXAMPLE, "tolerance = 0.001", "tolerance = 0.002"),
}
FRESH = {
    "a comment": ("toy", "add for one", "add  # why\n        for one"),
    "a docstring": ("toy", '"""Say."""', '"""Say more."""'),
    "a docstring less": ("toy", '    """Say."""\n', ""),
    "the docstring of a class": ("toy", '"""A thing."""', '"""A thing or two."""'),
    "a message that nobody saw": ("toy", "below 0", "which is below 0"),
    "the message of an assertion": ("toy", "x is too large", "x is above 99"),
    "a function that did not run": ("toy", "x - 20", "x - 21"),
    "a method that did not run": ("toy", "return 60", "return 61"),
    "a function of a module that was used": ("base", "return 210", "return 211"),
    "a function beside one that was imported late": ("late", "return 310", "return 311"),
    "a helper that is new": ("toy", "def quoted", "def _new(x=1):\n    pass\n\n\ndef quoted"),
    "a module that no run used": ("alone", "x = 400", "x = 401"),
    "a comment of source that was run": ("source", "# why", "# why not"),
    "a docstring of source that was run": ("source", "Wrong.", "Wrong on purpose."),
    "a function of the example that did not run": (EXAMPLE, "return 700", "return 701"),
}
BANK = '[bugs.first]\nwrong = "1"\n\n[bugs.second]\nwrong = "2"\n'


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, worker: Worker) -> Iterator[Book]:
    """The book whose example has run once."""
    book = Book(tmp_path_factory.mktemp("ran"))
    book.module("toy", TOY)
    for name, text in OTHERS.items():
        book.module(name, text)
    (book.root / "lesson_code/folder").mkdir()
    (book.root / "lesson_code/folder/one").touch()
    (book.root / "lesson_code/data.txt").write_text("1")
    (book.root / "lesson_code/bank.toml").write_text(BANK)
    book.example("it", RUN, "seed = 0\ntolerance = 0.001")
    (outcome,) = runner.refresh(book.root, Plan(mode="accept"), worker)
    assert outcome.status == "written", outcome
    yield book


def is_fresh(book: Book) -> bool:
    example = project.example("l0/it", book.root)
    return freshness.is_fresh(book.root, example, results.load(book.root, "l0/it"))


@pytest.fixture(params=["stamp", "record"])
def known(ran: Book, request: pytest.FixtureRequest) -> Iterator[Book]:
    """The same with the stamp in the cache, and as in a fresh clone, with the record alone."""
    kept = ran.root / ".bookcache"
    aside = ran.root / ".aside"
    if request.param == "record":
        kept.rename(aside)
    yield ran
    if request.param == "record":
        shutil.rmtree(kept, ignore_errors=True)
        aside.rename(kept)


@pytest.mark.parametrize(
    ("what", "fresh"), [(key, False) for key in STALE] + [(key, True) for key in FRESH]
)
def test_an_edit_makes_stale_what_it_can_change(known: Book, what: str, fresh: bool) -> None:
    module, old, new = (STALE | FRESH)[what]
    path = known.root / "lesson_code" / f"{module}.py"
    before = path.read_text()
    assert before.count(old) == 1, "the edit must change something"
    assert is_fresh(known)
    path.write_text(before.replace(old, new))
    try:
        assert is_fresh(known) is fresh
    finally:
        path.write_text(before)
    assert is_fresh(known)


@pytest.mark.parametrize(
    ("file", "content", "fresh"),
    [
        ("data.txt", "2", False),
        ("folder/two", "", False),
        ("folder/.hidden", "", True),
        ("missing.txt", "", False),
        ("missing.py", "", False),
        ("other.txt", "", True),
        ("bank.toml", BANK.replace("1", "3"), False),
        ("bank.toml", BANK.replace("2", "3"), True),
    ],
)
def test_files_count_where_they_were_read(
    known: Book, file: str, content: str, fresh: bool
) -> None:
    path = known.root / "lesson_code" / file
    before = path.read_text() if path.exists() else None
    path.write_text(content)
    try:
        assert is_fresh(known) is fresh
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert is_fresh(known)


def test_the_names_are_those_of_the_source(ran: Book) -> None:
    kept = json.loads(ran.result("l0/it", "result.json").read_text())["provenance"]
    assert kept["ran"]["lesson_code/late.py"] == "<module> late"
    assert kept["ran"]["lesson_code/base.py"] == "<module> Base.__init_subclass__ hook registered"
    assert {"refused!", "Thing.go", "outer"} <= set(kept["ran"]["lesson_code/toy.py"].split())
    assert kept["read"] == [
        "lesson_code/bank.toml:bugs.first",
        "lesson_code/data.txt",
        "lesson_code/folder/",
        "lesson_code/missing.py",
        "lesson_code/missing.txt",
        "lesson_code/quoted.py",
    ]


UNSEEN = {
    "alone": "import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', '1'])\n",
    "without": "import subprocess, sys\nsubprocess.run([sys.executable, '-c', '1'], env={})\n",
}


@pytest.mark.parametrize("kind", UNSEEN)
def test_where_code_may_run_unseen_all_of_the_package_counts(
    book: Book, worker: Worker, kind: str
) -> None:
    book.module("base", OTHERS["base"])
    book.module("alone", OTHERS["alone"])
    book.example("it", UNSEEN[kind])
    (outcome,) = runner.refresh(book.root, Plan(mode="accept"), worker)
    assert outcome.status == "written", outcome
    assert results.load(book.root, "l0/it").provenance["ran"]["lesson_code"] == "*"
    assert is_fresh(book)
    book.module("alone", "x = 401\n")
    assert not is_fresh(book)
    book.module("alone", OTHERS["alone"])
    (book.root / "lesson_code/new.txt").touch()
    assert not is_fresh(book)


@pytest.mark.parametrize("how", ["", ", backend='eager'"])
def test_what_a_compiled_function_runs_is_seen(book: Book, worker: Worker, how: str) -> None:
    book.module("base", OTHERS["base"])
    code = "import torch\nfrom lesson_code.base import hook\ndef f(x):\n    return x + hook()\n"
    book.example("it", f"{code}print(torch.compile(f{how})(torch.ones(1)).item())\n", "limit = 60")
    (outcome,) = runner.refresh(book.root, Plan(mode="accept"), worker)
    assert outcome.status == "written", outcome
    result = results.load(book.root, "l0/it")
    assert result.output == "201.0\n"
    assert result.provenance["ran"]["lesson_code/base.py"] == "<module> hook"


def _pythons() -> list[str]:
    versions = ("3.12", "3.13", "3.14")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = [path for v in versions for path in sorted(pyenv.glob(f"{v}.*/bin/python{v}"))]
    found = [shutil.which(f"python{v}") for v in versions]
    return [sys.executable, *dict.fromkeys([*map(str, kept), *filter(None, found)])]


SMALL = """
import sys
sys.path[:0] = [{scripts!r}, {root!r}]
from pathlib import Path
from bookbuild import dependencies, recorder
recorder.start({root!r}, {out!r})
from lesson_code import base, toy
toy.Thing().go(), toy.used(2), toy.outer()(), list(toy.numbers()), toy.read()
try:
    toy.refused(1)
except KeyError:
    pass
found = dependencies.measured(Path({root!r}), Path({out!r}, recorder.FILE))
hashes = dependencies._Tree(Path({root!r})).hashes(found)
print("\\n".join([*found.names(), *hashes]))
"""


def test_every_python_measures_and_hashes_alike(ran: Book, tmp_path: Path) -> None:
    pythons = _pythons()
    if len(pythons) < 2:
        pytest.skip("no second Python here, of 3.12 or later, to compare with")
    scripts = str(Path(recorder.__file__).parent.parent)
    said = []
    for number, python in enumerate(pythons):
        (out := tmp_path / str(number)).mkdir()
        code = SMALL.format(scripts=scripts, root=str(ran.root), out=str(out))
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, cwd=tmp_path)
        if "pyenv:" in done.stderr:  # a stand-in for a Python that is not installed
            continue
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "lesson_code/toy.py:refused!" in said[0]
    assert set(said) == {said[0]}


def test_code_with_calls_in_it_is_kept_by_what_it_was_made_of(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = book.module("toy", "def f():\n    return 1\n")
    kept = book.root / ".bookcache/marked/lesson_code@toy.py"
    seen: list[tuple[str, str]] = []

    def value() -> int:
        made = recorder._Recorder(f"{book.root}/", f"{book.root}/.record").compiled(str(path))
        space: dict[str, Any] = {"__book_ran__": lambda *what: seen.append(what)}
        exec(made, space)
        return int(space["f"]())

    assert value() == 1
    whole = kept.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(recorder.ast, "parse", lambda *given: pytest.fail("compiled again"))
        assert value() == 1
    for damaged in (b"", whole[:-1], whole[:70] + b"\0\0" + whole[72:], b"\xff" * 100):
        kept.write_bytes(damaged)
        assert value() == 1
        assert kept.read_bytes() == whole
    path.write_text("def f():\n    return 2\n")
    assert value() == 2
    other = book.module("other", "def f():\n    return 2\n")
    shutil.copy(kept, kept.with_name("lesson_code@other.py"))
    path = other
    seen.clear()
    assert value() == 2 and seen == [("lesson_code/other.py", "f")]
    shutil.rmtree(kept.parent)
    kept.parent.write_text("in the way")
    assert value() == 2
