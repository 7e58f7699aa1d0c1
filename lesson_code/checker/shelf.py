"""The shelf: all exercises by name, their stubs and solutions, and the reader's progress.

Stubs and solutions are made of the published source, so they cannot differ from it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesson_code.checker.contents import Entry, ShelfError, entries, entry
from lesson_code.checker.register import CONCEPTS

if TYPE_CHECKING:  # it imports torch, which takes longer than a stub or a hint
    from lesson_code.checker.exercise import Exercise

#: Where `exercise start` puts files, and the progress, below the folder one is in.
FOLDER = "my_exercises"
PROGRESS = "progress.json"

#: What every stub imports; the published file may add to it.
IMPORTS = ("import torch", "import torch.nn.functional as F", "from torch import nn")
TODO = 'raise NotImplementedError("your turn")'


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by name, in the order of the book."""
    return {name: exercise_of(name) for name in entries()}


def exercise_of(name: str) -> Exercise:
    """The exercise of a name.

    Raises:
        ShelfError: if there is none; the nearest names are told.
    """
    wanted = entry(name)
    module = importlib.import_module(f"lesson_code.checker.exercises.{wanted.family}")
    return next(each for each in module.EXERCISES if each.name == wanted.name)


def stub(exercise: Exercise | Entry) -> str:
    """The file that the reader starts from: signature, docstring, nothing done."""
    source = solution(exercise)
    tree = ast.parse(source)
    node = next(
        item
        for item in tree.body
        if isinstance(item, (ast.FunctionDef, ast.ClassDef)) and item.name == exercise.name
    )
    lines = source.splitlines()
    if isinstance(node, ast.FunctionDef):
        body = _emptied(node, lines, "    ")
    else:
        body = _header(node, lines, "    ")
        for item in node.body:
            if isinstance(item, ast.FunctionDef) and not _is_property(item):
                body += ["", *_emptied(item, lines, "        ")]
    command = f"python -m lesson_code check {exercise.name} {FOLDER}/{exercise.name}.py"
    title = f'"""Exercise {exercise.name}. Check it: {command}."""'
    return "\n".join([title, "", *_imports(tree), "", "", *body, ""])


def solution(exercise: Exercise | Entry) -> str:
    """What pages show of the concept's file, and its imports: it solves the exercise."""
    source = (CONCEPTS / f"{exercise.family}.py").read_text(encoding="utf-8")
    found = [ast.unparse(node) for node in ast.parse(source).body if _is_import(node)]
    kept, listings = [line for line in found if line.startswith("from lesson_code.")], 0
    for line in source.splitlines():
        if line.startswith("# --8<--"):
            listings += 1 if "[start:" in line else -1
        elif listings or not line:
            kept.append(line)
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip() + "\n"


def start(exercise: Exercise | Entry, folder: Path) -> Path:
    """Write the stub into the reader's folder.

    Raises:
        ShelfError: if the reader has begun already.
        OSError: if the file cannot be written.
    """
    path = folder / f"{exercise.name}.py"
    if path.exists():
        raise ShelfError(f"{path} exists already; it stays as it is")
    _put(path, stub(exercise))
    return path


def progress(folder: Path) -> dict[str, dict[str, Any]]:
    """What the reader has done, by exercise: solved or not, attempts, hints seen.

    Raises:
        ShelfError: if the file is damaged; it is left as it is.
    """
    path = folder / PROGRESS
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not all(
            isinstance(entry, dict) for entry in content.values()
        ):
            raise ValueError("not a table of exercises")
    except ValueError as error:
        raise ShelfError(f"{path} is damaged ({error}); mend or remove it") from error
    return content


def note(folder: Path, exercise: str, **changes: Any) -> None:
    """Change the entry of an exercise; the file is replaced as a whole."""
    content = progress(folder)
    entry = {"solved": False, "attempts": 0, "hints": 0} | content.get(exercise, {})
    content[exercise] = entry | changes
    _put(folder / PROGRESS, json.dumps(content, indent=1, sort_keys=True))


def _put(path: Path, text: str) -> None:
    """Write a file as a whole, or not at all.

    Raises:
        OSError: if it cannot be written; with the name of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def _imports(tree: ast.Module) -> list[str]:
    """The imports of a stub: the usual ones, and what else the published file has from outside."""
    found = [ast.unparse(node) for node in tree.body if _is_import(node)]
    foreign = [line for line in found if "lesson_code" not in line]
    return sorted({*IMPORTS, *foreign}, key=lambda line: (line.startswith("from"), line))


def _is_import(node: ast.stmt) -> bool:
    """Whether it imports what a listing may need."""
    if isinstance(node, ast.ImportFrom):
        return node.module not in ("__future__", "lesson_code.guards")
    return isinstance(node, ast.Import)


def _is_property(node: ast.FunctionDef) -> bool:
    return "property" in map(ast.unparse, node.decorator_list)


def _emptied(node: ast.FunctionDef, lines: list[str], indent: str) -> list[str]:
    """A definition with its docstring, and nothing done."""
    return [*_header(node, lines, indent), f"{indent}{TODO}"]


def _header(node: ast.FunctionDef | ast.ClassDef, lines: list[str], indent: str) -> list[str]:
    """The lines of a definition up to the end of its docstring, or of its signature."""
    first = node.body[0]
    last = first.lineno - 1 if ast.get_docstring(node) is None else first.end_lineno
    found = lines[node.lineno - 1 : last]
    while found and not found[-1].strip():
        found.pop()
    return found
