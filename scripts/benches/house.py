"""How large the house is, and whether its rooms are in order: counted, so the same everywhere."""

from __future__ import annotations

import ast
import graphlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from benches.rows import Row, at_most

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"lesson_code": ROOT, "bookbuild": ROOT / "scripts", "proofs": ROOT / "scripts"}
LIMITS = {"Python outside tests": 42_400, "bug bank (TOML)": 6_900, "tests with fixtures": 36_720}
LINES_OF_A_MODULE = 400


def tracked() -> list[Path]:
    """The files that git knows or would add, as they are in the working tree."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for name in done.stdout.splitlines() if (path := ROOT / name).is_file()]


def lines(paths: Iterable[Path]) -> int:
    """All lines, blank ones and comments included."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)


def sizes(files: list[Path]) -> dict[str, int]:
    """Lines of each part of the house."""
    inside = {path: path.relative_to(ROOT).parts[0] for path in files}
    python = [path for path in files if path.suffix == ".py"]
    tests = [path for path in files if inside[path] == "tests" and path.suffix in (".py", ".toml")]
    bank = [path for path in files if path.suffix == ".toml" and path.parent.name == "bank"]
    return {
        "Python outside tests": lines(path for path in python if inside[path] != "tests"),
        "bug bank (TOML)": lines(bank),
        "tests with fixtures": lines(tests),
    }


def modules(files: list[Path]) -> dict[str, Path]:
    """Every module of the packages by its dotted name, the scripts of pages left out."""
    found = {}
    for package, base in PACKAGES.items():
        for path in files:
            if path.suffix != ".py" or not path.is_relative_to(base / package):
                continue
            dotted = ".".join(path.relative_to(base).with_suffix("").parts)
            if not dotted.startswith("lesson_code.examples."):
                found[dotted.removesuffix(".__init__")] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ours that a module imports, those within functions and for types too."""
    found: set[str] = set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parts if node.level else []), *filter(None, [node.module])])
            targets = {f"{base}.{alias.name}" for alias in node.names}
            found |= {target if target in known else base for target in targets}
    return {target for target in found if target in known and target != name}


def circle(known: dict[str, Path]) -> list[str]:
    """One circle of imports, if there is any."""
    graph = {name: imports(name, path, known) for name, path in known.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def house(runs: int) -> Iterator[Row]:
    """Lines of each part, circles of imports, and modules that hold too much."""
    files = tracked()
    for part, count in sizes(files).items():
        yield at_most(f"house: {part}", count, LIMITS[part], " lines")
    known = modules(files)
    found = circle(known)
    yield Row("house: circles of imports", " > ".join(found) or "none", "none", not found)
    code = [path for path in files if path.suffix == ".py" and ROOT / "tests" not in path.parents]
    long = {path.relative_to(ROOT).as_posix(): lines([path]) for path in code}
    long = {name: count for name, count in long.items() if count > LINES_OF_A_MODULE}
    figure = ", ".join(f"{name} {count}" for name, count in sorted(long.items())) or "none"
    yield Row(f"house: modules over {LINES_OF_A_MODULE} lines", figure, "none", not long)
