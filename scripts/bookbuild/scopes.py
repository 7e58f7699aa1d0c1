"""The names that a block of code binds when it is pasted, and those it needs from elsewhere.

Read from what the compiler makes of it, which knows every scope of the language.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__doc__", "__annotations__"}
_AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # as nested code, up to 3.11
_USES = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME")


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
    bound: set[str] = set()
    needed: set[str] = set()
    later: set[str] = set()

    def read(block: CodeType, runs: bool) -> None:
        is_class = block.co_name != "<module>" and not block.co_flags & inspect.CO_OPTIMIZED
        own: set[str] = set() if is_class else bound
        for step in dis.get_instructions(block):
            name = step.argval
            if isinstance(name, CodeType):
                nested = not name.co_flags & inspect.CO_OPTIMIZED or name.co_name in _AT_ONCE
                read(name, runs and nested)
            elif step.opname == "STORE_NAME":
                own.add(name)
            elif step.opname == "STORE_GLOBAL":
                bound.add(name)
            elif step.opname in _USES and not (step.opname != "LOAD_GLOBAL" and name in own):
                if not runs:
                    later.add(name)
                elif name not in bound:
                    needed.add(name)
            if step.opname == "DELETE_NAME":
                own.discard(name)

    for statement in ast.parse(code).body:  # one by one: a handler's code stands behind all others
        block = ast.Module([statement], [])
        read(compile(block, "<block>", "exec", dont_inherit=True), runs=True)
    given = frozenset(name for name in bound if not name.startswith("__"))
    return Names(given, frozenset((needed | (later - bound)) - _BUILTINS))
