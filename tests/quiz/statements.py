"""What each option of a quiz states, as a function that computes whether it is true.

The modules of ``answers``, one a page, say it for every option::

    question = about("docs/lab/mae.md", "Two runs differ in their mask ratio, ...")

    @question.states("Yes: a higher loss is a worse network.")
    def the_higher_loss_has_the_worse_features() -> bool:
        return value("lab/mae", "most_few") < value("lab/mae", "quarter_few")

An option marked as right must come out true, every other one false. A function computes with the
book's own functions or reads a committed result, so that a statement changes its truth with the
book. An option about which nothing can be computed says why: it is about a published number, whose
source then stands in its explanation, or there is another reason.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

import torch
from bookbuild import project, results
from bookbuild.markdown.questions import Option, Question

ROOT = project.root(Path(__file__))
Predicate = Callable[[], bool]
Name = tuple[str, str, str]  # page, question, option
SHORTEST_REASON = 30  # letters; less explains nothing


@dataclass(frozen=True)
class Reason:
    """Why nothing is computed for an option."""

    words: str
    published: bool = False


@dataclass
class Registry:
    """What is known of every option."""

    entries: dict[Name, Predicate | Reason] = field(default_factory=dict)

    def about(self, page: str, question: str) -> Statements:
        """Begin with a question of a page, ``docs/...``."""
        return Statements(self, page, question)


@dataclass(frozen=True)
class Statements:
    """The options of one question."""

    registry: Registry
    page: str
    question: str

    def states(self, option: str) -> Callable[[Predicate], Predicate]:
        """The decorated function computes whether this option is true."""

        def keep(predicate: Predicate) -> Predicate:
            self._add(option, predicate)
            return predicate

        return keep

    def published(self, option: str, what: str) -> None:
        """The option is decided by what a paper reports; its explanation cites the paper."""
        self._add(option, Reason(what, published=True))

    def not_computable(self, option: str, because: str) -> None:
        """Nothing in the option can be computed."""
        self._add(option, Reason(because))

    def _add(self, option: str, entry: Predicate | Reason) -> None:
        name = (self.page, self.question, option)
        if name in self.registry.entries:
            raise ValueError(f"{self.page}: {option!r} of {self.question!r} has two entries")
        self.registry.entries[name] = entry


BOOK = Registry()
about = BOOK.about


def answers() -> Mapping[Name, Predicate | Reason]:
    """What all modules of ``answers`` say."""
    import answers as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"answers.{module.name}")
    return BOOK.entries


class Premise(Exception):
    """An example of an answer is not what it says it is an example of."""


def given(*conditions: bool) -> None:
    """Require what a statement takes for granted, so that it is not false for want of that."""
    if not all(conditions):
        raise Premise(f"premise {conditions.index(False) + 1} of {len(conditions)} does not hold")


def value(example: str, name: str) -> float:
    """A value of a committed result."""
    return float(_result(example).values[name])


def cell(example: str, table: str, row: str, column: str) -> float:
    """A number in a table of a committed result; the mean, where a spread stands with it."""
    found = _cell(example, table, row, column)
    return float(found[0] if isinstance(found, (list, tuple)) else found)


def spread(example: str, table: str, row: str, column: str) -> float:
    """The spread beside a mean in a table of a committed result."""
    return float(_cell(example, table, row, column)[1])


def _cell(example: str, table: str, row: str, column: str):
    found = _result(example).tables[table]
    place = [name for name, _ in found.columns].index(column)
    return next(cells[place] for cells in found.rows if cells[0] == row)


@lru_cache
def _result(example: str) -> results.Result:
    return results.load(ROOT, example)


def problems(
    questions: Iterable[Question], entries: Mapping[Name, Predicate | Reason]
) -> list[str]:
    """What is wrong between the pages and what is said of their options; one line each."""
    found = []
    stale = dict(entries)
    for question in questions:
        for option in question.options:
            where = f"{question.page}:{question.line}: {option.text!r} of {question.text!r}"
            entry = stale.pop((question.page, question.text, option.text), None)
            if entry is None:
                found.append(f"{where} has neither a predicate nor a reason to have none")
            elif isinstance(entry, Reason):
                found += [f"{where} {wrong}" for wrong in wrong_reason(entry, option)]
            else:
                found += [f"{where} {wrong}" for wrong in wrong_predicate(entry, option)]
    for page, text, option_text in stale:
        found.append(f"{page}: {option_text!r} of {text!r} is judged, but no page has it")
    return found


def wrong_reason(reason: Reason, option: Option) -> list[str]:
    """Whether the reason says something, and a published fact its source."""
    if len(reason.words) < SHORTEST_REASON:
        return [f"lacks a predicate, and {reason.words!r} is no reason"]
    if reason.published and "[@" not in option.explanation:
        return ["rests on a published number, but its explanation cites no source"]
    return []


def wrong_predicate(predicate: Predicate, option: Option) -> list[str]:
    """Whether the predicate agrees with the mark, and computes what it says."""
    if returns_a_constant(predicate):
        return [f"is judged by {predicate.__name__}, which returns a constant"]
    torch.manual_seed(0)
    try:
        answer, touched = watched(predicate)
    except Premise as error:
        return [f"is judged by {predicate.__name__}, whose {error}"]
    if not isinstance(answer, bool):
        return [f"is judged by {predicate.__name__}, which returns {answer!r}, no bool"]
    if not touched:
        return [f"is judged by {predicate.__name__}, which asks neither the code nor a result"]
    if answer != option.right:
        marked = "right" if option.right else "wrong"
        return [f"is marked as {marked}, but {predicate.__name__} comes out {answer}"]
    return []


def returns_a_constant(predicate: Predicate) -> bool:
    """Whether the source of a function has a ``return True`` or the like, or no return."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(predicate)))
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return not returns or any(
        isinstance(node.value, (ast.Constant, None.__class__)) for node in returns
    )


_READERS: set[CodeType] = {value.__code__, cell.__code__, spread.__code__}


def watched(predicate: Predicate) -> tuple[object, bool]:
    """What a function returns, and whether it called the book's code or read a result."""
    code = f"{ROOT / project.PACKAGE}/"
    touched = False

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal touched
        called = frame.f_code
        if event != "call" or called.co_name == "<module>":  # importing is not asking
            return
        if called in _READERS or called.co_filename.startswith(code):
            touched = True
            sys.setprofile(before)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        return predicate(), touched
    finally:
        sys.setprofile(before)
