"""What an example reaches: its own code and every definition of ``lesson_code`` it can call.

Nothing is imported. Each module is parsed once; a definition refers to the names it mentions, and
the closure follows them across modules. Comments, docstrings and layout do not count. Wherever a
name cannot be followed (a module passed around as a value, ``globals()``, a dotted name in a
string) the whole module counts: the closure may be too large, never too small.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bookbuild.project import PACKAGE, BookError, Example

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_REFLECTION = {"globals", "vars", "locals", "eval", "exec"}
_EVERYTHING = "*"


@dataclass
class _Module:
    """One parsed file: definitions, imports of our own code, statements that have effects."""

    symbols: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)


def digest(root: Path, example: Example) -> str:
    """A hash of all code that can change what ``example`` produces, libraries aside."""
    lines = [f"seed={example.seed} tolerance={example.tolerance} cost={example.cost}"]
    lines += [f"{module}:{symbol} {text}" for (module, symbol), text in _closure(root, example)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def reached(root: Path, example: Example) -> set[str]:
    """The definitions of ``lesson_code`` that ``example`` reaches, as ``simclr:simclr_loss``."""
    parts = {key for key, _ in _closure(root, example)}
    return {
        f"{module.removeprefix(PACKAGE + '.')}:{symbol}"
        for module, symbol in parts
        if not module.startswith(f"{PACKAGE}.examples.") and symbol
    }


def _closure(root: Path, example: Example) -> list[tuple[tuple[str, str], str]]:
    start = ".".join(example.path.relative_to(root).with_suffix("").parts)
    code = _Code(root)
    code.module_is_used(start)
    code.own_definitions(start)
    return sorted(code.found.items())


class _Code:
    """A walk over definitions that remembers what it has seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[tuple[str, str], str] = {}
        self.used: set[str] = set()

    def parsed(self, module: str) -> _Module | None:
        base = self.root.joinpath(*module.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                stat = path.stat()
                return _parse(str(path), module, stat.st_mtime_ns, stat.st_size)
        return None

    def module_is_used(self, module: str) -> None:
        """Importing a module runs its statements, its parents' and those of what it imports."""
        if module in self.used or not module.startswith(PACKAGE):
            return
        self.used.add(module)
        if "." in module:
            self.module_is_used(module.rpartition(".")[0])
        parsed = self.parsed(module)
        if parsed is None:
            return
        for target in parsed.imports.values():
            self.module_is_used(self.owner(target))
        for position, statement in enumerate(parsed.effects):
            self.visit(module, f"<statement {position}>", [statement])

    def owner(self, target: str) -> str:
        """The module part of a dotted name: that of ``lesson_code.moco.MoCo`` without ``MoCo``."""
        parts = target.split(".")
        while parts and self.parsed(".".join(parts)) is None:
            parts.pop()
        return ".".join(parts) or target

    def whole_module(self, module: str) -> None:
        parsed = self.parsed(module)
        if parsed is None:
            self.found[(module, _EVERYTHING)] = "missing"
            return
        self.own_definitions(module)
        for target in parsed.imports.values():
            self.target(target)

    def own_definitions(self, module: str) -> None:
        """Everything the module defines itself; what it imports counts where it is mentioned."""
        self.module_is_used(module)
        parsed = self.parsed(module)
        for symbol in parsed.symbols if parsed else ():
            self.symbol(module, symbol)

    def symbol(self, module: str, symbol: str) -> None:
        parsed = self.parsed(module)
        if parsed is None:
            self.found[(module, symbol)] = "missing"
        elif symbol in parsed.symbols:
            self.visit(module, symbol, parsed.symbols[symbol])
        elif symbol in parsed.imports:
            self.target(parsed.imports[symbol])
        elif symbol == _EVERYTHING:
            self.whole_module(module)
        elif self.parsed(f"{module}.{symbol}") is None:
            self.found[(module, symbol)] = "missing"

    def target(self, target: str) -> None:
        """Follow a dotted name to the definition, or to the whole module if it ends at one."""
        owner = self.owner(target)
        rest = target[len(owner) + 1 :]
        self.module_is_used(owner)
        if rest:
            self.symbol(owner, rest.split(".")[0])
        elif (owner, _EVERYTHING) not in self.found:
            self.found[(owner, _EVERYTHING)] = "whole"
            self.whole_module(owner)

    def visit(self, module: str, symbol: str, statements: list[ast.stmt]) -> None:
        key = (module, symbol)
        if key in self.found:
            return
        self.found[key] = " ".join(_text(statement) for statement in statements)
        parsed = self.parsed(module)
        assert parsed is not None
        names = dict(parsed.imports)
        for statement in statements:
            names.update(_imports(statement, module))
        for mention in _mentions(statements, names):
            if mention in parsed.symbols:
                self.symbol(module, mention)
            elif mention == _EVERYTHING:
                self.whole_module(module)
            elif mention.startswith(PACKAGE):
                self.target(mention)


def _mentions(statements: list[ast.stmt], imports: dict[str, str]) -> Iterator[str]:
    """Names of this module and dotted names of ours that the statements mention."""
    for statement in statements:
        stack: list[ast.AST] = [statement]
        while stack:
            node = stack.pop()
            dotted = _dotted(node)
            head, _, rest = dotted.partition(".")
            if head in imports:
                yield f"{imports[head]}.{rest}" if rest else imports[head]
                continue
            if head in _REFLECTION:
                yield _EVERYTHING
            if head:
                yield head
            if isinstance(node, ast.Constant) and _is_ours(node.value):
                yield str(node.value)
            stack.extend(ast.iter_child_nodes(node))


def _is_ours(value: object) -> bool:
    return isinstance(value, str) and (value == PACKAGE or value.startswith(PACKAGE + "."))


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` for an attribute chain that begins with a plain name, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


@lru_cache(maxsize=1024)
def _parse(path: str, module: str, modified: int, size: int) -> _Module:
    """Parse a file; ``modified`` and ``size`` are there for the cache to notice a change."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"), filename=path)
    except SyntaxError as error:
        file = f"{module.replace('.', '/')}.py"
        raise BookError(f"{file}:{error.lineno}: {error.msg}") from None
    parsed = _Module()
    is_package = path.endswith("__init__.py")
    for statement in tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            parsed.imports.update(_imports(statement, module, is_package))
        elif isinstance(statement, _DEFINITIONS):
            parsed.symbols.setdefault(statement.name, []).append(statement)
        elif not _is_docstring(statement):
            for name in _assigned(statement):
                parsed.symbols.setdefault(name, []).append(statement)
            if not _assigned(statement) or _has_call(statement):
                parsed.effects.append(statement)
                parsed.imports.update(_imports(statement, module, is_package))
    return parsed


def _imports(tree: ast.AST, module: str, is_package: bool = False) -> dict[str, str]:
    """Local names bound to our own modules or definitions by the imports in ``tree``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    names[alias.asname or PACKAGE] = alias.name if alias.asname else PACKAGE
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = module.split(".")
                drop = node.level - 1 if is_package else node.level
                base = ".".join(parts[: len(parts) - drop])
                source = f"{base}.{source}" if source else base
            if source.split(".")[0] == PACKAGE:
                for alias in node.names:
                    if alias.name == "*":
                        raise BookError(f"{module}: name what you import from {source}, not *")
                    names[alias.asname or alias.name] = f"{source}.{alias.name}"
    return names


def _assigned(statement: ast.stmt) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    nodes = [node for target in targets for node in ast.walk(target)]
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def _has_call(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Call) for node in ast.walk(statement))


def _is_docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _text(node: object) -> str:
    """A dump of code that is the same on every Python version, without docstrings and positions."""
    if isinstance(node, list):
        kept = [item for item in node if not (isinstance(item, ast.stmt) and _is_docstring(item))]
        return "[" + " ".join(map(_text, kept)) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [
        f"{name}={_text(value)}"
        for name, value in ast.iter_fields(node)
        if value not in (None, []) and name not in ("type_comment", "type_params", "kind", "ctx")
    ]
    return f"{type(node).__name__}({' '.join(fields)})"
