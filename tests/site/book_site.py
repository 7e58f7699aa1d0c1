"""What the tests of the site share: its pages, where they are served, and how to open them."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bookbuild import files, project
from find_chromium import NAMES
from playwright.sync_api import Page

ROOT = project.root(Path(__file__))


def page_paths(folder: str = "") -> list[str]:
    """The addresses of the site's pages, from its root; of one folder only if asked."""
    docs = ROOT / "docs"
    found = sorted(path.relative_to(docs) for path in (docs / folder).rglob("*.md"))
    pages = [path.with_suffix("").as_posix() + "/" for path in found]
    return ["" if page == "index/" else page.removesuffix("index/") for page in pages]


MOVED = "module-1/beyond-1.3/mae/"  # leads to where the page now is
LESSON_PAGES = [path for path in page_paths("module-1") if path != MOVED]
SIMCLR = next(path for path in LESSON_PAGES if path.endswith("/simclr/"))
ALL_PAGES = [*page_paths(), "404.html"]


@dataclass(frozen=True)
class Site:
    """The built site: where its files are, and where a browser finds it."""

    folder: Path
    address: str


Opener = Callable[..., Page]
Seen = Callable[..., dict[str, Any]]
#: For what a script does with a page: it must do so on the other engine's pages too.
BOTH_ENGINES = pytest.mark.parametrize("engine", ["mkdocs", "zensical"], indirect=True)


def built(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What ``make`` makes, made once for all processes."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done = shared / f"{name}.built"
    with files.locked(shared / f"{name}.lock"):
        if not done.exists():
            done.write_text(str(make(shared / name)))
    return Path(done.read_text())


def chromium() -> str | None:
    """The one that CHROMIUM names, else the system's; nothing to try playwright's own."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def open_details(page: Page) -> None:
    """Open everything that can be unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
