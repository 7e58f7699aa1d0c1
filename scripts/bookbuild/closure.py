"""What an example reaches: its own code and every definition of ``lesson_code`` it can call.

Nothing is imported. Each module is parsed once; a definition refers to the names it mentions, and
the closure follows them across modules. Comments, docstrings and layout do not count. Wherever a
name cannot be followed (a module passed around as a value, ``globals()``, a dotted name in a
string) the whole module counts, for an import by name every module, for ``__file__`` every data
file that the code can know of: the closure may be too large, never too small.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bookbuild.project import PACKAGE, BookError, Example, read

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_REFLECTION = {"globals", "vars", "locals", "eval", "exec"}
_BY_NAME = {"import_module", "__import__", "run_path", "run_module"}
_PLACES = {"__file__", "__path__"}
_EVERYTHING = "*"
_ALL_MODULES = "**"
_DATA = "***"


@dataclass(frozen=True)
class _Part:
    """A definition, or a statement that has effects: its text, what it loads and mentions."""

    text: str
    loads: tuple[str, ...]
    mentions: tuple[str, ...]


@dataclass
class _Module:
    """One parsed file: definitions, imports of our own code, statements that have effects."""

    name: str
    is_package: bool = False
    has_hooks: bool = False
    symbols: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    loads: list[str] = field(default_factory=list)
    effects: list[ast.stmt] = field(default_factory=list)
    parts: dict[str, _Part] = field(default_factory=dict)
    registered: dict[bool, list[str]] = field(default_factory=dict)

    def note_imports(self, tree: ast.AST) -> None:
        for name, target, loaded in _imports(tree, self.name, self.is_package):
            self.imports[name] = target
            self.loads.append(loaded)

    def part(self, symbol: str, statements: list[ast.stmt]) -> _Part:
        """The part ``symbol``, worked out once for all examples."""
        if symbol not in self.parts:
            names, loads = dict(self.imports), []
            for statement in statements:
                for name, target, loaded in _imports(statement, self.name, self.is_package):
                    names[name] = target
                    loads.append(loaded)
            text = " ".join(_text(statement) for statement in statements)
            mentions = tuple(dict.fromkeys(_mentions(statements, names)))
            self.parts[symbol] = _Part(text, tuple(loads), mentions)
        return self.parts[symbol]

    def acting(self, hooked: bool) -> list[str]:
        """Definitions that run our own code already when they are made, as a registry's do.

        If some class of the package is ``hooked`` to hear of its subclasses, any subclass may.
        """
        if hooked not in self.registered:
            own = {*self.symbols, *self.imports}
            self.registered[hooked] = [
                name
                for name, statements in self.symbols.items()
                if any(
                    _dotted(part).partition(".")[0] in own
                    for statement in statements
                    for part in _called_when_made(statement, hooked)
                )
            ]
        return self.registered[hooked]


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
        if module and not module.startswith(f"{PACKAGE}.examples.")
    }


def _closure(root: Path, example: Example) -> list[tuple[tuple[str, str], str]]:
    start = ".".join(example.path.relative_to(root).with_suffix("").parts)
    code = _Code(root)
    code.module_is_used(start)
    code.own_definitions(start)
    code.add_data()
    return sorted(code.found.items())


class _Code:
    """A walk over definitions that remembers what it has seen."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[tuple[str, str], str] = {}
        self.used: set[str] = set()
        self.finds_files = False
        self.modules: dict[str, _Module | None] = {}
        self.hooked = any(
            parsed.has_hooks for name in self.names() if (parsed := self.parsed(name))
        )

    def names(self) -> list[str]:
        """All modules of the package that are not examples."""
        found = []
        for path in sorted((self.root / PACKAGE).iterdir()):
            if path.name not in ("examples", "results"):
                found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        return [
            ".".join(path.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")
            for path in found
            if path.suffix == ".py"
        ]

    def parsed(self, module: str) -> _Module | None:
        if module not in self.modules:
            self.modules[module] = self.look_up(module)
        return self.modules[module]

    def look_up(self, module: str) -> _Module | None:
        base = os.path.join(self.root, *module.split("."))  # a Path takes too long here
        for path in (f"{base}.py", f"{base}/__init__.py"):
            if os.path.isfile(path):
                stat = os.stat(path)
                return _parse(path, module, stat.st_mtime_ns, stat.st_size)
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
        for target in parsed.loads:
            self.module_is_used(self.owner(target))
        for symbol in parsed.acting(self.hooked):
            self.symbol(module, symbol)
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
        elif self.parsed(f"{module}.{symbol}") is None:
            self.found[(module, symbol)] = "missing"
            if "__getattr__" in parsed.symbols:
                self.symbol(module, "__getattr__")

    def all_modules(self) -> None:
        """Every module that is not an example: what is imported by a name made while running."""
        for name in self.names():
            self.target(name)

    def add_data(self) -> None:
        """Every file that is neither code nor a result, if the code can find files.

        Those of a sub-package count if its code is reached, or if its name is mentioned anywhere.
        """
        if not self.finds_files:
            return
        package = self.root / PACKAGE
        for path in sorted(package.rglob("*")):
            parts = path.relative_to(package).parts
            hidden = any(part.startswith(".") for part in parts)  # such as a linter's cache
            if hidden or parts[0] == "results" or path.suffix in (".py", ".pyc"):
                continue
            if path.is_file() and (len(parts) == 1 or self.knows_of(parts[0])):
                self.found[("", "/".join(parts))] = hashlib.sha256(path.read_bytes()).hexdigest()

    def knows_of(self, folder: str) -> bool:
        """Whether code of a folder of the package is reached, or its name is mentioned."""
        inside = f"{PACKAGE}.{folder}"
        return any(
            module == inside or module.startswith(f"{inside}.") or folder in text
            for (module, _), text in self.found.items()
        )

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
        parsed = self.parsed(module)
        assert parsed is not None
        part = parsed.part(symbol, statements)
        self.found[key] = part.text
        for loaded in part.loads:
            self.module_is_used(self.owner(loaded))
        for mention in part.mentions:
            if mention in parsed.symbols:
                self.symbol(module, mention)
            elif mention == _EVERYTHING:
                self.whole_module(module)
            elif mention == _ALL_MODULES:
                self.all_modules()
            elif mention == _DATA:
                self.finds_files = True
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
            if dotted.rpartition(".")[2] in _BY_NAME:
                yield _ALL_MODULES
            if dotted in _PLACES:
                yield _DATA
            if head in imports:
                yield f"{imports[head]}.{rest}" if rest else imports[head]
                continue
            if head in _REFLECTION or dotted == "sys.modules":
                yield _EVERYTHING
            if head:
                yield head
            if isinstance(node, ast.Constant) and _is_ours(node.value):
                yield str(node.value)
                yield _DATA
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
    file = f"{module.replace('.', '/')}.py"
    try:
        tree = ast.parse(read(Path(path), file), filename=path)
    except SyntaxError as error:
        raise BookError(f"{file}:{error.lineno}: {error.msg}") from None
    parsed = _Module(module, path.endswith("__init__.py"), _has_hooks(tree))
    for statement in tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            parsed.note_imports(statement)
        elif isinstance(statement, _DEFINITIONS):
            parsed.symbols.setdefault(statement.name, []).append(statement)
        elif not _is_docstring(statement):
            for name in _assigned(statement):
                parsed.symbols.setdefault(name, []).append(statement)
            if _has_effect(statement):
                parsed.effects.append(statement)
                parsed.note_imports(statement)
    return parsed


def _imports(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[str, str, str]]:
    """For each import of ours in ``tree``: the name it binds, to what, and what it loads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE:
                    bound = alias.name if alias.asname else PACKAGE
                    yield alias.asname or PACKAGE, bound, alias.name
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
                    target = f"{source}.{alias.name}"
                    yield alias.asname or alias.name, target, target


def _assigned(statement: ast.stmt) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    nodes = [node for target in targets for node in ast.walk(target)]
    return [node.id for node in nodes if isinstance(node, ast.Name)]


def _has_effect(statement: ast.stmt) -> bool:
    """Whether a statement does more than to bind a name of its module to a plain value."""
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    if not _assigned(statement) or any(isinstance(node, ast.Call) for node in ast.walk(statement)):
        return True
    return any(isinstance(target, (ast.Attribute, ast.Subscript)) for target in targets)


def _has_hooks(tree: ast.Module) -> bool:
    """Whether a class in it hears of its subclasses."""
    return any(
        (isinstance(node, ast.FunctionDef) and node.name == "__init_subclass__")
        or (isinstance(node, ast.keyword) and node.arg == "metaclass")
        for node in ast.walk(tree)
    )


def _called_when_made(statement: ast.AST, hooked: bool) -> Iterator[ast.AST]:
    """What making a function or class calls: decorators, bases with hooks, calls in its body."""
    if not isinstance(statement, _DEFINITIONS):
        return
    for decorator in statement.decorator_list:
        yield decorator.func if isinstance(decorator, ast.Call) else decorator
    parts: list[ast.AST]
    if isinstance(statement, ast.ClassDef):
        yield from (keyword.value for keyword in statement.keywords)
        yield from statement.bases if hooked else ()
        parts = [*statement.bases, *statement.body]
    else:
        parts = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
    for part in parts:
        if isinstance(part, _DEFINITIONS):
            yield from _called_when_made(part, hooked)
        else:
            yield from (node.func for node in ast.walk(part) if isinstance(node, ast.Call))


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
