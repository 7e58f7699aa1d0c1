"""Runs a reader's file, a script or a notebook, and finds in it what answers an exercise."""

import __future__

import ast
import json
import linecache
import re
import signal
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lesson_code.checker.answers import TooSlow
from lesson_code.checker.exercise import Exercise, ReaderError
from lesson_code.checker.forms import has_ways
from lesson_code.checker.match import simple
from lesson_code.checker.names import closest, did_you_mean
from lesson_code.checker.verdict import printable

#: The file of the reader as a module.
MODULE = "reader_file"

#: Seconds of a processor for what stands below the function that is asked for, such as training.
BELOW = 1.0

_PACKAGE = __name__.partition(".")[0]


class Loaded:
    """A file that has run: its module, what it imports of the book, and where it stopped.

    A statement that fails is left out, as in a notebook; what stands below may do without it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error: BaseException | None = None
        self.stopped, self.changed = "", list[str]()
        self.source = text_of(path)
        self.module = types.ModuleType(MODULE)
        self.module.__file__ = str(path)

    def run(self, known: Callable[[str], bool]) -> "Loaded":
        """Run it, statement by statement; ``known`` tells the names that answer the exercise."""
        sys.modules[MODULE] = self.module
        sys.path.insert(0, str(self.path.parent))
        lines = self.source.splitlines(keepends=True)
        linecache.cache[str(self.path)] = (len(self.source), None, lines, str(self.path))
        tree = ast.parse(self.source, str(self.path))
        flags = _future(tree)
        vars(self.module)["get_ipython"] = lambda: _Notebook()
        slow = ((torch, "compile"), (torch.jit, "script"), (torch, "use_deterministic_algorithms"))
        alone = {(torch.distributed, name): item for name, item in _ALONE.items()}
        for place_and_name, item in (alone | dict.fromkeys(slow, _as_it_is)).items():
            setattr(*place_and_name, item)
        found = False
        places: tuple[Any, ...] = (torch, torch.Tensor, nn, nn.Module, nn.functional, torch.linalg)
        was = [(p, name, getattr(p, name)) for p in places for name in dir(p) if name[0] != "_"]
        for statement in tree.body:
            code = ast.Module([statement], [])
            if found:
                _at_most(BELOW)
            try:
                exec(compile(code, str(self.path), "exec", flags, True), vars(self.module))
            except TooSlow:
                if not found:
                    raise
                self.stopped = f"line {statement.lineno} and what follows were left out"
                break
            except BaseException as error:
                self.error = self.error or error
                if isinstance(error, (SystemExit, KeyboardInterrupt)):
                    break
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                found = found or known(statement.name)
        for place, name, item in was:
            now = getattr(place, name, None)
            its = (getattr(now, "__module__", None) or "").partition(".")[0]
            if callable(item) and now is not item and its != "torch":
                setattr(place, name, item)
                self.changed.append(f"{place.__name__}.{name}")
        return self

    @property
    def borrowed(self) -> bool:
        """Whether it, or a file beside it that it imports, imports this book."""
        beside = [
            Path(item)
            for module in list(sys.modules.values())
            if (item := getattr(module, "__file__", None))
            and Path(item).parent == self.path.parent
            and Path(item) != self.path
        ]
        sources = [self.source, *(text_of(path) for path in beside if path.suffix == ".py")]
        return any(_imports_the_book(source) for source in sources)


def text_of(path: Path) -> str:
    """The Python of a script or of a notebook's cells; lines that only a notebook knows are empty.

    Raises:
        ReaderError: if a notebook is none.
    """
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".ipynb":
        try:
            cells = json.loads(text)["cells"]
            code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        except (ValueError, KeyError, TypeError) as error:
            raise ReaderError(f"is no notebook: {type(error).__name__}: {error}") from error
        text = "\n".join(source if isinstance(source, str) else "".join(source) for source in code)
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return re.sub(r"(?m)^(\s*)([%!?].*|.*=\s*[%!].*|\w+\?+)$", r"\1pass", text)
    return text


def pick(loaded: Loaded, exercise: Exercise, wanted: str = "") -> Any:
    """The function, class or object of a file that answers the exercise.

    Raises:
        ReaderError: if there is none, or several and none has a fitting name.
    """
    every, module = vars(loaded.module), loaded.module
    found = {name: item for name, item in every.items() if _is_own(name, item, module)}
    kind = "class" if isinstance(exercise.reference, type) else "function"
    if wanted:
        if wanted not in every:
            others = f"; it has {', '.join(found)}" if found else ""
            raise ReaderError(f"has no {wanted!r}{did_you_mean(wanted, found) or others}")
        return every[wanted]
    helpers = _helpers(loaded.source, found)
    for name in _named(found, exercise, helpers):
        return found[name]
    item = every.get(exercise.name)
    if callable(item):
        raise ReaderError(f"imports {exercise.name} instead of defining it")
    if item is not None:
        raise ReaderError(f"sets {exercise.name} to a {type(item).__name__}, no {kind}")
    if not found:
        raise ReaderError(f"defines no {kind}; the exercise asks for `{exercise.name}`")
    raise ReaderError(
        f"defines {', '.join(found)}, and none is called {exercise.name}: "
        f"rename one, or name it with --name"
    )


def answers_to(exercise: Exercise) -> Callable[[str], bool]:
    """Tells whether a name is the exercise's, or one under which people know it."""
    names = {simple(name) for name in (exercise.name, *exercise.told.known_as.split())}
    return lambda name: simple(name) in names


def _helpers(source: str, found: dict[str, Any]) -> set[str]:
    """The functions and classes of a file that others in it use."""
    tree = ast.parse(source).body
    defined = [it for it in tree if isinstance(it, (ast.FunctionDef, ast.ClassDef))]
    names = {it: {n.id for n in ast.walk(it) if isinstance(n, ast.Name)} for it in defined}
    return {
        name
        for name in found
        if any(name in used and it.name != name for it, used in names.items())
    }


def _named(found: dict[str, Any], exercise: Exercise, helpers: set[str]) -> Iterator[str]:
    """The names that answer an exercise, the best first; none where there is a doubt."""
    if exercise.name in found:
        yield exercise.name
    known = answers_to(exercise)
    yield from filter(known, found)
    wants_class = isinstance(exercise.reference, type)
    fitting = [name for name, item in found.items() if isinstance(item, type) == wants_class]
    objects = [name for name in found if not isinstance(found[name], type | types.FunctionType)]
    having = [name for name, item in found.items() if isinstance(item, type)]
    having = [name for name in having if any(map(known, vars(found[name]))) and not wants_class]
    callable_ = [name for name in fitting if has_ways(found[name], exercise)]
    able = [name for name in found if name not in helpers and has_ways(found[name], exercise)]
    own = [name for name in fitting if name not in helpers]
    for some in (having, own, able, fitting, callable_, objects, list(found)):
        if len(some) == 1:
            yield some[0]
        near = closest(exercise.name, some, cutoff=0.6)
        if len(near) == 1:
            yield near[0]


def _is_own(name: str, item: Any, module: types.ModuleType) -> bool:
    """Whether a file made this itself: defined it, or holds an object of a class, a partial."""
    if name.startswith("_") or name == "get_ipython" or not callable(item):
        return False
    holders = (item, getattr(item, "func", None), type(item))
    places = {getattr(each, "__module__", "") for each in holders}
    is_object = isinstance(item, nn.Module) and not isinstance(item, type)
    return module.__name__ in places or is_object or isinstance(item, torch.jit.ScriptFunction)


def _imports_the_book(source: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            names = [str(node.args[0].value)]  # importlib.import_module("...")
        if any(name.partition(".")[0] == _PACKAGE and " " not in name for name in names):
            return True
    return False


def _future(tree: ast.Module) -> int:
    """The flags of ``from __future__ import``, which hold for every statement below."""
    return sum(
        getattr(__future__, alias.name).compiler_flag
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        for alias in node.names
    )


def _at_most(seconds: float) -> None:
    """Shorten the time limit that runs, where there is one."""
    if hasattr(signal, "setitimer") and signal.getitimer(signal.ITIMER_PROF)[0] > 0:
        signal.setitimer(signal.ITIMER_PROF, min(signal.getitimer(signal.ITIMER_PROF)[0], seconds))


def _as_it_is(function: Any = None, *_: Any, **__: Any) -> Any:
    """Stands in for what compiles a function: to compile takes longer than all probes."""
    return function if function is not None else _as_it_is


#: What processes tell each other, where there is one.
_ALONE: dict[str, Callable[..., Any]] = {
    "get_world_size": lambda *_, **__: 1,
    "get_rank": lambda *_, **__: 0,
    **dict.fromkeys(("all_reduce", "broadcast", "barrier"), lambda *_, **__: None),
    "all_gather": lambda tensors, own, *_, **__: tensors[0].copy_(own),
}


class _Notebook:
    """What ``get_ipython()`` gives in an exported notebook: it does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def line_of(error: BaseException, path: Path) -> str:
    """The last line of a file on the way to an error, with the line itself."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        name = Path(error.filename or "file").name
        return printable(f"{name}, line {error.lineno}: {(error.text or '').strip()}")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == str(path):
            return printable(f"{path.name}, line {frame.lineno}: {frame.line}")
    return ""
