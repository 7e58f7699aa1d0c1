"""The part of a class that one of its methods needs: of its constructor, what that method uses.

A loss is often a method of what trains with it, whose constructor builds networks and opens files.
"""

import ast
import copy
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from torch import nn

from lesson_code.checker.signature import Parameters

_Node = TypeVar("_Node")
_CHANGES = {ast.Expr: "value", ast.AugAssign: "target", ast.For: "iter"}


@dataclass(frozen=True)
class Part:
    """What a method needs of its object: the parameters of the constructor that reach the method.

    The method uses the ``unset`` attributes too; ``make`` sets no more of an object than it needs.
    """

    parameters: Parameters
    unset: frozenset[str]
    make: Callable[[dict[str, Any]], Any]


def part_of(cls: type, method: str) -> Part | None:
    """The part of a class that a method needs; None where it cannot be told."""
    init = _tree(cls, "__init__")
    builders = [base for base in cls.__mro__ if base.__module__ == cls.__module__]
    if sum("__init__" in vars(base) for base in builders) > 1 or not _tree(cls, method):
        return None
    reads, _ = _Uses(cls).of_method(method)
    wanted = {name for name in reads if name[0] == "."}
    kept: list[ast.stmt] = []
    uses, bound = _Uses(cls, init), set[str]()
    for statement in reversed([*_single(init.body)] if init else []):
        needs, binds = uses.of(statement)
        if binds & wanted and "super" not in needs:
            kept.insert(0, statement)
            wanted |= needs
            bound |= binds
    parameters = dict(inspect.signature(_constructor(cls)).parameters) if init else {}
    owner = next(iter(parameters), "self")
    reached = {name: item for name, item in parameters.items() if name in wanted and name != owner}
    unset = {name[1:] for name in wanted - bound if name[0] == "."}
    setup = _setup(cls, init, kept, [*parameters]) if init else None

    def make(values: dict[str, Any]) -> Any:
        made: Any = object.__new__(cls)
        if isinstance(made, nn.Module):
            nn.Module.__init__(made)
        empty = inspect.Parameter.empty
        given = {
            name: values.get(name, None if item.default is empty else item.default)
            for name, item in parameters.items()
            if name != owner
        }
        if setup:
            setup(**{owner: made}, **given)
        return made

    return Part(reached, frozenset(unset - {*dir(cls)}), make)


def attributes_of(cls: type, method: str) -> set[str]:
    """The attributes that a method uses, and those it calls."""
    return {name[1:] for name in _Uses(cls).of_method(method)[0] if name[0] == "."}


def _tree(cls: type, method: str) -> ast.FunctionDef | None:
    """The code of a method that somebody has written in Python."""
    raw = inspect.getattr_static(cls, method, None)
    function = inspect.unwrap(getattr(raw, "__func__", None) or getattr(raw, "fget", None) or raw)
    if not isinstance(function, types.FunctionType) or function.__module__ != cls.__module__:
        return None
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    return found if isinstance(found, ast.FunctionDef) else None


def _single(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, with one for each name that one of them sets at once."""
    for it in body:
        target, value = (it.targets[0], it.value) if isinstance(it, ast.Assign) else (None, None)
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=False):
                yield ast.copy_location(ast.Assign([one], other), it)
        else:
            yield it


class _Uses:
    """Names that code reads and binds; attributes of the object with a dot before them."""

    def __init__(self, cls: type, function: ast.FunctionDef | None = None) -> None:
        self.cls, self.seen = cls, dict[str, tuple[set[str], set[str]]]()
        self.owner = function.args.args[0].arg if function and function.args.args else "self"
        walked = ast.walk(function) if function else ()
        self.local = {it.id for it in walked if _is(it, ast.Name, ast.Store)}

    def of_method(self, name: str) -> tuple[set[str], set[str]]:
        """What a method reads and binds of its object, with the methods that it calls."""
        if name not in self.seen:
            self.seen[name] = (set(), set())
            if tree := _tree(self.cls, name):
                inner = _Uses(self.cls, tree)
                inner.seen = self.seen
                self.seen[name] = inner.of(tree)
        return self.seen[name]

    def of(self, code: ast.AST) -> tuple[set[str], set[str]]:
        """What code reads and binds; a call for its effect may change all that it names."""
        reads, binds = set[str](), set[str]()
        for it in ast.walk(code):
            if isinstance(it, ast.Name) and it.id != self.owner:
                (binds if _is(it, ast.Name, ast.Store) else reads).add(it.id)
            elif _is(it, ast.Attribute) and _is(it.value, ast.Name) and it.value.id == self.owner:
                (binds if _is(it, ast.Attribute, ast.Store) else reads).add(f".{it.attr}")
                more = self.of_method(it.attr)
                reads |= {name for name in more[0] if name[0] == "."}
                binds |= {name for name in more[1] if name[0] == "."}
            elif isinstance(it, ast.Call) and _registers(it):
                binds |= {f".{getattr(it.args[0], 'value', '')}"}
            changed = getattr(it, _CHANGES.get(type(it), ""), it)
            if changed is not it or _is(it, ast.Subscript, ast.Store):
                binds |= self._named(changed)
                reads |= self._named(changed)
        return reads, {name for name in binds if name[0] == "." or name in self.local}

    def _named(self, code: ast.AST) -> set[str]:
        """Everything of the object's or of its own that code names."""
        found = {it.id for it in ast.walk(code) if _is(it, ast.Name)} & self.local
        return found | {
            f".{it.attr}"
            for it in ast.walk(code)
            if _is(it, ast.Attribute) and _is(it.value, ast.Name) and it.value.id == self.owner
        }


def _registers(call: ast.Call) -> bool:
    """Whether a call sets an attribute by its name."""
    name = getattr(call.func, "attr", "")
    return bool(call.args) and name.startswith(("register_", "add_module"))


def _is(node: Any, kind: type[_Node], context: type | None = None) -> TypeGuard[_Node]:
    return isinstance(node, kind) and (
        context is None or isinstance(getattr(node, "ctx", None), context)
    )


def _constructor(cls: type) -> Any:
    return inspect.getattr_static(cls, "__init__")


def _setup(cls: type, init: ast.FunctionDef, body: list[ast.stmt], names: list[str]) -> Any:
    """A constructor of these statements alone, all of whose parameters go by name."""
    made = copy.copy(init)
    made.args = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    made.body, made.decorator_list, made.returns = body or [ast.Pass()], [], None
    tree = ast.fix_missing_locations(ast.Module([made], []))
    function = inspect.unwrap(_constructor(cls))
    space: dict[str, Any] = {}
    exec(compile(tree, function.__code__.co_filename, "exec"), function.__globals__, space)
    return space["__init__"]
