"""The bug bank and the exercises on pages.

::

    /// bugs | simclr
    ///

shows all bugs of a family, those with a story at length and the rest in a table, generated from
``lesson_code/checker/bank/simclr.toml`` and from the results ``museum/symptoms``, what a probe
sees, and ``museum/measured``, what training does. ``/// mistakes | all`` lists the mistakes that
are made in several functions. ``/// pitfalls | simclr_loss`` links from a lesson's page to the bugs
of one function, and ``/// exercises | module-1/1.3-contrast-to-distillation`` lists the exercises
of a folder of pages, each with its hints.

A preprocessor writes them out as Markdown before anything else of the page is read, so that
headings, mathematics, citations and highlighting are as everywhere.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from bookbuild import bank, project, results
from bookbuild.markdown import changes, failing, link_to
from bookbuild.pages import MEASURED, MUSEUM, fences
from bookbuild.project import PACKAGE, BookError
from bookbuild.reading import question

_BLOCK = re.compile(r"/{3,}\s*(?P<kind>bugs|mistakes|pitfalls|exercises)\s*\|\s*(?P<what>\S+)\s*")
_END = re.compile(r"/{3,}\s*")
_ISSUE = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)")
#: After the listings' preprocessor, which refuses Python typed by hand, and the snippets'.
_AFTER_SNIPPETS = 31
Symptoms = dict[str, tuple[Any, ...]]
Kin = dict[str, tuple[str, list[str]]]
#: A search should find the symptom, not the code and the numbers of hundreds of bugs. MkDocs'
#: search takes the end of any element of the same kind for the end of what is left out, so no div.
_NOT_SEARCHED = ("<section markdown data-search-exclude>", "")
_SEARCHED = ("</section>", "")
_FROM_TORCH = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "nn": "from torch import nn",
    "math": "import math",
    "copy": "import copy",
}


class _Expand(Preprocessor):
    """Write the blocks of a page out."""

    def __init__(self, md: Markdown, repository: str) -> None:
        super().__init__(md)
        self.repository = repository

    def run(self, lines: list[str]) -> list[str]:
        with failing(self.md):
            return list(self._written(lines))

    def _written(self, lines: list[str]) -> Iterator[str]:
        fenced = {number for fence in fences(lines) for number in range(fence.line - 1, fence.end)}
        waiting = ""
        for number, line in enumerate(lines):
            block = None if number in fenced else _BLOCK.fullmatch(line)
            if block:
                waiting = block["kind"]
                yield ""
                yield from self._block(block["kind"], block["what"])
                yield ""
            elif waiting and not line.strip():
                continue
            elif waiting:
                if not _END.fullmatch(line):
                    raise BookError(f"the block {waiting} holds nothing: close it with ///")
                waiting = ""
            else:
                yield line
        if waiting:
            raise BookError(f"the block {waiting} is never closed with ///")

    def _block(self, kind: str, what: str) -> Iterator[str]:
        root = project.root()
        if kind == "bugs":
            return iter(_family(root, what, self.repository))
        if kind == "mistakes":
            return iter(_shared(root))
        if kind == "pitfalls":
            return self._pitfalls(root, what)
        return self._exercises(root, what)

    def _pitfalls(self, root: Path, name: str) -> Iterator[str]:
        """The bugs of a function as links, folded away."""
        bugs = bank.bugs_of(root, name)
        if not bugs:
            raise BookError(f"there is no bug of {name!r} in {bank.FOLDER}")
        known = f"{len(bugs)} known bugs" if len(bugs) > 1 else "A known bug"
        classics = [bug for bug in bugs if bug.has_story]
        yield from _NOT_SEARCHED
        yield f'??? bug "{known} of this function, and how to check yours"'
        for bug in classics:
            yield f"    - [{bug.title}]({link_to(self.md, bug.page)})"
        if more := len(bugs) - len(classics):
            museum = link_to(self.md, bugs[0].page.partition("#")[0])
            yield f"    - [{more} more in the museum]({museum}#others)"
        yield ""
        yield "    Write your own, and let the checker say what is wrong with it:"
        yield ""
        yield from [*_indented(_commands(name)), "", *_SEARCHED]

    def _exercises(self, root: Path, folder: str) -> Iterator[str]:
        """The exercises of a folder of pages, each with its commands and its hints."""
        found = bank.exercises(root, folder)
        if not found:
            raise BookError(f"no exercise is explained in {folder!r}")
        for one in found:
            yield from ["", f"## `{one.name}` {{: #{one.name} }}", "", one.summary, ""]
            page = link_to(self.md, one.page)
            bugs = bank.bugs_of(root, one.name)
            museum = link_to(self.md, bugs[0].page.partition("#")[0]) if bugs else ""
            yield f"[Explained here]({page}). The checker knows [{len(bugs)} bugs]({museum}) of it."
            yield from ["", *_commands(one.name, start=True), ""]
            for number, hint in enumerate(one.hints, 1):
                yield from [f'??? question "Hint {number} of {len(one.hints)}"', f"    {hint}", ""]


@question
def _family(root: Path, name: str, repository: str) -> list[str]:
    return list(_bugs(root, name, repository))


@question
def _shared(root: Path) -> list[str]:
    return list(_mistakes(root))


def _bugs(root: Path, name: str, repository: str) -> Iterator[str]:
    """The classics of a family, by function; the rest in a table; what is right in another way."""
    found = bank.family(root, name)
    symptoms = _symptoms(root, name)
    for bug in found.bugs:
        if bug.name not in symptoms:
            remedy = project.remedy(MUSEUM)
            raise BookError(f"the result has no row for {bug.name}; make it with: {remedy}")
    runs, kin = _measured(root), _kin(root)
    bugs = sorted(found.bugs, key=lambda bug: _rank(bug, symptoms, runs, kin))
    for of in dict.fromkeys(bug.of for bug in found.bugs):
        yield from [f"## Wrong: `{of}` {{: #{of} }}", "", "Check yours:", "", *_commands(of), ""]
        for bug in bugs:
            if bug.of == of and bug.has_story:
                ran = runs.get(bug.name, "")
                yield from _bug(root, bug, symptoms[bug.name], repository, ran, _same(bug, kin))
    yield from _others([bug for bug in bugs if not bug.has_story], symptoms, kin)
    if found.conventions:
        yield from ["", "## Right by another convention {: #conventions }", ""]
        yield "The checker accepts these, and says what is different."
        for bug in found.conventions:
            diff = [*_NOT_SEARCHED, *_diff(root, bug), "", *_SEARCHED]
            yield from ["", *_title(bug), *diff, bug.says + _seen(bug), ""]


def _rank(bug: Any, symptoms: Symptoms, runs: dict[str, str], kin: Kin) -> tuple[int, ...]:
    """What was seen in code first, then what was measured; an error that ends a run comes last."""
    ends = bool(re.match(r"\w+Error", str(symptoms[bug.name][-1])))
    shared = len(kin[bug.name][1]) if bug.name in kin else 1
    return ends, -len(bug.seen_in_code), bug.name not in runs, -len(bug.asked_about_in), -shared


def _kin(root: Path) -> Kin:
    """For each bug that is a mistake of several functions, the mistake and all bugs that it is."""
    return {name: (title, names) for title, names in bank.mistakes(root).items() for name in names}


def _same(bug: Any, kin: Kin) -> str:
    """A link to the other functions in which a bug is the same mistake."""
    if bug.name not in kin:
        return ""
    title, names = kin[bug.name]
    return f" The same mistake elsewhere: [{title}](index.md#same-{names[0]})."


def _mistakes(root: Path) -> Iterator[str]:
    """A row for each mistake of several functions, that of most first."""
    known = {bug.name: bug for each in bank.bank(root).families() for bug in each.bugs}
    yield from ['<section class="filtered" markdown data-search-exclude>', ""]
    yield from ["| Mistake | Where, and what it is called there |", "|---|---|"]
    for title, names in sorted(bank.mistakes(root).items(), key=lambda item: -len(item[1])):
        bugs = [known[name] for name in names]
        places = (f"[`{bug.of}`]({bug.page.removeprefix('museum/')})" for bug in bugs)
        yield f"| {_cell(title)} {{: #same-{names[0]} }} | {', '.join(places)} |"
    yield from ["", "</section>"]


def _measured(root: Path) -> dict[str, str]:
    """What the lab found for each bug that it trained with, beside the published code."""
    lines: dict[str, str] = {}
    right = ""
    table = results.load(root, MEASURED).tables.get("measured")
    for _, name, *cells in table.rows if table else ():
        first, last, std, rank, knn = (
            cell[0] if isinstance(cell, (list, tuple)) else cell for cell in cells
        )
        told = (
            f"loss from {first:z.2f} to {last:z.2f}, std {std:.2f}, rank {rank:.1f}, k-NN {knn:.3f}"
        )
        if name:
            lines[str(name)] = f"{told}; without it, {right}."
        else:
            right = told
    return lines


def _others(bugs: list[Any], symptoms: Symptoms, kin: Kin) -> Iterator[str]:
    """The bugs without a story: a row each, with what is changed and one answer that tells."""
    if not bugs:
        return
    yield from ["", "## Other ways to get it wrong {: #others }", ""]
    yield from ['<section class="filtered" markdown data-search-exclude>', ""]
    yield from ["| Mistake | Code | What a probe sees |", "|---|---|---|"]
    for bug in bugs:
        _, probe, _, seen, right, wrong = map(str, symptoms[bug.name])
        texts = [[getattr(change, side) for change in bug.changes] for side in ("right", "wrong")]
        cells = [
            f"{_cell(bug.title)} `{bug.name}`{{: #{bug.name} }} of `{bug.of}`."
            + _cell(_same(bug, kin) + _seen(bug)),
            f"right {_fragment(texts[0])}<br>wrong {_fragment(texts[1])}",
            f"{_cell(probe)}, {seen}: right {_code(right)}, wrong {_code(wrong)}",
        ]
        yield "| " + " | ".join(cells) + " |"
    yield from ["", "</section>"]


def _fragment(texts: list[str]) -> str:
    """Pieces of code in a cell, a line each."""
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return "<br>".join(_code(line) for line in lines if line) or "nothing"


def _symptoms(root: Path, name: str) -> Symptoms:
    table = results.load(root, MUSEUM).tables.get(name.replace("_", "-"))
    if table is None:
        raise BookError(f"{MUSEUM} has no table {name!r}; make it with: {project.remedy(MUSEUM)}")
    return {str(row[0]): row for row in table.rows}


def _title(bug: Any) -> list[str]:
    return [f"### {bug.title} {{: #{bug.name} }}", "", f"`{bug.name}`", ""]


def _bug(
    root: Path, bug: Any, symptom: tuple[Any, ...], repository: str, ran: str, same: str
) -> Iterator[str]:
    """A bug: what one sees, in the lab too, and the changed line; the rest is folded away."""
    told = f"**In the lab**, with it: {ran}" if ran else "*By argument; not measured.*"
    yield from ["", *_title(bug), bug.symptom, "", told + _seen(bug) + same, ""]
    yield from [*_NOT_SEARCHED, *_diff(root, bug), ""]
    _, probe, shows, seen, right, wrong = map(str, symptom)
    yield from ["| Probe | What is seen | Right | Wrong |", "|---|---|---|---|"]
    yield "| " + " | ".join([_cell(probe), seen, _code(right), _code(wrong)]) + " |"
    yield from ["", '??? bug "Why, how to see it, the assertion that catches it"']
    yield from _indented([f"**Why.** {bug.why}", "", f"**See it.** {bug.see}", ""])
    if shows:
        yield from _indented(
            ["The probe asks this:", "", "```text", *shows.splitlines(), "```", ""]
        )
    assertion = ["```python", *_imports(root, bug), *bug.assertion.splitlines(), "```", ""]
    yield from _indented(["The assertion that catches it:", "", *assertion])
    yield from _indented([f"**Mend it.** {bug.mend}", ""])
    file, _, test = bug.test.partition("::")
    place = f"[`{file}`]({repository}/blob/main/{file})" if repository else f"`{file}`"
    told = f"The test that kills it is `{test}` in {place}."
    if bug.same_as:
        told += f" No probe can tell it from [`{bug.same_as}`](#{bug.same_as})."
    yield from [*_indented([told, ""]), *_SEARCHED]


def _seen(bug: Any) -> str:
    """Where code shows the bug, and where people talk of it: not the same."""
    told = [("Seen in code", bug.seen_in_code), ("Asked about in", bug.asked_about_in)]
    return "".join(f" {word}: {', '.join(map(_place, links))}." for word, links in told if links)


def _place(link: str) -> str:
    issue = _ISSUE.match(link)
    return f"[{issue[1]}#{issue[2]}]({link})" if issue else f"<{link}>"


def _diff(root: Path, bug: Any) -> list[str]:
    """The changed lines with a little around them, right and wrong."""
    reader = bank.bank(root)
    try:
        right, wrong = reader.right_and_wrong(bug)
    except reader.BankError as error:
        raise BookError(str(error)) from None
    before, after = (textwrap.dedent(text).splitlines() for text in (right, wrong))
    return changes.block(before, after)


def _imports(root: Path, bug: Any) -> list[str]:
    """The imports that an assertion needs to be pasted."""
    used = {node.id for node in ast.walk(ast.parse(bug.assertion)) if isinstance(node, ast.Name)}
    found = sorted(line for name, line in _FROM_TORCH.items() if name in used)
    plain = [line for line in found if line.startswith("import ")]
    public = set(bank.public(root)) & used | {bug.of}
    others = [line for line in found if line not in plain]
    return [*plain, *others, f"from {PACKAGE} import {', '.join(sorted(public))}", ""]


def _commands(name: str, start: bool = False) -> list[str]:
    begin = [f"python -m {PACKAGE} exercise start {name}"] if start else []
    file = "" if start else f" my_{name.lower()}.py"
    return ["```sh", *begin, f"python -m {PACKAGE} check {name}{file}", "```"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


class MuseumExtension(Extension):
    """The three blocks."""

    def __init__(self, **options: Any) -> None:
        self.config = {"repository": ["", "Address of the code."]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the preprocessor."""
        repository = str(self.getConfig("repository") or "").rstrip("/")
        md.preprocessors.register(_Expand(md, repository), "book_museum", _AFTER_SNIPPETS)


makeExtension = MuseumExtension  # the name by which Python-Markdown asks
