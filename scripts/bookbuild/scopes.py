"""The names that a block of code binds when it is pasted, and those it needs from elsewhere.

Read from the syntax tree alone: the tables of the compiler differ from version to version, since
3.12 inlines comprehensions into the scope around them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__doc__"}


@dataclass(frozen=True)
class Names:
    """What a block of code binds at its top level, and what it needs from elsewhere."""

    defined: frozenset[str]
    needed: frozenset[str]


@lru_cache(maxsize=2048)
def names(code: str) -> Names:
    """The names that ``code`` defines, and those it uses without defining them first.

    Statements count in order, as when pasted, and each branch is taken to run; the body of a
    function may use what stands anywhere in the block, and what it declares ``global`` and assigns
    counts as defined. Built-in names are not needed from anywhere.
    """
    module = _Scope()
    _Reader(module).visit(ast.parse(code))
    needed = module.needed | (module.later - module.bound)
    return Names(frozenset(module.bound), frozenset(needed - _BUILTINS))


class _Scope:
    """The top level, and what every other scope has: a name counts from the line that binds it."""

    def __init__(self, outer: _Scope | None = None) -> None:
        self.outer = outer or self
        self.module: _Scope = outer.module if outer else self
        self.bound: set[str] = set()
        self.needed: set[str] = set()
        self.later: set[str] = set()
        self.globals: set[str] = set()

    def use(self, name: str, *, later: bool = False, nested: bool = False) -> None:
        """Look a name up.

        ``later``: the rest of the block may have run by then. ``nested``: a function or a
        comprehension looks it up, which the names of a class around it do not serve.
        """
        if name not in self.bound:
            (self.later if later else self.needed).add(name)

    def bind(self, name: str) -> None:
        (self.module if name in self.globals else self).bound.add(name)

    def unbind(self, name: str) -> None:
        (self.module if name in self.globals else self).bound.discard(name)


class _Class(_Scope):
    """The body of a class: it runs at once, and its names serve nothing that is nested in it."""

    def use(self, name: str, *, later: bool = False, nested: bool = False) -> None:
        if name in self.globals:
            self.module.use(name, later=later)
        elif name not in ({"__class__"} if nested else self.bound | {"__module__", "__qualname__"}):
            self.outer.use(name, later=later, nested=True)


class _Inline(_Scope):
    """A comprehension or type parameters: ``own`` names, known from the start, and no others."""

    def __init__(self, outer: _Scope, own: Iterable[str], *, nested: bool) -> None:
        super().__init__(outer)
        self.own, self.nested = frozenset(own), nested

    def use(self, name: str, *, later: bool = False, nested: bool = False) -> None:
        if name not in self.own:
            self.outer.use(name, later=later, nested=nested or self.nested)

    def bind(self, name: str) -> None:
        if name not in self.own:  # := in a comprehension binds around it
            self.outer.bind(name)


class _Function(_Scope):
    """A body that runs later: what it binds anywhere is its own from its first line on."""

    def __init__(self, outer: _Scope, *, nested: bool = True) -> None:
        super().__init__(outer)
        self.nested = nested
        self.nonlocals: set[str] = set()

    def use(self, name: str, *, later: bool = False, nested: bool = False) -> None:
        if name in self.globals:
            self.module.use(name, later=True)
        else:
            self.later.add(name)

    def unbind(self, name: str) -> None:
        self.bind(name)  # `del` makes a name local, as an assignment does

    def close(self) -> None:
        """Look up around it what it does not bind."""
        for name in self.later - (self.bound - self.nonlocals):
            self.outer.use(name, later=True, nested=self.nested)


Part = ast.AST | Iterable["Part"] | None


class _Reader(ast.NodeVisitor):
    """Walks a tree in the order in which it runs."""

    def __init__(self, scope: _Scope) -> None:
        self.scope = scope

    def each(self, *parts: Part) -> None:
        for part in parts:
            if isinstance(part, ast.AST):
                self.visit(part)
            elif part is not None:
                self.each(*part)

    def within(self, scope: _Scope, *parts: Part) -> None:
        outer, self.scope = self.scope, scope
        self.each(*parts)
        self.scope = outer

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.scope.bind(node.id)
            return
        self.scope.use(node.id)
        if isinstance(node.ctx, ast.Del):
            self.scope.unbind(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.each(node.value, node.targets)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.scope.use(node.target.id)
        self.each(node.value, node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        local = isinstance(self.scope, _Function)
        self.each(node.value, None if local else node.annotation)  # a function never evaluates it
        if local or node.value or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.each(node.value, node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.each(node.iter, node.target, node.body, node.orelse)

    visit_AsyncFor = visit_For

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.each(node.type)
        before = node.name in self.scope.bound
        if node.name:
            self.scope.bind(node.name)
        self.each(node.body)
        if node.name and not before:  # Python forgets the exception after its handler
            self.scope.unbind(node.name)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        self.generic_visit(node)
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.scope.bind(name)

    visit_MatchStar = visit_MatchMapping = visit_MatchAs

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.scope.bind(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.globals |= set(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        if isinstance(self.scope, _Function):
            self.scope.nonlocals |= set(node.names)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = _arguments(node.args)
        self.each(node.decorator_list, node.args.defaults, node.args.kw_defaults)
        generic = self.generic(node)
        self.within(generic, [argument.annotation for argument in arguments], node.returns)
        self.body(_Function(generic), arguments, node.body)
        self.scope.bind(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.each(node.args.defaults, node.args.kw_defaults)
        self.body(_Function(self.scope), _arguments(node.args), node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.each(node.decorator_list)
        generic = self.generic(node)
        self.within(generic, node.bases, node.keywords)
        self.within(_Class(generic), node.body)
        self.scope.bind(node.name)

    def visit_TypeAlias(self, node: Any) -> None:  # ast has no such class before 3.12
        self.body(_Function(self.generic(node), nested=False), [], node.value)
        self.visit(node.name)

    def generic(self, node: Any) -> _Inline:
        """The scope of a definition's type parameters, whose bounds are evaluated later."""
        parameters = getattr(node, "type_params", [])
        scope = _Inline(self.scope, [each.name for each in parameters], nested=False)
        self.body(_Function(scope, nested=False), [], parameters)
        return scope

    def body(self, function: _Function, arguments: list[ast.arg], part: Part) -> None:
        for argument in arguments:
            function.bind(argument.arg)
        self.within(function, part)
        function.close()

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self.comprehension(node.generators, node.elt)

    visit_SetComp = visit_GeneratorExp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self.comprehension(node.generators, [node.key, node.value])

    def comprehension(self, loops: list[ast.comprehension], result: Part) -> None:
        self.visit(loops[0].iter)  # the first iterable is evaluated outside
        targets = [part for loop in loops for part in ast.walk(loop.target)]
        own = [part.id for part in targets if isinstance(part, ast.Name) and _stores(part)]
        inner = [
            [loop.iter if index else None, loop.target, loop.ifs]
            for index, loop in enumerate(loops)
        ]
        self.within(_Inline(self.scope, own, nested=True), inner, result)


def _stores(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _arguments(all_of: ast.arguments) -> list[ast.arg]:
    stars = [argument for argument in (all_of.vararg, all_of.kwarg) if argument]
    return [*all_of.posonlyargs, *all_of.args, *all_of.kwonlyargs, *stars]
