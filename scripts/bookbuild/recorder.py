"""Records what a run depends on: the functions that ran, the files and listings that were read.

It lives in the process of an example and appends a line to a file for each thing the first time
that it is seen, so that a child which ends without a word has told all that it did. Forked children
and threads go on recording; a new interpreter starts to by ``sitecustomize``. Where something of
ours may run unseen, the line says ``everything``. Only the standard library is imported here.

Our own modules are loaded with a call at the beginning of each function and before each error that
they raise. That costs libraries nothing; a trace of all calls triples the time of a figure.

What it cannot see is what a library reads through C without Python's ``open``.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import importlib
import io
import marshal
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.machinery import SourceFileLoader
from types import CodeType, FrameType
from typing import Any, TypeVar

FILE = "recorded.txt"
EVERYTHING = "everything"
MODULE = "<module>"
#: Marks a function in which an exception was raised, so that its messages count.
RAISED = "!"
_PACKAGE = "lesson_code"
_VARIABLE = "BOOK_RECORDED"
_CHILD = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("book_recorder", {path!r})
recorder = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(recorder)
recorder.start({root!r}, {out!r})
"""
_KEPT = (".bookcache", "marked")
_MADE = ("__pycache__", "node_modules", "site-packages", ".egg-info")
_FOR_WRITING = os.O_WRONLY | os.O_RDWR
_STARTS = {"subprocess.Popen": 3, "os.exec": 2, "os.posix_spawn": 2}
_LOADERS = ("<frozen importlib", importlib.__file__.removesuffix("__init__.py"))
_TELLERS = ("/traceback.py", "/warnings.py", "/linecache.py", "/tokenize.py")
_WITHOUT_ENVIRONMENT = {"-I", "-E", "-S"}
_CALL = "__book_ran__"
Function = TypeVar("Function", ast.FunctionDef, ast.AsyncFunctionDef)


def start(root: str, out: str) -> Callable[[str], CodeType]:
    """Record from now on what happens in ``root``, into the folder ``out``.

    Args:
        root: the repository.
        out: an existing folder, for the record and for what lets new interpreters record.

    Returns:
        What compiles a script, so that its functions are recorded too.
    """
    recorder = _Recorder(os.path.abspath(root) + os.sep, os.path.join(out, FILE))
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and name.partition(".")[0] == _PACKAGE:
            recorder.whole(path)  # what it ran until now went unseen
    children = os.path.join(out, "children")
    if os.environ.get(_VARIABLE) != children:
        os.mkdir(children)
        with open(os.path.join(children, "sitecustomize.py"), "w", encoding="utf-8") as file:
            file.write(_CHILD.format(path=__file__, root=root, out=out))
        paths = [children, *filter(None, [os.environ.get("PYTHONPATH")])]
        os.environ.update({"PYTHONPATH": os.pathsep.join(paths), _VARIABLE: children})
    recorder.begin()
    return recorder.compiled


class _Recorder:
    """The hooks, and what they have seen."""

    def __init__(self, root: str, file: str) -> None:
        self.root = root
        self.file = file
        self.makers = os.path.dirname(os.path.abspath(__file__)) + os.sep
        self.lines: set[tuple[str, ...]] = set()
        self.places: dict[str, str] = {}
        self.by_entry: set[str] = set()

    def begin(self) -> None:
        """Hear of what is opened, imported and started, and load our modules with calls in them."""
        sys.addaudithook(self.audit)
        self.wrap()
        setattr(builtins, _CALL, self.ran)
        load = SourceFileLoader.get_code

        def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
            path = loader.get_filename(name)
            return self.compiled(path) if self.place(path) else load(loader, name)

        SourceFileLoader.get_code = get_code  # type: ignore[assignment,method-assign]

    def compiled(self, path: str) -> CodeType:
        """The code of one of our files, which says what of it runs."""
        place = self.place(path)
        self.note("ran", place, MODULE)
        with open(path, "rb") as file:
            source = file.read()
        parts = [_recipe(), path.encode(), place.encode(), source]
        of = hashlib.sha256(b"\0".join(parts)).digest()
        kept = os.path.join(self.root, *_KEPT, place.replace("/", "@"))
        if code := _read(kept, of):
            return code
        marked = ast.fix_missing_locations(_Marks(place).visit(ast.parse(source, path)))
        made: CodeType = compile(marked, path, "exec", dont_inherit=True)
        _keep(kept, of, marshal.dumps(made))
        return made

    def ran(self, place: str, name: str) -> None:
        """Note a function; called by itself, each time that it runs."""
        if ("ran", place, name) not in self.lines:
            self.note("ran", place, name)

    def wrap(self) -> None:
        """Hear of what no hook tells: files opened to be run, and files that were not there."""
        open_code, stat = io.open_code, os.stat

        def noting_open_code(path: str) -> Any:
            self.whole(path)  # its code counts, not its comments and docstrings
            self.by_entry.add(self.place(path))
            return open_code(path)

        def noting_stat(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
            try:
                return stat(path, *arguments, **named)
            except FileNotFoundError:
                self.opened("read", path if named.get("dir_fd") is None else None)
                raise

        io.open_code, os.stat = noting_open_code, noting_stat

    def whole(self, path: str) -> None:
        """Note that all code of a file counts, whichever of it ran."""
        if place := self.place(path):
            self.note("ran", place, "*")

    def place(self, path: str) -> str:
        """A path in the repository, relative to it; nothing for one outside, hidden or made."""
        if path not in self.places:
            full = path if path.startswith("<") else os.path.abspath(path)
            inside = full.startswith(self.root) and not full.startswith(self.makers)
            parts = full[len(self.root) :].split(os.sep) if inside else []
            made = any(part[:1] == "." or part.endswith(_MADE) for part in parts)
            self.places[path] = "" if made else "/".join(parts)
        return self.places[path]

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of files, folders, imports and programs."""
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & _FOR_WRITING):
                self.opened("read", arguments[0])
        elif event in ("os.listdir", "os.scandir"):
            self.opened("listed", arguments[0])
        elif event == "import":
            self.wanted(arguments[0])
        elif event in _STARTS:
            command, environment = arguments[1], arguments[_STARTS[event]]
            words = command if isinstance(command, (list, tuple)) else ()
            inherits = environment is None or _VARIABLE in map(os.fsdecode, environment)
            if not inherits or _WITHOUT_ENVIRONMENT.intersection(words):
                self.note(EVERYTHING)
        elif event == "lesson_code.by_entry":  # what is opened next: not all of it counts, ...
            self.by_entry.add(self.place(arguments[0]))
        elif event == "lesson_code.entry":  # ... but this
            self.note("entry", self.place(arguments[0]), arguments[1])

    def opened(self, kind: str, path: object) -> None:
        """Note a file or a folder that was opened, but not for an import."""
        if path is None or isinstance(path, int):
            return
        place = self.place(os.path.abspath(os.fsdecode(path)))  # type: ignore[arg-type]
        if not place or self.is_for_no_one(sys._getframe(2)):
            return
        if place in self.by_entry:
            self.by_entry.discard(place)
        else:
            self.note(kind, place)

    def is_for_no_one(self, frame: FrameType | None) -> bool:
        """Whether an import reads it, or a library that makes a traceback or a warning.

        ``torch.manual_seed`` does that on a machine without CUDA, and shows it to nobody.
        """
        tells = False
        while frame:
            name = frame.f_code.co_filename
            if name.startswith(_LOADERS) or name == __file__:
                return True
            if not name.replace(os.sep, "/").endswith(_TELLERS):
                return tells and not self.place(name)
            tells = tells or name.endswith(("traceback.py", "warnings.py"))
            frame = frame.f_back
        return False

    def wanted(self, module: str) -> None:
        """Note a module of ours that is imported though it does not exist (yet)."""
        if module.startswith(f"{_PACKAGE}."):
            path = self.root + module.replace(".", os.sep)
            if not any(os.access(name, os.F_OK) for name in (path, f"{path}.py")):
                self.note("read", self.place(f"{path}.py"))

    def note(self, kind: str, *what: str) -> None:
        """Write down what is new, and of a file which one it was when it was read."""
        line = (kind, *what)
        if line in self.lines:
            return
        self.lines.add(line)
        text = "\t".join(line) + "\n"
        if kind in ("ran", "read", "entry"):
            text = f"file\t{what[0]}\t{signature(self.root + what[0])}\n" + text
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)


@cache
def _recipe() -> bytes:
    """What decides about marked code besides its source: this file and the Python that runs it."""
    with open(__file__, "rb") as file:
        return file.read() + f"{sys.version} {sys.flags.optimize}".encode()


def _read(path: str, of: bytes) -> CodeType | None:
    """The code that was made of the source with the hash ``of``, unless it was damaged since."""
    made: CodeType | None = None
    with suppress(OSError), open(path, "rb") as file:
        head, code = file.read(2 * len(of)), file.read()
        if head == of + hashlib.sha256(code).digest():
            made = marshal.loads(code)
    return made


def _keep(path: str, of: bytes, code: bytes) -> None:
    """Spare the next process the compiling; where nothing can be written, it compiles."""
    aside = f"{path}.{os.getpid()}"
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(aside, "wb") as file:
            file.write(of + hashlib.sha256(code).digest() + code)
        os.replace(aside, path)


class _Marks(ast.NodeTransformer):
    """Puts a call at the beginning of each function of a module, and before each error.

    Functions inside of others are parts of them.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.prefix = ""
        self.function = MODULE

    def call(self, name: str, at: ast.AST) -> ast.Call:
        arguments: list[ast.expr] = [ast.Constant(self.place), ast.Constant(name)]
        return ast.copy_location(ast.Call(ast.Name(_CALL, ast.Load()), arguments, []), at)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        outer, self.prefix = self.prefix, f"{self.prefix}{node.name}."
        self.generic_visit(node)
        self.prefix = outer
        return node

    def visit_FunctionDef(self, node: Function) -> Function:
        outer = self.function
        if outer == MODULE:
            self.function = self.prefix + node.name
        self.generic_visit(node)
        if outer == MODULE:
            first = node.body[0]
            call = ast.copy_location(ast.Expr(self.call(self.function, first)), first)
            node.body.insert(1 if ast.get_docstring(node, clean=False) is not None else 0, call)
        self.function = outer
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Raise(self, node: ast.Raise) -> list[ast.stmt]:
        call = ast.Expr(self.call(self.function + RAISED, node))
        return [ast.copy_location(call, node), node] if node.exc else [node]

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        if node.msg:  # (call, message)[1]
            both = ast.Tuple([self.call(self.function + RAISED, node), node.msg], ast.Load())
            node.msg = ast.Subscript(both, ast.Constant(1), ast.Load())
        return node


def signature(path: str) -> str:
    """What tells a file from the one that an edit makes of it."""
    try:
        stat = os.stat(path)
    except OSError:
        return "absent"
    return f"{stat.st_mtime_ns} {stat.st_size}"
