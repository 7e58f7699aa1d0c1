"""What a run depended on, as its record keeps it, and a hash of that in the working tree.

A record names the functions that ran (``simclr_loss``, ``MoCo.forward``; what is nested in one is a
part of it), for each module that was imported ``<module>``, which is everything in it but the
bodies of functions and its private helpers, and the files, entries of files and listings of folders
that were read. The hash leaves out comments, docstrings and layout, and what only a ``raise`` or
``assert`` would say, unless that function raised something (``simclr_loss!``). Nothing is imported.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bookbuild import files, project
from bookbuild.project import PACKAGE, BookError, Example
from bookbuild.recorder import EVERYTHING, MODULE, RAISED, signature

WHOLE = "*"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEFT_OUT = ("type_comment", "type_params", "kind", "ctx")
_MADE = ("results", "__pycache__")


@dataclass(frozen=True)
class Dependencies:
    """The code that ran, by file, and what was read."""

    ran: Mapping[str, frozenset[str]]
    read: frozenset[str]

    def plain(self) -> dict[str, Any]:
        """What a record keeps: a line for each file."""
        ran = {file: " ".join(sorted(names)) for file, names in sorted(self.ran.items())}
        return {"ran": ran, "read": sorted(self.read)}

    @classmethod
    def kept(cls, record: Mapping[str, Any]) -> Dependencies | None:
        """From what a record keeps; nothing if it keeps none."""
        try:
            ran = {str(file): frozenset(names.split()) for file, names in record["ran"].items()}
            return cls(ran, frozenset(map(str, record["read"])))
        except (KeyError, AttributeError, TypeError):
            return None

    def names(self) -> list[str]:
        """All of it in order, such as ``lesson_code/simclr.py:simclr_loss``."""
        code = [f"{file}:{name}" for file, names in self.ran.items() for name in names]
        return sorted([*code, *self.read])

    def beyond(self, other: Dependencies) -> list[str]:
        """The names that ``other`` does not cover."""
        if WHOLE in other.ran.get(PACKAGE, ()):
            return []
        whole = {file for file, names in other.ran.items() if WHOLE in names}
        known = {name.removesuffix(RAISED) for name in other.names()} | set(other.names())
        return [
            name for name in self.names() if name not in known and name.split(":")[0] not in whole
        ]


def measured(root: Path, record: Path) -> Dependencies | None:
    """What the recorder wrote down; nothing if a file has changed since the run read it."""
    ran: dict[str, set[str]] = {}
    read: set[str] = set()
    for line in record.read_text(encoding="utf-8").splitlines():
        kind, *what = line.split("\t")
        if kind == "file" and signature(str(root / what[0])) != what[1]:
            return None
        if kind == EVERYTHING:
            ran[PACKAGE] = {WHOLE}
        elif kind == "ran":
            ran.setdefault(what[0], set()).add(what[1])
        elif kind in ("read", "entry"):
            read.add(":".join(what))
        elif kind == "listed":
            read.add(f"{what[0]}/")
    for file, names in ran.items():
        names -= {name for name in names if f"{name}{RAISED}" in names}
        ran[file] = {WHOLE} if WHOLE in names else names
    return Dependencies({file: frozenset(names) for file, names in ran.items()}, frozenset(read))


def digest(root: Path, example: Example, dependencies: Dependencies) -> str:
    """A hash of all that an example declares and depends on, libraries aside."""
    lines = [f"seed={example.seed} tolerance={example.tolerance} cost={example.cost}"]
    lines += _tree(root).hashes(dependencies)
    return _hash("\n".join(lines))


def keep(root: Path) -> None:
    """Leave the hashes of code in the cache, so that the next process need not parse it."""
    _tree(root).keep()


@cache
def _tree(root: Path) -> _Tree:
    return _Tree(root)


class _Tree:
    """The working tree; each file is read again only when it has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sources: dict[str, tuple[str, _Source]] = {}
        self.data: dict[str, tuple[str, bytes]] = {}
        self.cache = project.cache(root) / "pieces.json"
        self.hashed = files.kept_json(self.cache)
        self.is_kept = True

    def hashes(self, dependencies: Dependencies) -> Iterator[str]:
        for file, names in sorted(dependencies.ran.items()):
            if file == PACKAGE:
                yield from (f"{name} {self.whole(name)}" for name in self.everything())
                continue
            source = self.source(file)
            yield from (f"{file}:{name} {self.piece(source, name)}" for name in sorted(names))
        yield from (f"{name} {self.contents(name)}" for name in sorted(dependencies.read))

    def everything(self) -> Iterator[str]:
        """All of the package but examples, results and what is hidden."""
        package = self.root / PACKAGE
        for path in sorted(package.rglob("*")):
            parts = path.relative_to(package).parts
            hidden = any(part[0] == "." or part in _MADE for part in parts)
            if not hidden and parts[0] != "examples" and path.is_file():
                yield path.relative_to(self.root).as_posix()

    def whole(self, file: str) -> str:
        if not file.endswith(".py"):
            return self.contents(file)
        return self.piece(self.source(file), WHOLE)

    def piece(self, source: _Source | None, name: str) -> str:
        """The hash of a piece of code; one that is no longer there has none."""
        if source is None:
            return "absent"
        kept = self.hashed.get(source.file)
        if kept is None or kept["of"] != source.digest:
            kept = self.hashed[source.file] = {"of": source.digest, "pieces": {}}
        pieces: dict[str, str] = kept["pieces"]
        if name not in pieces:
            pieces[name] = source.hash(name)
            self.is_kept = False
        return pieces[name]

    def source(self, file: str) -> _Source | None:
        now = signature(f"{self.root}/{file}")
        if now == "absent":
            return None
        if file not in self.sources or self.sources[file][0] != now:
            self.sources[file] = (now, _Source(project.read(self.root / file, file), file))
        return self.sources[file][1]

    def contents(self, name: str) -> str:
        """The hash of a file, of an entry in it (``file.toml:bugs.name``), or of a listing."""
        path = self.root / name
        if name.endswith("/"):
            listed = path.iterdir() if path.is_dir() else ()
            return _hash("\n".join(sorted(p.name for p in listed if not _is_made(p.name))))
        file, _, entry = name.partition(":")
        now = signature(str(self.root / file))
        if now == "absent":
            return now
        if name not in self.data or self.data[name][0] != now:
            text = (self.root / file).read_bytes().replace(b"\r\n", b"\n")
            self.data[name] = (now, _entry(text, entry) if entry else text)
        return hashlib.sha256(self.data[name][1]).hexdigest()[:16]

    def keep(self) -> None:
        if not self.is_kept:
            files.keep(self.cache, json.dumps(self.hashed))
            self.is_kept = True


class _Source:
    """One file of code, parsed when that is needed."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.digest = _hash(text)

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            raise BookError(f"{self.file}:{error.lineno}: {error.msg}") from None

    @cached_property
    def functions(self) -> dict[str, list[ast.AST]]:
        """The bodies of functions and methods; one name may have several, as a property has."""
        found: dict[str, list[ast.AST]] = {}
        for name, function in _functions(self.tree, ""):
            inputs = [function.args] if function in self.helpers else []
            found.setdefault(name, []).extend([*inputs, *function.body])
        return found

    @cached_property
    def helpers(self) -> list[ast.stmt]:
        """Private functions that change nothing until they run: each is its own piece alone.

        One with a decorator or with a name that the module binds twice is not among them.
        """
        bound = [name for node in ast.walk(self.tree) for name in _bound(node)]
        return [
            node
            for node in self.tree.body
            if isinstance(node, _FUNCTIONS)
            and node.name.startswith("_")
            and not node.name.startswith("__")
            and not node.decorator_list
            and bound.count(node.name) == 1
        ]

    @cached_property
    def module(self) -> list[ast.stmt]:
        return [node for node in self.tree.body if node not in self.helpers]

    def hash(self, name: str) -> str:
        plain, raised = name.removesuffix(RAISED), name.endswith(RAISED)
        if plain == WHOLE:
            return _hash(_text(self.tree, says=True, bodies=True))
        if plain == MODULE:
            return _hash(_text(self.module, says=raised, bodies=False))
        if plain not in self.functions:
            return "absent"
        return _hash(_text(self.functions[plain], says=raised, bodies=True))


def _functions(
    node: ast.AST, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions and methods below a node, by qualified name, without those inside others."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.expr):
            yield from _functions(child, prefix)


def _bound(node: ast.AST) -> list[str]:
    """The names that a node binds, wherever in a module it stands."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def _text(node: object, says: bool, bodies: bool) -> str:
    """A dump of code that is the same on every Python version, without docstrings and positions.

    Args:
        node: a node, a list of nodes or a plain value.
        says: whether what an error would say counts.
        bodies: whether the bodies of functions count.
    """
    if isinstance(node, list):
        kept = [item for item in node if not _is_docstring(item)]
        return "[" + " ".join(_text(item, says, bodies) for item in kept) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    unsaid = {ast.Raise: ("exc", "cause"), ast.Assert: ("msg",)}.get(type(node), ())
    left_out = (*_LEFT_OUT, *(() if says else unsaid))
    if isinstance(node, _FUNCTIONS) and not bodies:
        left_out += ("body",)
    fields = [
        f"{name}={_text(value, says, bodies)}"
        for name, value in ast.iter_fields(node)
        if value not in (None, []) and name not in left_out
    ]
    return f"{type(node).__name__}({' '.join(fields)})"


def _is_docstring(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _entry(text: bytes, entry: str) -> bytes:
    """One entry of a TOML file, or nothing where it is gone."""
    value: Any = tomllib.loads(text.decode())
    for key in entry.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return json.dumps(value, sort_keys=True, default=str).encode()


def _is_made(name: str) -> bool:
    return name[0] == "." or name in _MADE


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
