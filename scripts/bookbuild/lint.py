"""What a contributor must mend on the pages, found without running or importing any example."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path

from bookbuild import introduced, project, results
from bookbuild.pages import PYTHON, Fence, Page, Use, listings, pages, prose, quoted
from bookbuild.pages import page as read_page
from bookbuild.project import PACKAGE, BookError, Example
from bookbuild.reading import Remembered
from bookbuild.tables import keys
from bookbuild.typed import typed

_PLAIN = ("", "text", "txt", "output", "console", "none", "plaintext")
#: What else may be typed; a name that is not here may be one more for Python, as starlark is.
_DATA = ("toml", "yaml", "json", "css", "bibtex")
_TYPED = (*_PLAIN, *_DATA, "sh", "bash", "markdown", "md", "html")
_LOOKS_LIKE_PYTHON = re.compile(
    r"\s*(import \w+|from [\w.]+ import |(async )?def \w+\(|class \w+[(:]|print\(|@\w[\w.]*(\(.*)?$"
    r"|for \w+(, ?\w+)* in .+:$|with \w[\w.]*\(.*:$|(\w+ = )?(torch|np|nn|F|plt)\.\w+)"
    r"|>>> |In \[\d+\]:|.*\bpython[\d.]*\b.*<<"
)
_LOOKS_LIKE_OUTPUT = re.compile(
    r".*\btensor\(|Traceback \(most recent call last\)|\w+(Error|Exception): "
    r"|.*\w: +-?\d+\.\d{2,}\s*$|.*= *-?\d+\.\d{4,}\s*$|\s*-?\d+\.\d+(\s+-?\d+\.\d+)+\s*$"
)
_DROPPED = re.compile(r"(?<![;-])-+8<-+[ \t]+\[[ \t]*(start|end)[ \t]*:")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_CODE_AS_HTML = re.compile(r"<(pre|code|samp|kbd|textarea|xmp|plaintext|listing)\b", re.IGNORECASE)
_ACTIVE = re.compile(
    r"<(script|style|iframe|object|embed|base|form)\b|\bjavascript:", re.IGNORECASE
)
_ANCHOR = re.compile(r"\{:?(?: [^{}\n]*)? ?#([\w-]+)[^{}\n]*\}")
_SNIPPET = re.compile(r"[ \t]*-+8<-+")
_SLASHES = re.compile(r"\s*/{3,}\s*([a-z][-\w]*\s*(?:\|.*)?)?")
_BLOCKS = (
    *("bibliography", "bugs", "checklist", "details", "exercises", "figure", "glossary"),
    *("mistakes", "output", "pitfalls", "quiz", "record", "review", "table", "walk"),
)
Problem = tuple[str, int, str]


def problems(
    root: Path, reported: Collection[str] = (), remembered: Remembered = lambda name, ask: ask()
) -> list[str]:
    """All problems, ``page:line: message`` each, by page and line.

    A result that cannot be read is one problem, not one for each line that shows it; if its
    example is ``reported`` already, it is none.
    """
    if unfit := project.unfit(root):  # reading on could lead anywhere, or never end
        return [project.harmless(f"{path}:1: {why}") for path, why in sorted(unfit.items())]
    found: list[Problem] = []
    read = pages(root)
    try:
        examples = {example.name: example for example in project.makers(root)}
        remembered("lint data", partial(_read_data, root))
    except BookError as error:
        return [str(error)]
    unreadable = _unreadable(root, read, examples)
    found += [problem for name, problem in unreadable.items() if name not in reported]
    doubtful = {*unreadable, *reported}
    for page in read:
        alone = remembered(f"lint {page.path}", partial(_of_page, root, page.path))
        for line, message, example in alone:
            if example not in unreadable:
                found.append((page.path, line, message))
                doubtful.add(example)
    found += remembered("lint words", lambda: list(introduced.problems(root, pages(root))))
    found += _used_twice(read)
    found += _unused(root, read, examples, doubtful)
    found += _idle_tolerances(root, examples, doubtful)
    told = sorted({(path, line, message) for path, line, message in found})
    return [project.harmless(f"{path}:{line}: {message}") for path, line, message in told]


def _read_data(root: Path) -> None:
    for path in sorted(
        [*root.glob("docs/[!.]*.toml"), *root.glob(f"{PACKAGE}/checker/**/[!.]*.toml")]
    ):
        project.entries(path, path.relative_to(root).as_posix(), object)


def _of_page(root: Path, path: str) -> list[tuple[int, str, str]]:
    """What is wrong with one page alone: line, message, and the example that it is about."""
    page = read_page(root, root / path)
    alone = [*_typed_by_hand(page), *_listings(root, page)]
    how = "bind it to a value, cite, or say why in <!-- typed: ... --> in its passage"
    return [
        *((line, message, "") for _, line, message in alone),
        *((line, f"{number} is typed in prose; {how}", "") for line, number in typed(root, page)),
        *((use.line, message, use.example) for use, message in _uses(root, page)),
    ]


def _unreadable(root: Path, read: list[Page], examples: dict[str, Example]) -> dict[str, Problem]:
    """The examples whose result is needed and cannot be read, each with its one problem."""
    found: dict[str, Problem] = {}
    for name, example in examples.items():
        uses = [(page.path, use.line) for page in read for use in page.uses if use.example == name]
        needed = uses and example.cost == "quick"
        if not needed and not results.exists(root, name):
            continue
        try:
            results.load(root, name)
        except BookError as error:
            path, line = [*uses, (example.path.relative_to(root).as_posix(), 1)][0]
            found[name] = (path, line, str(error))
    return found


def _typed_by_hand(page: Page) -> Iterator[Problem]:
    remedy = "write it in lesson_code, and show a region or a result of it"
    for fence in page.fences:
        if not fence.is_closed:
            yield page.path, fence.line, "this fence is never closed"
        elif fence.language in PYTHON and not fence.includes():
            yield page.path, fence.line, f"Python typed by hand in a page; {remedy}"
        elif fence.language not in (*PYTHON, *_TYPED):
            known = ", ".join(sorted(filter(None, _TYPED)))
            message = f"{fence.language} is no language of fences typed by hand; those are: {known}"
            yield page.path, fence.line, message
        elif line := _suspect(fence, _LOOKS_LIKE_PYTHON):
            yield page.path, line, f"Python typed by hand in a page; {remedy}"
        elif fence.language not in _DATA and (line := _suspect(fence, _LOOKS_LIKE_OUTPUT)):
            yield page.path, line, f"output typed by hand in a page; {remedy}"
    listed = [fence for fence in page.fences if fence.language in PYTHON]
    included = {line for fence in listed for line in range(fence.line, fence.end)}
    for number, written in enumerate(page.text.split("\n"), 1):
        if _DROPPED.search(written):
            yield page.path, number, "a line with a region's marker vanishes; write ;--8<-- there"
        elif _SNIPPET.match(written) and number not in included:
            yield page.path, number, "only a python fence includes, and nothing else stands in it"
    opened: list[int] = []
    anchors: dict[str, int] = {}
    text = prose(page.text, page.fences, [_COMMENT, _CODE])
    for number, words in enumerate(text.split("\n"), 1):
        if _CODE_AS_HTML.search(words):
            yield page.path, number, f"a block of code typed as HTML; {remedy}"
        if found := _ACTIVE.search(words):
            yield page.path, number, f"{found[0]} does not belong in a page; scripts are assets"
        if _LOOKS_LIKE_PYTHON.match(words) or _LOOKS_LIKE_PYTHON.match(words.lstrip("> ")):
            yield page.path, number, f"Python typed by hand in a page; {remedy}"
        for anchor in _ANCHOR.findall(words):
            if anchors.setdefault(anchor, number) != number:
                yield page.path, number, f"#{anchor} is on line {anchors[anchor]} already"
        if block := _SLASHES.fullmatch(words):
            if block[1]:
                opened.append(number)
                if (kind := block[1].partition("|")[0].strip()) not in _BLOCKS:
                    yield page.path, number, f"no block is called {kind!r}: a reader sees slashes"
            elif opened:
                opened.pop()
    if opened:
        yield page.path, opened[-1], "this block is never closed with ///"


def _suspect(fence: Fence, pattern: re.Pattern[str]) -> int:
    """The line of the page on which the fence's body first matches, or 0."""
    for number, line in enumerate(fence.body, fence.line + 1):
        if pattern.match(line.removeprefix(fence.indent)):
            return number
    return 0


def _listings(root: Path, page: Page) -> Iterator[Problem]:
    good, wrong = listings(root, page.fences)
    for line, message in wrong:
        yield page.path, line, message
    if not page.path.startswith("docs/module-"):
        return
    for listing in good:
        for part in listing.regions:
            if re.search(rf"^\s*(from|import) {PACKAGE}\b", part.code, re.MULTILINE):
                message = f"{part.title} imports {PACKAGE}, which a reader who pastes does not have"
                yield page.path, listing.fence.line, message


def _uses(root: Path, page: Page) -> Iterator[tuple[Use, str]]:
    for use in page.uses:
        if use.kind == "claim":
            try:
                quoted(root, use.text)
            except BookError as error:
                yield use, str(error)
            continue
        made = use.example.partition("/")[0] in project.COMMANDS
        try:
            example = project.maker(use.example, root)
        except BookError:
            yield use, f"no example {use.example!r} for this {use.kind}"
            continue
        if made and not project.results_folder(root, use.example).is_dir():
            yield use, f"{use.example} has no result; make it with: {project.remedy(use.example)}"
        elif message := _missing_part(root, use, example):
            yield use, message
        elif use.kind == "output" and not _shown_above(page, use):
            yield use, f"the code of {use.example} is not shown above its output"


def _missing_part(root: Path, use: Use, example: Example) -> str:
    if example.cost != "quick" and not results.exists(root, example.name):
        return ""
    try:
        result = results.load(root, example.name)
    except BookError as error:
        return str(error)
    if use.kind == "output" and not result.output:
        return f"{example.name} prints nothing to show"
    parts = {"figure": sorted(result.figures), "table": sorted(result.tables)}.get(use.kind)
    if parts is not None and use.part not in parts:
        known = ", ".join(parts) or "none"
        return f"{example.name} has no {use.kind} {use.part!r}; it has: {known}"
    return ""


def _shown_above(page: Page, use: Use) -> bool:
    path = f"{PACKAGE}/examples/{use.example}.py:"
    return any(
        fence.end < use.line and any(target.startswith(path) for target in fence.includes() or ())
        for fence in page.fences
    )


def _idle_tolerances(
    root: Path, examples: dict[str, Example], doubtful: Collection[str]
) -> Iterator[Problem]:
    """Tolerances of values and columns that there are not."""
    for name, example in examples.items():
        if not example.tolerances.within or name in doubtful or not results.exists(root, name):
            continue
        result = results.load(root, name)
        columns = {name for table in result.tables.values() for name, _ in table.columns}
        cells = {
            keys(f"{row[0]} {column}")
            for table in result.tables.values()
            for row in table.rows
            for column, _ in table.columns
        }
        called = {(value,) for value in result.values} | {keys(column) for column in columns}
        used = {example.tolerances.key(*names) for names in called | cells}
        for idle in sorted(example.tolerances.within.keys() - used):
            known = ", ".join(sorted(names[0] for names in called)) or "none"
            message = f"within {idle} is for no value and no column of a table; there are: {known}"
            yield example.path.relative_to(root).as_posix(), 1, message


def _used_twice(read: list[Page]) -> Iterator[Problem]:
    first: dict[tuple[str, str, str], str] = {}
    for page in read:
        for use in (use for use in page.uses if use.kind != "claim"):
            where = first.setdefault((use.kind, use.example, use.part), f"{page.path}:{use.line}")
            if where != f"{page.path}:{use.line}":
                message = f"this {use.kind} of {use.text} is shown at {where} already"
                yield page.path, use.line, message


def _unused(
    root: Path, read: list[Page], examples: dict[str, Example], doubtful: Collection[str]
) -> Iterator[Problem]:
    """Examples, and parts of results, that no page shows; results that no example made.

    What a ``doubtful`` example has left over may be what its faulty use meant.
    """
    shown = Counter((use.kind, use.example, use.part) for page in read for use in page.uses)
    included = {
        target.split(":")[0]
        for page in read
        for fence in page.fences
        for target in fence.includes() or ()
    }
    on_pages = {example for _, example, _ in shown}
    for name, example in examples.items():
        path = example.path.relative_to(root).as_posix()
        if path not in included and name not in on_pages:
            yield path, 1, "no page shows this example"
            continue
        if name in doubtful or shown["record", name, ""] or not results.exists(root, name):
            continue
        result = results.load(root, name)
        if result.output and not shown["output", name, ""]:
            yield path, 1, "no page shows its output"
        parts = [("figure", one) for one in sorted(result.figures)]
        parts += [("table", one) for one in sorted(result.tables)]
        for kind, part in parts:
            if not shown[kind, name, part]:
                yield path, 1, f"no page shows its {kind} {part!r}"
        for value in sorted(result.values):
            if not shown["claim", name, value]:
                yield path, 1, f"no page quotes its value {value!r}"
    folder = root / PACKAGE / "results"
    for result_path in sorted(folder.glob("*/*")):
        name = result_path.relative_to(folder).as_posix()
        if result_path.is_dir() and name not in examples:
            yield result_path.relative_to(root).as_posix(), 1, "a result that no example makes"
