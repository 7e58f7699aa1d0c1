"""The built site, served under a sub-path as a host would, and a real browser to read it with."""

import gzip
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from book_site import ROOT, Opener, Site
from bookbuild import files
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_OF_A_PAGE = 120_000  # milliseconds; a machine with much else to do takes its time
expect.set_options(timeout=PATIENCE_OF_A_PAGE)
_TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site under /book/, text compressed as hosts do, 404.html for what is missing."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path.removeprefix("/book")))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file() and self.path.startswith("/book/")
        if found and path.name == "index.html" and not self.path.partition("?")[0].endswith("/"):
            found = "index.html" in self.path
        content = (path if found else Path(self.directory) / "404.html").read_bytes()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(path)) if found else "text/html")
        if path.suffix in _TEXT or not found:
            content = gzip.compress(content, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Build the site strictly, once for all processes that test it, and serve it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "site"
    with files.locked(shared / "site.lock"):
        if not (shared / "site.built").exists():
            build(folder)
            (shared / "site.built").touch()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: _Handler(*args, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(folder, f"http://127.0.0.1:{server.server_port}/book/")
    server.shutdown()


def build(folder: Path) -> None:
    """Build for an address of which only the path counts: each process serves at its own port."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    environment = {**os.environ, "BOOK_URL": "http://127.0.0.1/book/", "BOOK_REPOSITORY": ""}
    environment["NO_MKDOCS_2_WARNING"] = "1"
    built = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.fail(f"the site does not build:\n{built.stderr[-4000:]}", pytrace=False)


def find_chromium() -> str | None:
    """The one that CHROMIUM names, else the system's; nothing to try playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; that there is none is a failure, not a reason to skip."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        except Error as error:
            pytest.fail(
                "no Chromium starts, and these tests need one: run ./scripts/test, which gets one, "
                f"or 'playwright install chromium'\n{str(error)[:600]}",
                pytrace=False,
            )
        yield started
        started.close()


@pytest.fixture
def leaving() -> Iterator[list[str]]:
    """Requests that left the site, and errors of scripts; the test fails if there are any."""
    wrong: list[str] = []
    yield wrong
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def visit(browser: Browser, site: Site, leaving: list[str]) -> Iterator[Opener]:
    """Open a page of the site: ``visit("reference/", width=390, dark=True, script=False)``.

    Without a path the browser's page is empty, for a test to open one later.

    A request that leaves the site, or an error of a script, fails the test that caused it.
    """
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((site.address, "data:", "blob:"))
                else leaving.append(f"{page.url} asks for {request.url}")
            ),
        )
        page.on("pageerror", lambda error: leaving.append(f"{page.url}: {error}"))

    def open_page(
        path: str | None, *, width: int = 1280, dark: bool = False, script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_OF_A_PAGE)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if path is not None:
            page.goto(site.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
