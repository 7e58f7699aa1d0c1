"""How long whoever writes pages waits: builds, and from saving a file to its page."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benches.rows import CannotMeasureError, Row, at_most

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
LESSON = "module-1/1.3-contrast-to-distillation"
MANY = 300
#: What is edited, which page shows it, and the words that are replaced.
EDITS = {
    "prose": (f"docs/{LESSON}/simclr.md", f"{LESSON}/simclr/", "# SimCLR"),
    "a docstring": ("lesson_code/simclr.py", "reference/contrastive/", "equation 1 of SimCLR"),
    "a line of code": ("lesson_code/simclr.py", f"{LESSON}/simclr/", "    n = len(z_i)"),
}


def loop(runs: int) -> Iterator[Row]:
    """Everything that a writer waits for; the cache of pages is warm, as it is after one build."""
    yield from builds(max(runs, 5))
    yield from many_pages()
    yield from saves(max(runs, 3))


def build(site: Path, *options: str, tree: Path = ROOT, **switches: str) -> tuple[float, str]:
    """Build the site; return the seconds of a processor it took, and its standard error."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site), *options],
        cwd=tree,
        env=environment(tree) | switches,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CannotMeasureError(f"the site does not build: {done.stderr.strip()[-300:]}")
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent, done.stderr


def builds(runs: int) -> Iterator[Row]:
    """A strict build with everything fresh: with the runner and without, and what it imports."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        build(site)
        _, imported = build(site, PYTHONPROFILEIMPORTTIME="1")
        modules = set(re.findall(r"^import time:.*\|\s+(\S+)$", imported, re.MULTILINE))
        pairs = []
        for turn in range(runs):
            order = ["", "off"] if turn % 2 else ["off", ""]
            spent = {one: build(site, "--strict", BOOK_RUNNER=one, CI="")[0] for one in order}
            pairs.append((spent[""], spent["off"]))
    on, off = (statistics.median(column) for column in zip(*pairs, strict=True))
    yield at_most("loop: warm strict build, processor", on, 8, " s")
    detail = f" ({on:.2f} s / {off:.2f} s, medians of {len(pairs)})"
    yield at_most("loop: fresh build / without runner", on / off, 1.15, "x", detail)
    found = "torch" in modules
    figure = "imported" if found else f"not among {len(modules)} modules"
    yield Row("loop: torch in a fresh build", figure, "not imported", not found)


def many_pages() -> Iterator[Row]:
    """A book of 300 pages more: how many are rendered for an edit, and what that costs."""
    with copied(MANY) as tree:
        page = tree / "docs/many/page-7.md"
        for words in ("Words", "Other words"):
            page.write_text(page.read_text().replace("Words", words))
            spent, said = build(tree.parent / "site", tree=tree, BOOK_RUNNER="off", CI="")
    told = re.search(r"pages: (\d+) rendered, (\d+) from the cache", said)
    if told is None:
        raise CannotMeasureError(f"the build does not tell what it did: {said[-300:]}")
    rendered, kept = map(int, told.groups())
    detail = f" (of {rendered + kept}; {spent:.2f} s of a processor)"
    yield at_most("loop: pages rendered for an edit", rendered, 1, "", detail)


def saves(runs: int) -> Iterator[Row]:
    """From saving a file to the page that shows it; what examples then give comes behind."""

    def seconds(server: Server, what: str, among: str = "") -> Row:
        spent = [server.save(*EDITS[what], number) for number in range(runs)]
        found = ", ".join(f"{one:.2f}" for one in spent)
        value = statistics.median(spent)
        return at_most(f"loop: save to page, {what}{among}", value, 3, " s", f" ({found})")

    with copied() as tree:
        began = time.perf_counter()
        with serving(tree) as server:
            server.wait("", "<article")
            spent = time.perf_counter() - began
            yield at_most("loop: serve, the command to its first page", spent, 30, " s")
            for what in EDITS:
                yield seconds(server, what)
    with copied(MANY) as tree, serving(tree) as server:
        server.wait("", "<article")
        yield seconds(server, "prose", f", {MANY} pages more")


@contextlib.contextmanager
def copied(more: int = 0) -> Iterator[Path]:
    """The repository without what can be made again, with ``more`` pages than it has.

    What the runner knows goes along.
    """
    unneeded = {".venv", ".git", "site", "build", "node_modules"}

    def ignored(folder: str, names: list[str]) -> set[str]:
        made = {name for name in names if name == "__pycache__" or name.endswith("_cache")}
        return made | unneeded & set(names) if Path(folder) == ROOT else made

    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "book"
        shutil.copytree(ROOT, tree, ignore=ignored, symlinks=True)
        if (ROOT / "node_modules").is_dir():
            (tree / "node_modules").symlink_to(ROOT / "node_modules")
        for number in range(more):
            page = tree / f"docs/many/page-{number}.md"
            page.parent.mkdir(exist_ok=True)
            page.write_text(f"# Page {number}\n\nWords.\n")
        yield tree


def environment(tree: Path) -> dict[str, str]:
    """That of a command which uses the packages of ``tree``."""
    paths = os.pathsep.join([str(tree), str(tree / "scripts")])
    return ENVIRONMENT | {"PYTHONPATH": paths, "PYTHONUNBUFFERED": "1"}


@dataclass
class Server:
    """A running ``mkdocs serve``."""

    tree: Path
    address: str
    log: Path

    def save(self, name: str, page: str, old: str, number: int) -> float:
        """Edit a file; return the seconds until its page shows the edit."""
        file = self.tree / name
        text = file.read_text(encoding="utf-8")
        edited = f"edit_{number}_of_{len(old)}"
        new = f"    {edited} = None\n{old}" if old.startswith("  ") else f"{old} {edited}"
        if old not in text:
            raise CannotMeasureError(f"{name} does not hold {old!r} any more")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        began = time.perf_counter()
        self.wait(page, edited)
        spent = time.perf_counter() - began
        file.write_text(text, encoding="utf-8")
        self.wait(page, edited, gone=True)
        return spent

    def wait(self, page: str, words: str, gone: bool = False) -> None:
        """Ask for a page until it shows the words."""
        began = time.perf_counter()
        while time.perf_counter() - began < 180:
            with urllib.request.urlopen(self.address + page, timeout=180) as answer:
                shown = re.sub(r"</?span[^>]*>", "", answer.read().decode())
            if (words in shown) != gone:
                return
            time.sleep(0.05)
        said = self.log.read_text(errors="replace")[-300:]
        raise CannotMeasureError(f"{page} never showed {words!r}: {said}")


@contextlib.contextmanager
def serving(tree: Path) -> Iterator[Server]:
    """Run ``mkdocs serve`` in ``tree``."""
    log = tree.parent / "serve.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
            cwd=tree,
            env=environment(tree),
            stdout=output,
            stderr=output,
        )
    try:
        began = time.perf_counter()
        while not (found := re.search(r"Serving on (http\S+)", log.read_text(errors="replace"))):
            if process.poll() is not None or time.perf_counter() - began > 180:
                raise CannotMeasureError(f"mkdocs serve did not start: {log.read_text()[-300:]}")
            time.sleep(0.05)
        yield Server(tree, found[1], log)
    finally:
        process.terminate()
        process.wait(timeout=30)
