"""The built site, served under a sub-path as a host would, and a real browser to read it with."""

import gzip
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from book_site import ROOT, Opener, Site
from bookbuild import files, frontend, policy
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

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

    headers_sent: Mapping[str, str] = {}

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
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


ADDRESS = "http://127.0.0.1/book/"  # only its path counts: each process serves at its own port


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Build the site strictly, once for all processes that test it, and serve it."""
    with served(built(tmp_path_factory, "site", build)) as site:
        yield site


@pytest.fixture(scope="session")
def other_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same site as Zensical makes it, which will follow mkdocs-material one day."""
    if importlib.util.find_spec("zensical") is None:
        pytest.skip("zensical is not installed: pip install -e '.[peers]' brings it")
    with served(built(tmp_path_factory, "zensical", build_with_zensical)) as site:
        yield site


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Which engine has made the site: MkDocs, unless a test asks for both."""
    return str(getattr(request, "param", "mkdocs"))


def built(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What ``make`` makes, made once for all processes."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    done = shared / f"{name}.built"
    with files.locked(shared / f"{name}.lock"):
        if not done.exists():
            done.write_text(str(make(shared / name)))
    return Path(done.read_text())


@pytest.fixture(scope="session")
def guarded_site(site: Site) -> Iterator[Site]:
    """The same site, sent with the headers that its build wrote down."""
    lines = (site.folder / policy.FILE).read_text().splitlines()
    assert lines[0] == "/*"
    headers = dict(line.strip().split(": ", 1) for line in lines[1:])
    with served(site.folder, headers) as guarded:
        yield guarded


@contextmanager
def served(folder: Path, headers: Mapping[str, str] = MappingProxyType({})) -> Iterator[Site]:
    """Serve a built site."""
    handler = type("Handler", (_Handler,), {"headers_sent": headers})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: handler(*args, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(folder, f"http://127.0.0.1:{server.server_port}/book/")
    server.shutdown()


def build(folder: Path) -> Path:
    """Build the site with MkDocs."""
    command = ["mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    _run(command, ROOT)
    return folder


def build_with_zensical(folder: Path) -> Path:
    """Build a copy of the book with Zensical, which keeps its own cache where it builds."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("docs", "lesson_code", "theme"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("mkdocs.yml", "package.json", "package-lock.json", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder / name)
    frontend.ensure(ROOT)
    for name in ("node_modules", ".bookcache", "scripts", "tests"):  # results know of all
        (folder / name).symlink_to(ROOT / name)
    _run(["zensical", "build", "--strict"], folder)
    return folder / "site"


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "BOOK_URL": ADDRESS, "BOOK_REPOSITORY": ""}
    environment["NO_MKDOCS_2_WARNING"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr + done.stdout)[-4000:]
        pytest.fail(f"the site does not build:\n{said}", pytrace=False)


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


def new_page(browser: Browser, site: Site, wrong: list[str], **settings: Any) -> Page:
    """A page of its own context; what leaves the site, and errors of scripts, are added."""
    context = browser.new_context(reduced_motion="reduce", **settings)
    context.set_default_timeout(PATIENCE_OF_A_PAGE)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page = context.new_page()
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site.address, "data:", "blob:"))
            else wrong.append(f"{page.url} asks for {request.url}")
        ),
    )
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    return page


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[dict[bool, tuple[Page, list[str]]]]:
    """The page that this process looks at without a context of its own, by whether scripts run."""
    kept: dict[bool, tuple[Page, list[str]]] = {}
    yield kept
    for page, _ in kept.values():
        page.context.close()


@pytest.fixture
def look(
    browser: Browser, site: Site, tabs: dict[bool, tuple[Page, list[str]]], leaving: list[str]
) -> Iterator[Opener]:
    """As ``visit``, where other tests have looked before: half the work of a new context.

    For tests that leave nothing but what the next page replaces: no storage, no clipboard.
    """

    def open_page(path: str, *, width: int, script: bool = True) -> Page:
        if script not in tabs:
            wrong: list[str] = []
            tabs[script] = new_page(browser, site, wrong, java_script_enabled=script), wrong
        page, _ = tabs[script]
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site.address + path)
        return page

    yield open_page
    for _, wrong in tabs.values():
        leaving += wrong
        wrong.clear()


@pytest.fixture
def visit(
    browser: Browser, engine: str, leaving: list[str], request: pytest.FixtureRequest
) -> Iterator[Opener]:
    """Open a page of the site: ``visit("reference/", width=390, dark=True, script=False)``.

    Without a path the browser's page is empty, for a test to open one later.

    A request that leaves the site, or an error of a script, fails the test that caused it.
    """
    site: Site = request.getfixturevalue("site" if engine == "mkdocs" else "other_site")
    opened: list[Page] = []

    def open_page(
        path: str | None, *, width: int = 1280, dark: bool = False, script: bool = True
    ) -> Page:
        page = new_page(
            browser,
            site,
            leaving,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        opened.append(page)
        if path is not None:
            page.goto(site.address + path)
        return page

    yield open_page
    for page in opened:
        page.context.close()
