"""The files of ``lesson_code`` as plain pages with a mark on each line, made only where needed.

Listings link to their lines in the repository. A book that knows no address of one brings the files
along, as ``docs/source/<path>.html``: outside navigation and search, made anew and never committed.
"""

from __future__ import annotations

import html
from functools import cache, lru_cache
from pathlib import Path

from bookbuild import files
from bookbuild.project import PACKAGE
from bookbuild.reading import unrecorded

FOLDER = "source"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{path}</title>
<style>
body {{ margin: 1rem; font: 14px/1.5 ui-monospace, monospace }}
h1 {{ font-size: 1rem }}
pre {{ overflow: auto }}
:target {{ outline: 2px solid; outline-offset: 1px }}
</style>
</head>
<body>
<main>
<h1>{path}</h1>
<pre tabindex="0" role="region" aria-label="{path}">{lines}</pre>
</main>
</body>
</html>
"""


def address(path: str, line: int) -> str:
    """Where a line of a file stands, from the docs folder."""
    return f"{FOLDER}/{path}.html#L{line}"


def ensure(root: Path) -> None:
    """Bring the pages of all files up to date; one whose text is the same is left alone."""
    with unrecorded():  # no page depends on what all files hold
        folder = root / "docs" / FOLDER
        wanted = {}
        for file in sorted((root / PACKAGE).rglob("[!.]*.py")):
            path = file.relative_to(root).as_posix()
            wanted[folder / f"{path}.html"] = _page(path, file.read_text(encoding="utf-8"))
        for page, text in wanted.items():
            files.write(page, text)
        for page in set(folder.rglob("*.html")) - wanted.keys():
            page.unlink(missing_ok=True)


ensure_once = cache(ensure)


@lru_cache(maxsize=1024)
def _page(path: str, text: str) -> str:
    numbered = enumerate(text.rstrip("\n").split("\n"), 1)
    marked = (f'<span id="L{n}">{html.escape(line, quote=False)}</span>' for n, line in numbered)
    return _PAGE.format(path=path, lines="\n".join(marked))
