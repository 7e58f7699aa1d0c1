"""Reads the register of wrong code and makes wrong functions of right ones.

A variant is a change of the published source: the right lines and the wrong ones. Nothing is
copied, so it follows the function it belongs to, and a change of the function that leaves it
without its place is told at once. Comments and docstrings are taken off before, so that editing
them never does. A family file looks like this; all texts are Markdown::

    title = "SimCLR"                              # the heading of its page in the museum
    test = "test_by_hand"                         # what kills a variant that names no other test
    test.simclr_loss = "test_by_hand"             # or that of one function

    [bug.simclr_loss.own-diagonal]                # kind, what it is a wrong variant of, its name
    title = "Each row is its own target"
    right = "torch.arange(2 * n, device=z.device).roll(n)"   # found exactly once; else as above
    wrong = "torch.arange(n, device=z.device).repeat(2)"
    changes = [{right = "...", wrong = "..."}]    # instead of right and wrong: several
    inside = "simclr_loss"                        # where, if `right` is there more than once
    test = "test_name"                            # of tests/test_simclr.py; it fails for it
    same_as = "another-bug"                       # no probe can tell the two apart
    seen_in_code = ["https://github.com/..."]     # the link shows the mistake, line and all
    asked_about_in = ["https://github.com/..."]   # a question, a proposal, a discussion
    symptom = "What one sees while it trains."    # its story, all of it or nothing
    why = "Why the wrong line does that."
    see = "How to find out in a minute."
    mend = "What to write instead."
    assertion = "assert ..."                      # holds for the right one only
    probe = "two aligned pairs"                   # what the museum shows; else the first

A ``bug`` is named by the checker; a story is for one that was seen or that teaches. A
``convention`` is right by another convention: it has no test but ``says`` what is different, and is
accepted. A ``mistake`` is known to be wrong and killed by the tests, and no reader hears of it.
"""

import ast
import io
import itertools
import sys
import tomllib
import types
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from lesson_code.checker.merge import bare, merged

#: The families, one TOML file a concept; and the concepts that they patch.
BANK = Path(__file__).resolve().parent / "bank"
CONCEPTS = BANK.parents[1]
KINDS = ("bug", "convention", "mistake")
LINKS = ("seen_in_code", "asked_about_in")
STORY = ("symptom", "why", "see", "mend", "assertion")
_OPTIONAL = {
    "bug": ("inside", "test", "same_as", "probe", *LINKS, *STORY),
    "convention": ("inside", "says", *LINKS),
    "mistake": ("inside", "test"),
}
_PATCH = ("right", "wrong", "changes")


class BankError(ValueError):
    """The bank, or the place in the source that a bug changes, is not as it should be."""


@dataclass(frozen=True)
class Change:
    """One replacement: the text that is right, found exactly once, and the wrong one."""

    right: str
    wrong: str


@dataclass(frozen=True)
class Bug:
    """A variant of a published function; ``places`` are the entries that say what it is."""

    name: str
    family: str
    kind: str
    of: str
    title: str
    changes: tuple[Change, ...]
    inside: str = ""
    test: str = ""
    says: str = ""
    symptom: str = ""
    why: str = ""
    see: str = ""
    mend: str = ""
    assertion: str = ""
    probe: str = ""
    seen_in_code: tuple[str, ...] = ()
    asked_about_in: tuple[str, ...] = ()
    same_as: str = ""
    places: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether it is right, by another convention."""
        return self.kind == "convention"

    @property
    def has_story(self) -> bool:
        """Whether the museum tells of it at length."""
        return bool(self.symptom)

    @property
    def advice(self) -> str:
        """What to do about it: the end of its story, or the lines that it changes."""
        if self.says or self.mend:
            return self.says or self.mend
        change = self.changes[0]
        right, wrong = change.right.splitlines(), change.wrong.splitlines()
        published = [line.strip() for line in right if line not in wrong]
        other = [line.strip() for line in wrong if line not in right]
        if not published:
            return f"The published code does without `{other[0]}`."
        if not other:
            return f"The published code also has `{published[0]}`."
        return f"The published code has `{published[0]}` where this has `{other[0]}`."

    @property
    def page(self) -> str:
        """Where the museum shows it, relative to ``docs``."""
        return f"museum/{self.family.replace('_', '-')}.md#{self.name}"


@dataclass(frozen=True)
class Family:
    """All variants of one concept, in the order of its file."""

    name: str
    title: str
    variants: tuple[Bug, ...]

    def of_kind(self, kind: str) -> tuple[Bug, ...]:
        """Its bugs, its conventions or its mistakes."""
        return tuple(variant for variant in self.variants if variant.kind == kind)

    @property
    def bugs(self) -> tuple[Bug, ...]:
        """What the checker names and the museum shows."""
        return self.of_kind("bug")

    @property
    def conventions(self) -> tuple[Bug, ...]:
        """What the checker accepts, and says so."""
        return self.of_kind("convention")


@cache
def families() -> tuple[Family, ...]:
    """All families, by name."""
    return tuple(family(path.stem) for path in sorted(BANK.glob("[!.]*.toml")))


def family(name: str) -> Family:
    """One family.

    Raises:
        BankError: if there is none, or an entry lacks a text or has an unknown one.
    """
    read = _read(name)
    _tell(name)
    return read


def _tell(name: str, entry: str = "") -> None:
    """Let a book that records what its examples depend on hear which entry of a file was used."""
    sys.audit("lesson_code.entry", str(BANK / f"{name}.toml"), entry)


@cache
def _read(name: str) -> Family:
    path = BANK / f"{name}.toml"
    if not path.is_file():
        raise BankError(f"no family {name!r} in the bug bank")
    sys.audit("lesson_code.by_entry", str(path))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BankError(f"{path.name}: {error}") from error
    if unknown := sorted(set(content) - {"title", "test", *KINDS}):
        raise BankError(f"{path.name}: unknown key {unknown[0]!r}")
    if "title" not in content:
        raise BankError(f"{path.name}: title is missing")
    variants = [
        variant
        for kind in KINDS
        for of, entries in content.get(kind, {}).items()
        for variant in _variants(name, kind, of, entries, content.get("test", ""))
    ]
    return Family(name, content["title"], tuple(variants))


def _variants(family_name: str, kind: str, of: str, entries: Any, test: Any) -> Iterator[Bug]:
    """The variants of one function; a wrong text without a right one replaces that above it."""
    right, place = None, ""
    test = test if isinstance(test, str) else test.get(of, "")
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise BankError(f"{family_name}.toml: write [{kind}.FUNCTION.NAME], not {of}")
        own = f"{kind}.{of}.{name}"
        if right is None or "wrong" not in entry or {"right", "changes"} & entry.keys():
            right, place = entry.get("right"), own
        elif right is not None:
            entry = {**entry, "right": right}
        variant = _variant(family_name, kind, of, name, entry, test)
        yield replace(variant, places=tuple({own: 0, place: 0}))


def bugs_of(name: str, accepted: bool = False) -> tuple[Bug, ...]:
    """The bugs of a published function or class; with ``accepted`` its conventions."""
    kind = "convention" if accepted else "bug"
    return tuple(bug for each in families() for bug in each.of_kind(kind) if bug.of == name)


def find(name: str) -> Bug:
    """The variant of a name.

    Raises:
        BankError: if there is none; the nearest names are told.
    """
    read = [_read(path.stem) for path in sorted(BANK.glob("[!.]*.toml"))]
    known = {bug.name: bug for each in read for bug in each.variants}
    if name not in known:
        from lesson_code.checker.names import did_you_mean

        raise BankError(f"no bug {name!r}{did_you_mean(name, known)}")
    bug = known[name]
    for place in bug.places:
        _tell(bug.family, place)
    return bug


def patched(*bugs: Bug) -> Any:
    """The wrong function or class, with one bug or several of one family at once, made anew.

    Raises:
        BankError: if a change does not find its place, or finds it twice, or two bugs change the
            same place.
    """
    first = bugs[0]
    for bug in bugs:
        if bug.family != first.family or bug.of != first.of:
            raise BankError(f"{bug.name} and {first.name} are bugs of different functions")
    source = _changed(_source(first.family), bugs)
    names = "+".join(bug.name for bug in bugs)
    module = types.ModuleType(f"wrong_{first.family}")
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(source, f"<{first.family} with {names}>", "exec")
    except SyntaxError as error:
        raise BankError(f"{names}: the wrong text is no Python: {error}") from error
    exec(code, module.__dict__)
    return module.__dict__[first.of]


def clashing(bugs: Sequence[Bug]) -> bool:
    """Whether two of these change one place: word by word that is a function, but not both."""
    source = _source(bugs[0].family)
    edits = sorted({edit for bug in bugs for edit in _edits(source, bug)})
    return any(start < end for (_, end, _), (start, _, _) in itertools.pairwise(edits))


def right_and_wrong(bug: Bug) -> tuple[str, str]:
    """The source of the changed definition, without and with the bug; no comments."""
    source = _source(bug.family)
    first = min(start for start, _, _ in _edits(source, bug))
    nodes = ast.parse(source).body
    definitions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    places = [_lines(source, node) for node in definitions]
    start, end = next((start, end) for start, end in places if start <= first < end)
    wrong = _changed(source, (bug,))
    return source[start:end], wrong[start : end + len(wrong) - len(source)]


def _source(name: str) -> str:
    path = CONCEPTS / f"{name}.py"
    if not path.is_file():
        raise BankError(f"{name}.toml: there is no concept {name}.py to patch")
    with io.open_code(str(path)) as file:
        return bare(file.read().decode())


def _changed(source: str, bugs: Sequence[Bug]) -> str:
    """The source with all changes of these bugs."""
    try:
        return merged(source, {edit for bug in bugs for edit in _edits(source, bug)})
    except ValueError as error:
        raise BankError(f"{' and '.join(bug.name for bug in bugs)}: {error}") from error


@cache
def _edits(source: str, bug: Bug) -> tuple[tuple[int, int, str], ...]:
    """What to put in which place of the text: start, end, and the new text."""
    start, end = _span(source, bug.inside or bug.of, bug)
    if not bug.inside and any(change.right not in source[start:end] for change in bug.changes):
        start, end = 0, len(source)  # in a helper of what it is a variant of
    edits = []
    for change in bug.changes:
        if (count := source[start:end].count(change.right)) != 1:
            place = bug.inside or bug.of if start else f"{bug.family}.py"
            raise BankError(
                f"{bug.name}: its right text occurs {count} times in {place}, "
                f"not once: {change.right!r}"
            )
        at = source.index(change.right, start)
        edits.append((at, at + len(change.right), change.wrong))
    return tuple(edits)


def _span(source: str, name: str, bug: Bug) -> tuple[int, int]:
    """Where a definition (or, as ``MoCo.enqueue``, a method) starts and ends in the text."""
    body: Sequence[ast.stmt] = _parsed(source).body
    definition: ast.FunctionDef | ast.ClassDef | None = None
    for part in name.split("."):
        nodes = [node for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        definition = next((node for node in nodes if node.name == part), None)
        if definition is None:
            raise BankError(f"{bug.name}: no {name} in lesson_code/{bug.family}.py")
        body = definition.body
    assert definition is not None
    return _lines(source, definition)


_parsed = cache(ast.parse)


def _lines(source: str, definition: ast.FunctionDef | ast.ClassDef) -> tuple[int, int]:
    """Where a definition starts, decorators included, and ends in the text."""
    decorators = (decorator.lineno for decorator in definition.decorator_list)
    first = min([definition.lineno, *decorators])
    lines = source.splitlines(keepends=True)
    last = definition.end_lineno
    assert last is not None
    return sum(map(len, lines[: first - 1])), sum(map(len, lines[:last]))


def _variant(family_name: str, kind: str, of: str, name: str, entry: Any, test: str) -> Bug:
    place = f"{family_name}.toml, {name}"
    if unknown := sorted(set(entry) - {"title", *_PATCH, *_OPTIONAL[kind]}):
        raise BankError(f"{place}: unknown key {unknown[0]!r}")
    needed = ["title"]
    if kind == "convention":
        needed.append("says")
    elif not test:
        needed.append("test")
    if kind == "bug" and {"probe", *STORY} & entry.keys():
        needed += STORY
    for key in needed:
        if not str(entry.get(key, "")).strip():
            raise BankError(f"{place}: {key} is missing")
    texts = {key: entry[key].strip() for key in (*STORY, "says") if key in entry}
    test = entry.get("test", test)
    test = test if "::" in test else f"tests/test_{family_name}.py::{test}"
    return Bug(
        name=name,
        family=family_name,
        kind=kind,
        of=of,
        title=entry["title"],
        changes=_changes(place, entry),
        inside=entry.get("inside", ""),
        test="" if kind == "convention" else test,
        probe=entry.get("probe", ""),
        same_as=entry.get("same_as", ""),
        seen_in_code=tuple(entry.get("seen_in_code", ())),
        asked_about_in=tuple(entry.get("asked_about_in", ())),
        **texts,
    )


def _changes(place: str, entry: dict[str, Any]) -> tuple[Change, ...]:
    if ("changes" in entry) == ("right" in entry or "wrong" in entry):
        raise BankError(f"{place}: give either right and wrong, or changes")
    try:
        changes = tuple(
            Change(change["right"].strip("\n"), change["wrong"].strip("\n"))
            for change in entry.get("changes", [entry])
        )
    except KeyError as error:
        raise BankError(f"{place}: {error.args[0]} is missing in a change") from error
    if not changes or any(not change.right or change.right == change.wrong for change in changes):
        raise BankError(f"{place}: a change needs a right text and another, wrong one")
    return changes
