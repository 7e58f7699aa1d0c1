"""The parameters of a function, those too that its signature does not show.

A decorator without ``functools.wraps`` hides them, ``*args`` and ``**kwargs`` do, and a function
that makes the one that is meant has others.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

Parameters = Mapping[str, inspect.Parameter]

_EMPTY = inspect.Parameter.empty
_ARGS, _KWARGS = SPARE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_FIRST, _ONLY = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.KEYWORD_ONLY


def signature(function: Any) -> Parameters:
    """The parameters of a function; of a scripted one, those of its schema."""
    if schema := getattr(function, "schema", None):
        return {
            it.name: inspect.Parameter(
                it.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=it.default_value if it.has_default_value() else _EMPTY,
            )
            for it in schema.arguments
        }
    try:
        shown = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {"arguments": inspect.Parameter("arguments", _KWARGS)}
    hidden = {name: it.kind for name, it in shown.items() if it.kind in SPARE}
    cells = getattr(function, "__closure__", None) or ()
    inner = [it.cell_contents for it in cells if inspect.isfunction(it.cell_contents)]
    if len(hidden) == len(shown) and len(inner) == 1:
        behind = signature(inner[0])
        return _by_position(behind) if _ARGS in hidden.values() else behind
    names = [node.id for node in ast.walk(_tree(function)) if isinstance(node, ast.Name)]
    read = [*_read(function)] if hidden else []
    known = {bag for bag in hidden if names.count(bag) == sum(bag == its for its, _ in read) > 0}
    found = {it.name: it for bag, some in read if bag in known for it in some}
    first = {name: it for name, it in found.items() if it.kind is _FIRST}
    return first | {name: it for name, it in shown.items() if name not in known} | found


def _by_position(parameters: Parameters) -> Parameters:
    both = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return {n: it.replace(kind=_FIRST) if it.kind is both else it for n, it in parameters.items()}


def _read(function: Any) -> Iterator[tuple[str, list[inspect.Parameter]]]:
    """What a function takes out of names such as ``args`` and ``kwargs``, each time it does."""
    for node in ast.walk(_tree(function)):
        match node:
            case ast.Assign([ast.Tuple(parts)], ast.Name(bag)):
                names = [each.id for each in parts if isinstance(each, ast.Name)]
                yield bag, [inspect.Parameter(name, _FIRST) for name in names]
            case ast.Assign([ast.Name(name)], ast.Subscript(ast.Name(bag), ast.Constant(int()))):
                yield bag, [inspect.Parameter(name, _FIRST)]
            case ast.Subscript(ast.Name(bag), ast.Constant(str(name))) if name.isidentifier():
                yield bag, [inspect.Parameter(name, _ONLY)]
            case ast.Call(
                ast.Attribute(ast.Name(bag), "get" | "pop"), [ast.Constant(str(name)), *rest]
            ):
                default = getattr(rest[0], "value", None) if rest else _EMPTY
                yield bag, [inspect.Parameter(name, _ONLY, default=default)]


def made_by(function: Any) -> Parameters:
    """The parameters of the function that a function defines and returns; none if it does not."""
    tree = _tree(function)
    defined = {it.name: it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef)}
    body = getattr(next(iter(getattr(tree, "body", [])), None), "body", [])
    last = body[-1].value if body and isinstance(body[-1], ast.Return) else None
    inner = defined.get(last.id) if isinstance(last, ast.Name) else last
    if not isinstance(inner, ast.FunctionDef | ast.Lambda):
        return {}
    space: dict[str, Any] = {}
    try:
        exec(f"def inner({ast.unparse(inner.args)}): ...", dict(function.__globals__), space)
    except Exception:  # a default that only the function around it knows
        return {}
    return inspect.signature(space["inner"]).parameters


def _tree(function: Any) -> ast.Module:
    """The code of a function; nothing where there is none to read."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ast.Module([], [])
