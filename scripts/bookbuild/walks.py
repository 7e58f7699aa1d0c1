"""Walks: a long class shown in parts, a sentence beside each.

::

    /// walk | lesson_code/moco.py:MoCo
    __init__: Two networks: the second begins as a copy of the first.
    encode, contrast: Rows of length one, and their logits.
        A sentence may go on, indented.
    ///

Each method is named once, in the order of the code. What precedes the first method belongs to the
first part, which may be called by the name of the class and hold nothing else. The code is still
one listing, with one button that copies it whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bookbuild.docstrings import folds, left_out
from bookbuild.project import BookError

#: More lines than this do not stand beside one sentence.
LONGEST = 20
_OPENING = re.compile(r"(?P<indent>[ \t>]*)/{3,}[ \t]*walk[ \t]*\|[ \t]*(?P<target>.*?)[ \t]*")
_STEP = re.compile(r"(?P<names>[A-Za-z_]\w*(?:, *[A-Za-z_]\w*)*): +(?P<says>\S.*)")
_METHODS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class WalkError(BookError):
    """A walk that does not fit its class; ``line`` is the line of the page to mend."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Step:
    """One part of a walk: the methods it shows, and what it says about them, on which line."""

    line: int
    names: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class Walk:
    """A walk as it is written on a page, from line ``line`` to line ``end``."""

    line: int
    end: int
    indent: str
    target: str
    steps: tuple[Step, ...]
    wrong: tuple[int, str] | None


def walk_at(lines: Sequence[str], number: int) -> Walk | None:
    """The walk that begins on line ``number`` of a page, if one does and it ends."""
    opening = _OPENING.fullmatch(lines[number - 1])
    if opening is None:
        return None
    steps: list[Step] = []
    wrong: tuple[int, str] | None = None
    for at in range(number + 1, len(lines) + 1):
        line = lines[at - 1].removeprefix(opening["indent"])
        if re.fullmatch(r"/{3,}\s*", line):
            if not steps:
                wrong = number, "a walk names each method and says a sentence about it"
            return Walk(number, at, opening["indent"], opening["target"], tuple(steps), wrong)
        if match := _STEP.fullmatch(line):
            steps.append(Step(at, tuple(re.split(", *", match["names"])), match["says"]))
        elif line.startswith(" ") and line.strip() and steps:
            last = steps.pop()
            steps.append(Step(last.line, last.names, f"{last.says}\n{line.strip()}"))
        elif line.strip():
            wrong = wrong or (at, f"{line.strip()!r} is no step of a walk; write method: sentence")
    return None


def parts(code: str, walk: Walk) -> list[tuple[int, int]]:
    """Where in ``code`` each step's part begins and ends, in characters.

    Raises:
        WalkError: If the code is no class, or a step names what does not come next, a method is
            left out, or a part is too long.
    """
    if walk.wrong:
        raise WalkError(*walk.wrong)
    body = ast.parse(code).body
    if len(body) != 1 or not isinstance(body[0], ast.ClassDef):
        raise WalkError(walk.line, f"a walk shows one class, which {walk.target} is not")
    lines = code.split("\n")
    methods = [node for node in body[0].body if isinstance(node, _METHODS)]
    waiting = [method.name for method in methods]
    tops: list[int] = []
    for number, step in enumerate(walk.steps):
        tops.append(_top(lines, methods[len(methods) - len(waiting)]) if number and waiting else 1)
        for name in step.names if number or step.names != (body[0].name,) else ():
            if not waiting or waiting[0] != name:
                due = f"next is {waiting[0]}" if waiting else "all are named"
                raise WalkError(step.line, f"the walk names {name}, but {due}")
            del waiting[0]
    if waiting:
        raise WalkError(walk.line, f"the walk leaves out {', '.join(waiting)}")
    found = []
    for step, first, after in zip(walk.steps, tops, [*tops[1:], len(lines) + 1], strict=True):
        begin = sum(len(line) + 1 for line in lines[: first - 1])
        end = begin + len("\n".join(lines[first - 1 : after - 1]).rstrip("\n"))
        inside = [fold for fold in folds(code) if begin <= fold[0] < end]
        shown = left_out(code[:end], inside)[begin:].count("\n") + 1
        if shown > LONGEST:
            raise WalkError(step.line, f"{step.names[0]} shows {shown} lines, above {LONGEST}")
        found.append((begin, end))
    if "\n\n".join(code[begin:end] for begin, end in found) != code:
        raise WalkError(walk.line, f"one empty line must part the methods of {walk.target}")
    return found


def _top(lines: list[str], method: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The first line of a method, with its decorators and the comment above it."""
    first = min([method.lineno, *(node.lineno for node in method.decorator_list)])
    while lines[first - 2].lstrip().startswith("#"):
        first -= 1
    return first
