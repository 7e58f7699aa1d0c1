"""Reads the bug bank and makes wrong functions of right ones.

A bug is a change of the published source: the right lines, the wrong ones, and the story. Nothing
is copied, so a bug follows the function it belongs to, and a change of the function that leaves a
bug without its place is told at once.

A family file looks like this; all texts are Markdown::

    title = "SimCLR"                          # the heading of its page in the museum

    [bugs.own-diagonal]                       # the name, which the checker says
    of = "simclr_loss"                        # what it is a wrong variant of
    title = "Each row is its own target"
    right = "torch.arange(2 * n, device=z.device).roll(n)"   # found exactly once
    wrong = "torch.arange(n, device=z.device).repeat(2)"
    inside = "simclr_loss"                    # optional: what is changed, if not `of`
    changes = [{right = "...", wrong = "..."}]               # instead of right/wrong: several
    symptom = "What one sees while it trains."
    why = "Why the wrong line does that."
    see = "How to find out in a minute."
    mend = "What to write instead."
    seen = ["https://github.com/..."]         # where it was seen; optional
    assertion = "assert ..."                  # holds for the right one, fails for the wrong one
    test = "tests/test_simclr.py::test_name"  # the ordinary test that fails for it
    probe = "two aligned pairs"               # the probe whose numbers the museum shows
    same_as = "another-bug"                   # optional: no probe can tell the two apart

    [conventions.sum-of-rows]                 # right by another convention: accepted, and said
    of = "simclr_loss"
    title = "Sum instead of mean"
    right = "..."
    wrong = "..."
    says = "What is different, and what to mind."
"""

import ast
import difflib
import itertools
import tomllib
import types
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: The families, one TOML file a concept; and the concepts that they patch.
BANK = Path(__file__).resolve().parent / "bank"
CONCEPTS = BANK.parents[1]
TEXTS = ("symptom", "why", "see", "mend", "assertion", "test", "probe")
OPTIONAL = ("inside", "seen", "same_as")


class BankError(ValueError):
    """The bank, or the place in the source that a bug changes, is not as it should be."""


@dataclass(frozen=True)
class Change:
    """One replacement: the text that is right, found exactly once, and the wrong one."""

    right: str
    wrong: str


@dataclass(frozen=True)
class Bug:
    """A known-wrong variant, or with ``accepted`` one that is right by another convention."""

    name: str
    family: str
    of: str
    title: str
    changes: tuple[Change, ...]
    inside: str
    accepted: bool = False
    says: str = ""
    symptom: str = ""
    why: str = ""
    see: str = ""
    mend: str = ""
    assertion: str = ""
    test: str = ""
    probe: str = ""
    seen: tuple[str, ...] = ()
    same_as: str = ""

    @property
    def page(self) -> str:
        """Where the museum shows it, relative to ``docs``."""
        return f"museum/{self.family.replace('_', '-')}.md#{self.name}"


@dataclass(frozen=True)
class Family:
    """All bugs and conventions of one concept, in the order of the museum's page."""

    name: str
    title: str
    bugs: tuple[Bug, ...]
    conventions: tuple[Bug, ...]


@cache
def families() -> tuple[Family, ...]:
    """All families, by name."""
    return tuple(family(path.stem) for path in sorted(BANK.glob("*.toml")))


@cache
def family(name: str) -> Family:
    """One family.

    Raises:
        BankError: if there is none, or an entry lacks a text or has an unknown one.
    """
    path = BANK / f"{name}.toml"
    if not path.is_file():
        raise BankError(f"no family {name!r} in the bug bank")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BankError(f"{path.name}: {error}") from error
    if unknown := sorted(set(content) - {"title", "bugs", "conventions"}):
        raise BankError(f"{path.name}: unknown key {unknown[0]!r}")
    if "title" not in content:
        raise BankError(f"{path.name}: title is missing")
    return Family(
        name,
        content["title"],
        tuple(_bug(name, key, entry) for key, entry in content.get("bugs", {}).items()),
        tuple(
            _convention(name, key, entry)
            for key, entry in content.get("conventions", {}).items()
        ),
    )


def bugs_of(name: str, accepted: bool = False) -> tuple[Bug, ...]:
    """The bugs of a published function or class; with ``accepted`` its conventions."""
    return tuple(
        bug
        for each in families()
        for bug in (each.conventions if accepted else each.bugs)
        if bug.of == name
    )


def find(name: str) -> Bug:
    """The bug or convention of a name.

    Raises:
        BankError: if there is none; the nearest names are told.
    """
    known = {
        bug.name: bug for each in families() for bug in (*each.bugs, *each.conventions)
    }
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        raise BankError(
            f"no bug {name!r}" + (f"; near: {', '.join(near)}" if near else "")
        )
    return known[name]


@cache
def patched(*bugs: Bug) -> Any:
    """The wrong function or class, with one bug or several of one family at once.

    Raises:
        BankError: if a change does not find its place, or finds it twice, or two bugs change the
            same place.
    """
    first = bugs[0]
    for bug in bugs:
        if bug.family != first.family or bug.of != first.of:
            raise BankError(
                f"{bug.name} and {first.name} are bugs of different functions"
            )
    source = _changed(_source(first.family), bugs)
    names = "+".join(bug.name for bug in bugs)
    module = types.ModuleType(f"wrong_{first.family}")
    try:
        code = compile(source, f"<{first.family} with {names}>", "exec")
    except SyntaxError as error:
        raise BankError(f"{names}: the wrong text is no Python: {error}") from error
    exec(code, module.__dict__)
    return module.__dict__[first.of]


def right_and_wrong(bug: Bug) -> tuple[str, str]:
    """The source of the changed definition, without and with the bug."""
    source = _source(bug.family)
    start, end = _span(source, bug.inside, bug)
    wrong = _changed(source, (bug,))
    return source[start:end], wrong[start : end + len(wrong) - len(source)]


def _source(name: str) -> str:
    path = CONCEPTS / f"{name}.py"
    if not path.is_file():
        raise BankError(
            f"{name}.toml: there is no concept lesson_code/{name}.py to patch"
        )
    return path.read_text(encoding="utf-8")


def _changed(source: str, bugs: Sequence[Bug]) -> str:
    """The source with all changes of these bugs."""
    edits = sorted(edit for bug in bugs for edit in _edits(source, bug))
    for (_, end, _), (start, _, _) in itertools.pairwise(edits):
        if start < end:
            names = " and ".join(bug.name for bug in bugs)
            raise BankError(f"{names}: two changes of one place")
    for start, end, text in reversed(edits):
        source = source[:start] + text + source[end:]
    return source


@cache
def _edits(source: str, bug: Bug) -> tuple[tuple[int, int, str], ...]:
    """What to put in which place of the text: start, end, and the new text."""
    start, end = _span(source, bug.inside, bug)
    text = source[start:end]
    edits = []
    for change in bug.changes:
        if (found := text.count(change.right)) != 1:
            raise BankError(
                f"{bug.name}: its right text occurs {found} times in {bug.inside}, "
                f"not once: {change.right!r}"
            )
        at = start + text.index(change.right)
        edits.append((at, at + len(change.right), change.wrong))
    return tuple(edits)


def _span(source: str, name: str, bug: Bug) -> tuple[int, int]:
    """Where a definition (or, as ``MoCo.enqueue``, a method) starts and ends in the text."""
    body: Sequence[ast.stmt] = ast.parse(source).body
    found: ast.FunctionDef | ast.ClassDef | None = None
    for part in name.split("."):
        nodes = [
            node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        ]
        found = next((node for node in nodes if node.name == part), None)
        if found is None:
            raise BankError(f"{bug.name}: no {name} in lesson_code/{bug.family}.py")
        body = found.body
    assert found is not None
    first = min(
        [found.lineno, *(decorator.lineno for decorator in found.decorator_list)]
    )
    lines = source.splitlines(keepends=True)
    assert found.end_lineno is not None
    return sum(map(len, lines[: first - 1])), sum(map(len, lines[: found.end_lineno]))


def _bug(family_name: str, name: str, entry: dict[str, Any]) -> Bug:
    place = f"{family_name}.toml, {name}"
    _insist(place, entry, ("of", "title", *TEXTS), OPTIONAL)
    texts = {key: entry[key].strip() for key in TEXTS}
    return Bug(
        name=name,
        family=family_name,
        of=entry["of"],
        title=entry["title"],
        changes=_changes(place, entry),
        inside=entry.get("inside", entry["of"]),
        seen=tuple(entry.get("seen", ())),
        same_as=entry.get("same_as", ""),
        **texts,
    )


def _convention(family_name: str, name: str, entry: dict[str, Any]) -> Bug:
    place = f"{family_name}.toml, {name}"
    _insist(place, entry, ("of", "title", "says"), ("inside", "seen"))
    return Bug(
        name=name,
        family=family_name,
        of=entry["of"],
        title=entry["title"],
        changes=_changes(place, entry),
        inside=entry.get("inside", entry["of"]),
        accepted=True,
        says=entry["says"].strip(),
        seen=tuple(entry.get("seen", ())),
    )


def _insist(
    place: str,
    entry: dict[str, Any],
    needed: tuple[str, ...],
    optional: tuple[str, ...],
) -> None:
    for key in needed:
        if not str(entry.get(key, "")).strip():
            raise BankError(f"{place}: {key} is missing")
    known = {*needed, *optional, "right", "wrong", "changes"}
    if unknown := sorted(set(entry) - known):
        raise BankError(f"{place}: unknown key {unknown[0]!r}")


def _changes(place: str, entry: dict[str, Any]) -> tuple[Change, ...]:
    if ("changes" in entry) == ("right" in entry or "wrong" in entry):
        raise BankError(f"{place}: give either right and wrong, or changes")
    listed = entry.get("changes", [entry])
    try:
        found = tuple(
            Change(one["right"].strip("\n"), one["wrong"].strip("\n")) for one in listed
        )
    except KeyError as error:
        raise BankError(f"{place}: {error.args[0]} is missing in a change") from error
    if not found or any(not one.right or one.right == one.wrong for one in found):
        raise BankError(f"{place}: a change needs a right text and another, wrong one")
    return found
