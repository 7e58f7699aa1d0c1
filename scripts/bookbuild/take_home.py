"""Each page with code as a notebook and as a script, from the same regions and results; a feed.

The code is what the page's copy buttons copy, in its order, and an output is what the page shows
under it. Prose keeps its mathematics and its numbers; what only a page can show (figures, quizzes,
citations' cards) stays there, a caption standing for its figure. The script is in percent format,
whose cells editors know.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from bookbuild import docstrings, feed, files, pages, project, results
from bookbuild.pages import Page
from bookbuild.project import BookError
from bookbuild.reading import Remembered, unrecorded

FOLDER = "take-home"
_BLOCK = re.compile(r"(?P<slashes>/{3,})\s*(?P<kind>[a-z]+)\s*(?:\|\s*(?P<what>.*?)\s*)?")
_FOLD = re.compile(r"/{3,}(?:\s*details\s*\|\s*(?P<title>.*?))?")  # or its end: all is shown
_MARK = re.compile(r"\s*\[bug\]\([^)]*\)\{[^}]*\}|\A---\n.*?\n---\n", re.DOTALL)  # or front matter
_OPTION = re.compile(r"    \w+: .*")
_CLAIM = re.compile(r"\{\{[^{}]*\}\}")
_CITED = re.compile(r"\[(@[^]]*)\](?!\()")
_LINK = re.compile(r"(?<!!)\[([^][]+)\]\((?!https?:)[^)]*\)")
_ABBREVIATION = re.compile(r"^\*\[[^]]+\]: .*$", re.MULTILINE)
_OURS = re.compile(r"^ *(?:from|import) lesson_code", re.MULTILINE)
_CAPTIONED = ("figure", "table")
_ORIGIN = (
    "*A page of the book Learning Without Labels; its figures, quizzes and links are on its site. "
    "Code under the MIT license, text under CC BY 4.0. What is imported must be installed.*"
)


@dataclass
class Cell:
    """A cell: prose in Markdown or code, and what the code prints."""

    is_code: bool
    text: str
    output: str = ""


def cells(root: Path, page: Page) -> list[Cell]:
    """The cells of a page; none if it has no code to take home."""
    found, _ = pages.listings(root, page.fences)
    if not found:
        return []
    by_line = {listing.fence.line: listing for listing in found}
    others = {fence.line: fence.end for fence in page.fences if fence.line not in by_line}
    lines = page.text.splitlines()
    made: list[Cell] = []
    prose: list[str] = []
    number = 1
    while number <= len(lines):
        line = lines[number - 1]
        if listing := by_line.get(number):
            made += [*_prose(root, prose), Cell(True, docstrings.short(listing.code).rstrip())]
            prose, number = [], listing.fence.end
        elif end := others.get(number):
            prose += lines[number - 1 : end]
            number = end
        elif block := _FOLD.fullmatch(line.strip()):
            prose += ["", f"**{block['title']}**", ""] if block["title"] else []
        elif block := _BLOCK.fullmatch(line.strip()):
            number, inner = _block(lines, number, block["slashes"])
            if block["kind"] == "output" and made:
                made[-1].output += results.load(root, str(block["what"])).output
            elif block["kind"] in _CAPTIONED:
                prose += ["", f"*{block['kind'].capitalize()} on the page:* {' '.join(inner)}", ""]
        else:
            prose.append(line)
        number += 1
    published = os.environ.get("BOOK_REPOSITORY")
    imports = published and any(cell.is_code and _OURS.search(cell.text) for cell in made)
    first = f"{_ORIGIN}\n\n`pip install git+{published}`" if imports else _ORIGIN
    return [Cell(False, first), *made, *_prose(root, prose)]


def _block(lines: Sequence[str], first: int, slashes: str) -> tuple[int, list[str]]:
    """The last line of the block that begins on line ``first``, and the lines of its content."""
    end = next(
        (n for n in range(first + 1, len(lines) + 1) if lines[n - 1].strip() == slashes), len(lines)
    )
    inner = [line.strip() for line in lines[first : end - 1] if not _OPTION.fullmatch(line)]
    return end, [line for line in inner if line]


def _prose(root: Path, lines: Sequence[str]) -> Iterator[Cell]:
    text = _MARK.sub("", "\n".join(lines).strip())
    text = _CLAIM.sub(lambda match: pages.quoted(root, match[0]).shown, text)
    text = _ABBREVIATION.sub("", text).strip()
    text = _CITED.sub(lambda match: f"[{match[1].replace('@', '')}]", text)
    text = re.sub(r"\n{3,}", "\n\n", _LINK.sub(r"\1", text))
    if text:
        yield Cell(False, text)


def notebook(made: Sequence[Cell]) -> str:
    """The cells as a Jupyter notebook, format 4.5."""
    written = []
    count = 0
    for number, cell in enumerate(made, 1):
        kind: dict[str, object] = {"cell_type": "markdown", "id": f"cell-{number}"}
        kind |= {"metadata": {}, "source": cell.text.splitlines(keepends=True)}
        if cell.is_code:
            count += 1
            printed = cell.output.splitlines(keepends=True)
            stream: dict[str, object] = {"output_type": "stream", "name": "stdout", "text": printed}
            kind |= {"cell_type": "code", "execution_count": count if printed else None}
            kind |= {"outputs": [stream] if printed else []}
        written.append(kind)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def script(made: Sequence[Cell]) -> str:
    """The cells as a Python file in percent format; outputs stand as comments."""
    parts = []
    for cell in made:
        if cell.is_code:
            printed = "\n\n# Prints:\n" + _commented(cell.output) if cell.output else ""
            parts.append(f"# %%\n{cell.text}{printed}")
        else:
            parts.append(f"# %% [markdown]\n{_commented(cell.text)}")
    return "\n\n".join(parts) + "\n"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def address(page: Page) -> str:
    """Where the files of a page lie, without their suffix: its own address below ``take-home``."""
    path = page.path.removeprefix("docs/").removesuffix(".md")
    return f"{FOLDER}/{path.removesuffix('/index')}"


def _texts(root: Path, path: str) -> dict[str, str]:
    made = cells(root, pages.page(root, root / path))
    return {".ipynb": notebook(made), ".py": script(made)} if made else {}


@cache
def ensure_once(root: Path) -> None:
    """Bring the files below ``docs`` up to date, once in this process."""
    if not project.unfit(root):  # which the build that begins will tell
        write(root, root / "docs")


def write(root: Path, site: Path, remembered: Remembered = lambda name, ask: ask()) -> None:
    """Write notebook and script of every page with code, and the feed; remove what is gone."""
    with unrecorded():  # no page depends on what all pages show
        wanted = {}
        for page in pages.pages(root):
            name = f"take-home {page.path} {os.environ.get('BOOK_REPOSITORY', '')}"
            with suppress(BookError):  # the page itself says what is wrong with it
                for suffix, text in remembered(name, partial(_texts, root, page.path)).items():
                    wanted[site / f"{address(page)}{suffix}"] = text
        if hosted := os.environ.get("BOOK_URL"):
            wanted[site / FOLDER / "changes.xml"] = feed.feed(root, hosted)
        for path, text in wanted.items():
            files.write(path, text)
        for path in set((site / FOLDER).rglob("*")) - wanted.keys():
            if path.is_file():
                path.unlink(missing_ok=True)
