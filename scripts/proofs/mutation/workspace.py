"""A copy of one concept, its neighbors and its tests, in which mutmut works.

mutmut leaves decorated functions alone, since a decorator may do anything. Ours only wrap, so the
copy writes ``@torch.no_grad()`` as ``ema_update = torch.no_grad()(ema_update)`` below the function,
which is what the decorator means. Statements that raise are marked as not to be mutated: the words
of a message are for people to judge.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import shutil
from pathlib import Path

PACKAGE = "lesson_code"
NAMES = "lesson_code/__init__.pyi"  # where the package looks its public names up
_KNOWN_TO_MUTMUT = ("staticmethod", "classmethod")
_NOT_MUTATED = "  # pragma: no mutate"
_STAMP = "stamp"
_SECONDS = "seconds"
_SETTINGS = """\
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "--import-mode=prepend"]

[tool.mutmut]
source_paths = ["lesson_code"]
only_mutate = ["lesson_code/{concept}.py"]
also_copy = ["lesson_code/__init__.pyi"]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = ["-p", "proofs.mutation.plugin", "-p", "no:cacheprovider", "-p", "no:xdist"]
process_isolation = "forkserver"
use_git_change_detection = false
timeout_constant = 3.0
timeout_multiplier = 5.0
"""


def concepts(root: Path) -> list[str]:
    """The modules that hold published functions and have tests of their own; not the guards."""
    found = [path.stem for path in sorted((root / PACKAGE).glob("*.py")) if path.stem != "guards"]
    return [name for name in found if (root / "tests" / f"test_{name}.py").is_file()]


def tests_of(concept: str) -> list[str]:
    """The test module that must notice an error in the concept."""
    return [f"tests/test_{concept}.py"]


def prepared(source: str) -> str:
    """The same code for mutmut: decorators spelled out, and what no page shows not mutated.

    That is each ``raise``, whose words are for people, and private functions: what refuses bad
    input stands above the listings, and the bank's tests take each guard away whole.
    """
    lines = source.splitlines()
    edits: list[tuple[int, int, list[str]]] = []
    tree = ast.parse(source)
    private = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("_")
    ]
    inside = {id(part) for node in private for part in ast.walk(node)}
    for function in private:
        first, last = _extent(function)
        written = ast.unparse(function).splitlines()
        edits.append((first, last, [line + _NOT_MUTATED for line in written if line.strip()]))
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.Raise):
            indent = " " * node.col_offset
            written = [f"{indent}{ast.unparse(node)}{_NOT_MUTATED}"]
            edits.append((node.lineno - 1, node.end_lineno or node.lineno, written))
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            edits += _undecorated(node)
    for first, last, new in sorted(edits, reverse=True):
        lines[first:last] = new
    return "\n".join(lines) + "\n"


def _extent(function: ast.FunctionDef) -> tuple[int, int]:
    """The lines of a function with its decorators, as a slice."""
    decorators = [decorator.lineno for decorator in function.decorator_list]
    return min([function.lineno, *decorators]) - 1, function.end_lineno or function.lineno


def _undecorated(function: ast.FunctionDef) -> list[tuple[int, int, list[str]]]:
    names = [ast.unparse(decorator) for decorator in function.decorator_list]
    if len(names) == 1 and names[0] in _KNOWN_TO_MUTMUT:
        return []
    indent, name = " " * function.col_offset, function.name
    value = name
    for decorator in reversed(names):
        value = f"{decorator}({value})"
    end = function.end_lineno or function.lineno
    first = function.decorator_list[0].lineno - 1
    return [(first, function.lineno - 1, []), (end, end, [f"{indent}{name} = {value}"])]


def prepare(concept: str, root: Path, folder: Path) -> None:
    """Fill the folder, unless it was made from the same files: mutmut then goes on there."""
    wanted = _files(concept, root)
    stamp = hashlib.sha256(repr(sorted(wanted.items())).encode()).hexdigest()
    stamp += f" {importlib.metadata.version('mutmut')}"
    kept = folder / _STAMP
    if kept.is_file() and kept.read_text(encoding="utf-8") == stamp:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    kept.write_text(stamp, encoding="utf-8")


def seconds(folder: Path) -> float:
    """How long mutmut has worked in the folder, all runs together."""
    kept = folder / _SECONDS
    return float(kept.read_text(encoding="utf-8")) if kept.is_file() else 0.0


def add_seconds(folder: Path, more: float) -> None:
    """Note how long another run took."""
    (folder / _SECONDS).write_text(str(seconds(folder) + more), encoding="utf-8")


def _files(concept: str, root: Path) -> dict[str, str]:
    tests = tests_of(concept)
    shared = ["tests/conftest.py", "tests/helpers.py"]
    modules = ["__init__", "guards", *concepts(root)]
    names = [*(f"{PACKAGE}/{name}.py" for name in modules), NAMES, *shared, *tests]
    files = {name: (root / name).read_text(encoding="utf-8") for name in names}
    mutated = f"{PACKAGE}/{concept}.py"
    files[mutated] = prepared(files[mutated])
    quoted = ", ".join(f'"{name}"' for name in tests)
    files["pyproject.toml"] = _SETTINGS.format(concept=concept, tests=quoted)
    return files
