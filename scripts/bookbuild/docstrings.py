"""Docstrings in two lengths: code as it is tested, and with the first line of each alone."""

from __future__ import annotations

import ast
from functools import lru_cache

from bookbuild.project import BookError

_DOCUMENTED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@lru_cache(maxsize=1024)
def folds(code: str) -> tuple[tuple[int, int], ...]:
    """Where in ``code`` the rest of each docstring stands: begin and end, in characters.

    The rest is what follows the first line, without the closing quotes: left out, the code is
    whole and does the same.

    Raises:
        BookError: If a docstring does not say on its first line what it is about, or ends that
            line so that the closing quotes cannot follow.
    """
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    lines = code.split("\n")

    def place(line: int, column: int) -> int:
        """The character at a column that ``ast`` counts in bytes."""
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    found = []
    tree = ast.parse(code)
    for node in filter(None, map(_docstring, ast.walk(tree))):
        if node.end_lineno is None or node.end_col_offset is None or node.end_lineno == node.lineno:
            continue
        begin, end = place(node.lineno, 0), place(node.end_lineno, node.end_col_offset)
        quotes = 3 if code[:end].endswith(('"""', "'''")) else 1
        found.append((begin + len(lines[node.lineno - 1]), end - quotes))
    _check_first_lines(tree)
    if found and not _is_same(code, left_out(code, found)):
        raise BookError("a docstring's first line cannot stand alone: it ends in a quote or in \\")
    return tuple(sorted(found))


def short(code: str) -> str:
    """``code`` with the first line of each docstring alone."""
    return left_out(code, folds(code))


def left_out(code: str, ranges: tuple[tuple[int, int], ...] | list[tuple[int, int]]) -> str:
    """``code`` without the characters in ``ranges``."""
    for begin, end in sorted(ranges, reverse=True):
        code = code[:begin] + code[end:]
    return code


def without(code: str) -> str:
    """What ``code`` does, as a dump of its tree: the same for the same code, however documented."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if _docstring(node) is not None and isinstance(node, (*_DOCUMENTED, ast.Module)):
            node.body[0] = ast.Pass()
    return ast.dump(tree)


def _docstring(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, (*_DOCUMENTED, ast.Module)) or not node.body:
        return None
    first = node.body[0]
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
        return None
    return first.value if isinstance(first.value.value, str) else None


def _check_first_lines(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED):
            said = ast.get_docstring(node, clean=False)
            if said is not None and not said.split("\n")[0].strip():
                raise BookError(f"the docstring of {node.name} says nothing on its first line")


def _is_same(code: str, shown: str) -> bool:
    try:
        return without(shown) == without(code)
    except SyntaxError:
        return False
