"""Named regions of files, and where the site shows them."""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bookbuild.project import BookError, read

_MARKER = re.compile(r"-+8<-+[ \t]+\[[ \t]*(start|end)[ \t]*:[ \t]*([A-Za-z][-\w]*)[ \t]*\]")
_ALONE = re.compile(r"\s*#\s*" + _MARKER.pattern + r"\s*")
_GUARDS = {"guard", "guard_methods"}
#: The region of a module that holds what its other regions import.
IMPORTS = "imports"


@dataclass(frozen=True)
class Region:
    """A part of a file that a page shows: ``first`` to ``last`` are its lines in that file."""

    path: str
    name: str
    first: int
    last: int
    code: str

    @property
    def title(self) -> str:
        """How a reader sees it named."""
        return f"{self.path} · {self.name}"


def region(root: Path, path: str, name: str) -> Region:
    """The region ``name`` of the file ``path``.

    Raises:
        BookError: If there is no such file or region, its markers are not one pair, or it cuts a
            definition or statement.
    """
    found = regions(root, path).get(name)
    if found is None:
        raise BookError(f"{path} has no region {name!r}; mark it with # --8<-- [start:{name}]")
    return found


def regions(root: Path, path: str) -> dict[str, Region]:
    """All regions of the file ``path``, in the order in which they start."""
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or not file.is_file():
        raise BookError(f"{path} does not exist (write its path from the repository's root)")
    stat = file.stat()
    return _regions(file, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _regions(file: Path, path: str, modified: int, size: int) -> dict[str, Region]:
    """Read a file's regions; ``modified`` and ``size`` let the cache notice a change."""
    lines = read(file, path).splitlines()
    found = {}
    for name, (start, end) in _marked(lines, path).items():
        inside = [number for number in range(start + 1, end) if not _marker(lines[number - 1])]
        filled = [number for number in inside if lines[number - 1].strip()]
        if not filled:
            raise BookError(f"{path}:{start}: the region {name!r} is empty")
        code = textwrap.dedent("\n".join(lines[number - 1] for number in inside)).strip("\n")
        found[name] = Region(path, name, filled[0], filled[-1], code)
    if file.suffix == ".py":
        _check_whole("\n".join(lines), path, found.values())
    return found


def _marked(lines: list[str], path: str) -> dict[str, tuple[int, int]]:
    """The lines of each region's two markers."""
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        marker = _marker(line)
        if marker is None:
            continue
        kind, name = marker.groups()
        if not _ALONE.fullmatch(line):
            raise BookError(f"{path}:{number}: the marker of {name!r} must be a comment of its own")
        if name in (starts if kind == "start" else ends):
            raise BookError(f"{path}:{number}: the region {name!r} has a second {kind} marker")
        if kind == "end" and name not in starts:
            raise BookError(f"{path}:{number}: the region {name!r} ends before it starts")
        (starts if kind == "start" else ends)[name] = number
    for name, number in starts.items():
        if name not in ends:
            raise BookError(f"{path}:{number}: the region {name!r} is never closed")
    return {name: (number, ends[name]) for name, number in starts.items()}


def _marker(line: str) -> re.Match[str] | None:
    match = _MARKER.search(line) if "8<-" in line else None
    return None if match and line[: match.start()].endswith(";") else match


def _check_whole(text: str, path: str, found: Iterable[Region]) -> None:
    """Refuse a region whose border lies inside a statement or a definition."""
    try:
        tree = ast.parse(text, filename=path)
    except SyntaxError as error:
        raise BookError(f"{path}:{error.lineno}: {error.msg}") from None
    for part in found:
        for statement in tree.body:
            first, last = _extent(statement)
            outside = last < part.first or first > part.last
            inside = part.first <= _shown_from(statement) and last <= part.last
            if not outside and not inside:
                what = getattr(statement, "name", "a statement")
                raise BookError(
                    f"{path}:{part.first}: the region {part.name!r} cuts {what} "
                    f"(lines {first} to {last}); show it whole"
                )


def _shown_from(statement: ast.stmt) -> int:
    """Where a region may begin at the latest: below the guard of a definition, if it has one."""
    lines = [decorator.lineno for decorator in _shown_decorators(statement)]
    return min([statement.lineno, *lines])


def _shown_decorators(statement: ast.stmt) -> list[ast.expr]:
    """All decorators but a guard on top, which says what is refused and is not shown."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = decorators[0] if decorators else None
    guarded = isinstance(first, ast.Call) and ast.unparse(first.func) in _GUARDS
    return decorators[1:] if guarded else decorators


def _extent(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return first, statement.end_lineno or statement.lineno


def merged(parts: Sequence[Region]) -> str:
    """The code of several regions as one block; what several of them import, it imports once."""
    imports = [part.code for part in parts if part.name == IMPORTS]
    others = [part.code for part in parts if part.name != IMPORTS]
    if len(imports) > 1:
        imports = [_imports("\n".join(imports))]
    return "\n\n".join([*imports, *others])


def _imports(code: str) -> str:
    """The import statements of ``code``, each once, in the order in which ruff sorts them."""
    statements = [
        node for node in ast.parse(code).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    groups: dict[bool, set[tuple[bool, str, str]]] = {True: set(), False: set()}
    for node in statements:
        whole = isinstance(node, ast.Import)
        module = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
        own = module.partition(".")[0] in sys.stdlib_module_names
        groups[own].add((not whole, module, ast.get_source_segment(code, node) or ""))
    texts = ["\n".join(text for *_, text in sorted(groups[own])) for own in (True, False)]
    return "\n\n".join(text for text in texts if text)
