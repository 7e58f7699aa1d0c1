"""Prints the test files that belong to what differs from a revision, one a line.

A test file belongs to a source file if it bears its name (``tests/**/test_<name>.py``) or imports
its module; tests that changed count themselves. Slow ones that drive a browser are left to the
whole suite unless they changed.

    python scripts/lib/tests_of_change.py [REVISION]
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {"lesson_code": "", "scripts": "scripts/"}
WITH_A_BROWSER = "tests/site/"


def changed(revision: str) -> list[str]:
    """Files that differ from the revision, new ones that git does not ignore included."""
    names: list[str] = []
    for command in (
        ["git", "diff", "--name-only", "--diff-filter=d", revision],
        ["git", "ls-files", "--others", "--exclude-standard"],
    ):
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        names += done.stdout.splitlines()
    return names


def modules(names: list[str]) -> set[str]:
    """The changed files as Python names them: ``lesson_code.moco``, ``bookbuild.runner``."""
    found = set()
    for name in names:
        path = Path(name)
        if path.suffix == ".py" and path.parts[0] in SOURCES:
            dotted = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
            found.add(dotted.removeprefix("scripts."))
    return found


def imported(path: Path) -> set[str]:
    """The modules that a test imports from, and those that may be names in ``from x import y``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def tests_of(names: list[str]) -> list[str]:
    """The test files for these changed files, sorted."""
    wanted = modules(names)
    stems = {Path(name).stem for name in names if not name.startswith("tests/")}
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(WITH_A_BROWSER):
            belongs = name in names
        else:
            belongs = name in names or path.stem.removeprefix("test_") in stems
            belongs = belongs or bool(wanted & imported(path))
        if belongs:
            found.append(name)
    return found


if __name__ == "__main__":
    print("\n".join(tests_of(changed(sys.argv[1] if sys.argv[1:] else "HEAD"))))
