"""A served book: pages stand at once, an edit reaches its page, a broken page breaks no other."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import PATIENCE
from small_book import Book

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = f"""
site_name: small
theme: {{name: mkdocs, locale: en}}
hooks: [{ROOT / "scripts/mkdocs_hook.py"}]
plugins: []
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - pymdownx.snippets: {{base_path: ["."], check_paths: true}}
  - bookbuild.markdown.listings: {{repository: "https://host/book"}}
  - bookbuild.markdown.outputs
"""
CODE = "# --8<-- [start:show]\nprint({said})\n# --8<-- [end:show]\n"
PAGE = """# Page

```python
--8<-- "lesson_code/examples/l0/it.py:show"
```

/// output | l0/it
///
"""


class Served:
    """A running server."""

    def __init__(self, address: str, log: Path) -> None:
        self.address = address
        self.log = log

    def until(self, path: str, is_there: Callable[[str], bool]) -> str:
        """Ask for a page until it is as it must become; a loaded machine may take its time."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            try:
                with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
                    text = answer.read().decode()
            except OSError:
                text = ""
            if is_there(text):
                return text
            time.sleep(0.2)
        pytest.fail(f"{path} never came; the server says:\n{self.log.read_text()[-3000:]}")


@pytest.fixture
def served(book: Book, light: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A book with one example, served; its front-end packages are taken to be there."""
    (book.root / "mkdocs.yml").write_text(SETTINGS)
    (book.root / "theme").mkdir()
    (book.root / "package-lock.json").write_text("{}")
    book.page("# Start\n", "index.md")
    book.example("it", CODE.format(said="'one'"))
    book.page(PAGE)
    command = [sys.executable, "-m", "bookbuild", "accept", "l0/it"]
    subprocess.run(command, cwd=book.root, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    started = (
        "from bookbuild import frontend; frontend.ensure = lambda root: None; "
        "from mkdocs.__main__ import cli; cli()"
    )
    command = [sys.executable, "-c", started, "serve", "--dev-addr", f"127.0.0.1:{port}"]
    environment = {key: value for key, value in os.environ.items() if key != "CI"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=book.root, stdout=output, stderr=output, env=environment
        )
    yield Served(f"http://127.0.0.1:{port}/", log)
    process.terminate()
    process.wait()


def test_edits_reach_their_pages_and_a_broken_page_breaks_no_other(book: Book, served: Served):
    served.until("page/", lambda text: "one" in text)

    # Code: the page shows it at once, then what it prints now, and says that this is new.
    book.example("it", CODE.format(said="'two'"))
    text = served.until("page/", lambda text: 'role="status"' in text)
    assert re.search(r"role=\"status\"[^>]*>another result than the committed one: l0/it", text)
    assert "two" in text.partition('class="output"')[2]

    # A page that cannot be made says why, and the others are served.
    book.page(PAGE.replace("it.py:show", "it.py:gone"))
    text = served.until("page/", lambda text: "This page is broken" in text)
    assert "gone" in text
    book.page("# Start again\n", "index.md")
    served.until("", lambda text: "Start again" in text)
    book.page(PAGE)
    text = served.until("page/", lambda text: "This page is broken" not in text and "two" in text)

    # An example that fails is told on the page, which shows the last result.
    book.example("it", CODE.format(said="1 / 0"))
    text = served.until("page/", lambda text: "ZeroDivisionError" in text)
    assert "two" in text.partition('class="output"')[2]
    assert "ZeroDivisionError" in served.log.read_text()
