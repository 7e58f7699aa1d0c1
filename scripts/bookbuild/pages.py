"""What each page shows: its fences, listings, results and claims, and the lines they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bookbuild import docstrings, project, results, tables
from bookbuild.project import PACKAGE, BookError
from bookbuild.regions import Region, merged, region
from bookbuild.scopes import names
from bookbuild.walks import Walk, WalkError, parts, walk_at

_FENCE = re.compile(r"(?P<indent>[ \t>]*)(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)")
_INCLUDE = re.compile(r"\s*-+8<-+\s+(['\"])(?P<target>[^'\"]+)\1\s*")
_BLOCK = re.compile(
    r"\s{0,}/{3,}\s*(?P<kind>output|figure|table|record|bugs)\s*\|\s*(?P<what>.*?)\s*"
)
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MATH = re.compile(r"\$\$.*?\$\$|(?<![\\$])\$(?=\S)[^$\n]*?(?<=\S)\$(?![\d$])", re.DOTALL)
_CLAIM = re.compile(
    r"\{\{\s*(?P<example>[a-z0-9_]+/[a-z0-9_]+)"
    r"(?::(?P<table>[\w-]+)\[(?P<row>[^][{}|]+)\])?\.(?P<key>\w+)(?P<spread>\.spread)?"
    r"\s*(?:\|\s*(?P<spec>[^{}]*?)\s*)?\}\}"
)
_COMPARED = re.compile(
    r"\{\{\s*(?P<first>[^{}|<>]+?)\s*(?P<sign>[<>])\s*(?P<second>[^{}|<>]+?)\s*"
    r"(?:\|\s*(?P<spec>[^{}]*?)\s*)?\}\}"
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
CLAIM_LIKE = re.compile(r"\{\{[^{}\n]*[/.][^{}\n]*\}\}")
#: The example that asks every bug; it has a table for each family.
MUSEUM = "museum/symptoms"
#: The example that trains with the classic ones.
MEASURED = "museum/measured"
PYTHON = ("python", "py", "python3", "pycon", "ipython", "pyi")


@dataclass(frozen=True)
class Fence:
    """A fenced block of a page, or a walk, from line ``line`` to line ``end``."""

    line: int
    end: int
    indent: str
    language: str
    body: tuple[str, ...]
    walk: Walk | None = None
    is_closed: bool = True

    def includes(self) -> list[str] | None:
        """What it includes, ``path:region`` each; nothing if it holds anything else."""
        matches = [_INCLUDE.fullmatch(line) for line in self.body if line.strip()]
        found = [match["target"] for match in matches if match]
        return found if found and len(found) == len(matches) else None


@dataclass(frozen=True)
class Listing:
    """A fence of includes, resolved: its regions, and the earlier listings that it needs.

    ``parts`` is where each part of a walk begins and ends in ``code``; else it is one, the whole.
    """

    fence: Fence
    regions: tuple[Region, ...]
    code: str
    parts: tuple[tuple[int, int], ...]
    anchor: str
    label: str
    needs: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Use:
    """One line that shows something of an example; ``part`` names a figure, table or value."""

    line: int
    kind: str
    example: str
    part: str
    text: str


@dataclass(frozen=True)
class Page:
    """One Markdown file: its path from the root, its fences and its uses of results."""

    path: str
    text: str
    fences: tuple[Fence, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Quote:
    """A claim resolved: its value, and how the page writes it (nothing while no record exists)."""

    example: str
    value: results.Value | None
    shown: str


def places(root: Path, name: str) -> list[str]:
    """``docs/page.md:12`` for each line that shows something of the example ``name``."""
    path = f"{PACKAGE}/examples/{name}.py"
    found = []
    for page in pages(root):
        lines = {use.line for use in page.uses if use.example == name}
        for fence in page.fences:
            if any(target.split(":")[0] == path for target in fence.includes() or ()):
                lines.add(fence.line)
        found += [f"{page.path}:{line}" for line in sorted(lines)]
    return found


def pages(root: Path) -> list[Page]:
    """All pages of the site, by path."""
    return [page(root, path) for path in sorted((root / "docs").rglob("[!.]*.md"))]


def page(root: Path, path: Path) -> Page:
    """Read one page; what has not changed is not read again."""
    stat = path.stat()
    return _page(path, path.relative_to(root).as_posix(), stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4096)
def _page(path: Path, name: str, modified: int, size: int) -> Page:
    """``modified`` and ``size`` are there for the cache to notice a change."""
    text = project.read(path, name)
    found = fences(text.splitlines())
    return Page(name, text, tuple(found), tuple(_uses(text, found)))


def fences(lines: Sequence[str]) -> list[Fence]:
    """All fenced blocks and walks; what stands inside another is part of the outer one's body."""
    found = []
    opened: re.Match[str] | None = None
    start = 0
    for number, line in enumerate(lines, 1):
        if opened is None and "walk" in line and (walk := walk_at(lines, number)):
            include = f'--8<-- "{walk.target}"'
            found.append(Fence(number, walk.end, walk.indent, PYTHON[0], (include,), walk))
        match = _FENCE.fullmatch(line)
        if match is None:
            continue
        if opened is None:
            opened, start = match, number
        elif match["ticks"].startswith(opened["ticks"]) and not match["info"].strip():
            words = re.findall(r"[\w+-]+", opened["info"])
            language = words[0].lower() if words else ""
            body = tuple(lines[start : number - 1])
            found.append(Fence(start, number, opened["indent"], language, body))
            opened = None
    if opened is not None:
        body = tuple(lines[start:])
        found.append(Fence(start, len(lines), opened["indent"], "", body, is_closed=False))
    return found


def prose(text: str, found: Sequence[Fence], without: Sequence[re.Pattern[str]]) -> str:
    """The text with fences and what matches ``without`` blanked out; lines keep their numbers."""
    lines = text.splitlines()
    for fence in found:
        if fence.walk:
            continue
        for number in range(fence.line - 1, fence.end):
            lines[number] = ""
    text = "\n".join(lines)
    for pattern in without:
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return text


def _uses(text: str, found: Sequence[Fence]) -> Iterator[Use]:
    for number, line in enumerate(prose(text, found, [COMMENT, CODE, MATH]).split("\n"), 1):
        block = _BLOCK.fullmatch(line)
        if block and block["kind"] == "bugs":  # a family of bugs, with what its result shows
            yield Use(number, "table", MUSEUM, block["what"].replace("_", "-"), block["what"])
        elif block:
            example, _, part = block["what"].partition(":")
            yield Use(number, block["kind"], example, part, block["what"])
        for attempt in CLAIM_LIKE.finditer(line):
            compared = _COMPARED.fullmatch(attempt[0])
            for text in _sides(compared) if compared else [attempt[0]]:
                claim = _CLAIM.fullmatch(text)
                named = (claim["example"], claim["table"] or claim["key"]) if claim else ("", "")
                yield Use(number, "claim", *named, attempt[0])
        if re.search(r"\{\{|\}\}", rest := CLAIM_LIKE.sub("", line)):
            yield Use(number, "claim", "", "", rest.strip())


def listings(root: Path, found: Sequence[Fence]) -> tuple[list[Listing], list[tuple[int, str]]]:
    """The listings of a page in order, and what is wrong with them: line and message.

    A listing must be whole, and use only names that it or a listing above it defines.
    """
    good: list[Listing] = []
    wrong: list[tuple[int, str]] = []
    known: dict[str, int] = {}
    anchors: dict[str, int] = {}
    unread = False
    for fence in found:
        if fence.language not in PYTHON or not (targets := fence.includes()):
            continue
        try:
            shown = tuple(_target(root, target) for target in targets)
            code = merged(shown)
            places = parts(code, fence.walk) if fence.walk else [(0, len(code))]
            docstrings.folds(code)
        except BookError as error:
            line = error.line if isinstance(error, WalkError) else fence.line
            wrong.append((line, str(error)))
            unread = True  # who knows what it would have defined
            continue
        used = names(code)
        missing = sorted(used.needed - known.keys())
        if missing and not unread:
            what = ", ".join(missing)
            wrong.append(
                (fence.line, f"{shown[-1].title} uses {what}, which no block above it defines")
            )
        label = _label(shown[-1])
        anchors[label] = anchors.get(label, 0) + 1
        anchor = f"listing-{label}" + (f"-{anchors[label]}" if anchors[label] > 1 else "")
        needs: dict[int, list[str]] = {}
        for name in sorted(used.needed & known.keys()):
            needs.setdefault(known[name], []).append(name)
        frozen = tuple((index, tuple(which)) for index, which in sorted(needs.items()))
        known.update(dict.fromkeys(used.defined, len(good)))
        good.append(Listing(fence, shown, code, tuple(places), anchor, label, frozen))
    return good, wrong


def _target(root: Path, target: str) -> Region:
    path, _, name = target.partition(":")
    if not re.fullmatch(r"[A-Za-z][-\w]*", name):
        raise BookError(f"{target}: include a region by its name, as in lesson_code/file.py:name")
    return region(root, path, name)


def _label(main: Region) -> str:
    """A short name for a block: that of its last region, or for ``show`` the example's."""
    return Path(main.path).stem if main.name == "show" else main.name


def quoted(root: Path, text: str) -> Quote:
    """What ``{{ l1_3/example.value | .2f }}`` or a cell of a table says on a page.

    A cell is ``{{ lab/example:table[row header].column }}``: its number, or the mean of several
    (``.column.spread`` is their spread), written as the table does unless a format is given.
    ``{{ a > b }}`` says nothing, or with a format by how much; it stands beside words that say so.

    Raises:
        BookError: If there is no such example, value, cell or format, or two values are compared
            that tolerance alone may exchange.
    """
    if compared := _COMPARED.fullmatch(text):
        return _compared(root, compared)
    claim = _CLAIM.fullmatch(text)
    if claim is None:
        like = "{{ l1_3/example.value | .2f }}, on one line"
        raise BookError(f"{text} is no claim; one looks like {like}")
    try:
        example = project.maker(claim["example"], root)
        if example.cost in project.MAY_LACK_A_RECORD and not results.exists(root, example.name):
            return Quote(example.name, None, "")
        result = results.load(root, example.name)
        value, spec = _cell(result, claim) if claim["table"] else (_value(result, claim), "")
    except (BookError, ValueError) as error:
        raise BookError(f"{text}: {error}") from None
    spec = claim["spec"] or spec
    if isinstance(value, float) and not spec:
        raise BookError(f"{text}: say how to write a decimal, as in {{{{ ... | .2f }}}}")
    try:
        return Quote(example.name, value, tables.formatted(value, spec))
    except (ValueError, TypeError) as error:
        raise BookError(f"{text}: cannot write {value!r} like that: {error}") from None


def _value(result: results.Result, claim: re.Match[str]) -> results.Value:
    if claim["key"] not in result.values or claim["spread"]:
        known = ", ".join(sorted(result.values)) or "none"
        key = claim["key"] + (claim["spread"] or "")
        raise ValueError(f"{claim['example']} has no value {key!r}; it has: {known}")
    return result.values[claim["key"]]


def _cell(result: results.Result, claim: re.Match[str]) -> tuple[results.Value, str]:
    if claim["table"] not in result.tables:
        known = ", ".join(sorted(result.tables)) or "none"
        raise ValueError(f"{claim['example']} has no table {claim['table']!r}; it has: {known}")
    cell, spec = result.tables[claim["table"]].cell(claim["row"].strip(), claim["key"])
    if claim["spread"] and not tables.is_pair(cell):
        raise ValueError("the cell has no spread")
    if isinstance(cell, tuple):
        return cell[1 if claim["spread"] else 0], spec
    if cell is None:
        raise ValueError("the cell is empty")
    return cell, spec


def _sides(compared: re.Match[str]) -> list[str]:
    """The two claims of a comparison, or one if the second is a number.

    ``[row]`` and ``[row].column`` as the second are cells of the table of the first.
    """
    first, second = compared["first"], compared["second"]
    if _NUMBER.fullmatch(second):
        return [f"{{{{ {first} }}}}"]
    if second.startswith("["):
        second = first.partition("[")[0] + second
        if second.endswith("]"):
            second += first.rpartition("]")[2]
    return [f"{{{{ {first} }}}}", f"{{{{ {second} }}}}"]


def _compared(root: Path, compared: re.Match[str]) -> Quote:
    text, sign = compared[0], 1 if compared["sign"] == ">" else -1
    try:
        sides = [_measured(root, side) for side in _sides(compared)]
    except (BookError, ValueError) as error:
        raise BookError(f"{text}: {error}") from None
    example = sides[0][0]
    if any(value is None for _, value, _ in sides):
        return Quote(example, None, "")
    numbers = [float(value or 0) for _, value, _ in sides]
    if len(sides) == 1:
        numbers.append(float(compared["second"]))
    gap, slack = sign * (numbers[0] - numbers[1]), sum(tolerance for *_, tolerance in sides)
    if gap <= slack:
        raise BookError(
            f"{text}: {numbers[0]:.4g} against {numbers[1]:.4g} is the other way round or within "
            f"tolerance, {slack:.4g} in all; tighten what the example allows, or leave it unsaid"
        )
    try:
        spec = compared["spec"]
        return Quote(example, gap, tables.formatted(gap, spec) if spec else "")
    except ValueError as error:
        raise BookError(f"{text}: {error}") from None


def _measured(root: Path, text: str) -> tuple[str, float | None, float]:
    """The example of a claim, its number, and how far another run's may be from it."""
    value = quoted(root, text.replace("}}", "| g }}")).value
    claim = _CLAIM.fullmatch(text)
    assert claim is not None
    allowed = project.maker(claim["example"], root).tolerances
    names: tuple[str, ...] = (claim["key"],)
    if claim["table"] and value is not None:
        table = results.load(root, claim["example"]).tables[claim["table"]]
        column = next(name for name, _ in table.columns if claim["key"] in tables.keys(name))
        names = tables.keys(f"{claim['row'].strip()} {column}")
    if not isinstance(value, float):
        return claim["example"], value if value is None else float(value), 0.0
    return claim["example"], value, allowed.slack(value, *names)
