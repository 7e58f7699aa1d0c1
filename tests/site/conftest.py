"""The built site, served under a sub-path as a host would, and a real browser to read it with."""

import functools
import gzip
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import looking
import pytest
from book_site import ROOT, Opener, Site, built, chromium
from bookbuild import frontend, policy
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


@functools.cache
def content_of(path: Path, zipped: bool) -> bytes:
    """A file as a host sends it."""
    content = path.read_bytes()
    return gzip.compress(content, 6) if zipped else content


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site under /book/, text compressed as hosts do, 404.html for what is missing."""

    headers_sent: Mapping[str, str] = {}

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path.removeprefix("/book")))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file() and self.path.startswith("/book/")
        if found and path.name == "index.html" and not self.path.partition("?")[0].endswith("/"):
            found = "index.html" in self.path
        path = path if found else Path(self.directory) / "404.html"
        zipped = path.suffix in _TEXT
        content = content_of(path, zipped)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header(
            "Cache-Control", "no-store"
        )  # or the weight of a page would be its first's
        if zipped:
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; that there is none is a failure, not a reason to skip."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
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


class Window:
    """A page in a context of its own that one test after the other finds as new.

    To open another costs three times as much as to load a page.
    """

    def __init__(self, browser: Browser, script: bool) -> None:
        context = browser.new_context(java_script_enabled=script)
        context.set_default_timeout(PATIENCE_OF_A_PAGE)
        self.page = context.new_page()
        self.client = context.new_cdp_session(self.page)
        self.client.send("Page.enable")
        self.page.on("request", lambda request: self._judge(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))

    def _judge(self, url: str) -> None:
        if self.home and not url.startswith((self.home, "data:", "blob:", "about:")):
            self.wrong.append(f"{self.page.url} asks for {url}")

    def take(self, wrong: list[str], home: str, dark: bool = False, scripts: Sequence[str] = ()):
        """What leaves ``home``, if it is named, and errors of scripts are added to ``wrong``."""
        self.wrong, self.home = wrong, home
        if home:
            clipboard = ["clipboard-read", "clipboard-write"]
            self.page.context.grant_permissions(clipboard, origin=home)
        self.page.emulate_media(
            media="null", color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        add = "Page.addScriptToEvaluateOnNewDocument"
        self.scripts = [self.client.send(add, {"source": one}) for one in scripts]
        return self.page

    def give_back(self) -> None:
        """Forget what the test did."""
        self.home = ""
        self.page.unroute_all()
        for script in self.scripts:
            self.client.send("Page.removeScriptToEvaluateOnNewDocument", script)
        self.page.evaluate("try { sessionStorage.clear() } catch {}")
        kept = {"origin": "/".join(self.page.url.split("/")[:3]), "storageTypes": "all"}
        if kept["origin"].startswith("http"):
            self.client.send("Storage.clearDataForOrigin", kept)
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")


@pytest.fixture(scope="session")
def windows() -> dict[bool, list[Window]]:
    """The windows of this process, by whether scripts run in them."""
    return {True: [], False: []}


@pytest.fixture
def window(browser: Browser, windows: dict[bool, list[Window]]) -> Iterator[Callable[..., Page]]:
    """A page of its own for each call, as ``Window.take`` hands it out."""
    taken: list[Window] = []

    def take(script: bool, *args: Any, **settings: Any) -> Page:
        free = [one for one in windows[script] if one not in taken]
        if not free:
            free = [Window(browser, script)]
            windows[script] += free
        taken.append(free[0])
        return free[0].take(*args, **settings)

    yield take
    for one in taken:
        one.give_back()


@pytest.fixture
def visit(
    window: Callable[..., Page], engine: str, leaving: list[str], request: pytest.FixtureRequest
) -> Opener:
    """Open a page of the site: ``visit("reference/", width=390, dark=True, script=False)``.

    Without a path the browser's page is empty, for a test to open one later.

    A request that leaves the site, or an error of a script, fails the test that caused it.
    """
    site: Site = request.getfixturevalue("site" if engine == "mkdocs" else "other_site")

    def open_page(
        path: str | None, *, width: int = 1280, dark: bool = False, script: bool = True
    ) -> Page:
        page = window(script, leaving, site.address, dark)
        page.set_viewport_size({"width": width, "height": 900})
        if path is not None:
            page.goto(site.address + path)
        return page

    return open_page


@pytest.fixture
def seen(
    visit: Opener, leaving: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, Any]]:
    """What one visit to a page sees, with scripts or without: once for all tests and processes."""

    def look(path: str, script: bool = True) -> dict[str, Any]:
        def make(file: Path) -> Path:
            page = visit(path, width=390 if script else 1280, script=script)
            found = looking.look(page) if script else looking.read(page)
            file.write_text(json.dumps({**found, "left": leaving[:]}))
            leaving.clear()
            return file

        name = f"{path.replace('/', ',')}{script}"
        return json.loads(built(tmp_path_factory, name, make).read_text())

    return look
