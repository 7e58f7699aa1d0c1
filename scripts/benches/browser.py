"""What a browser says of pages, as on a phone: Lighthouse of four, and how a first tap is answered.

What each page weighs is a test: ``tests/site/test_every_page.py``.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benches.loop import LESSON, ROOT, build
from benches.rows import CannotMeasureError, Row, at_most

LIGHTHOUSE = "lighthouse@12.8.2"
LIGHTHOUSE_LIMITS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}


#: What is tapped first, and where.
TAPS = {
    "search": ("", "label.md-header__button[for=__search]"),
    "palette": ("", "label.md-header__button[for^=__palette] >> visible=true"),
    "a quiz option": (f"{LESSON}/simclr/", ".quiz-option >> nth=0"),
    "a slider": (f"{LESSON}/dino-loss/", "figure[data-play] input[type=range] >> nth=0"),
}
SLOWER = 4  # times a processor, as a phone's
#: Notes how long the slowest answer took, from the touch to the next picture.
EVENTS = """globalThis.slowest = 0;
new PerformanceObserver((list) => list.getEntries().forEach((event) => {
  globalThis.slowest = Math.max(slowest, event.duration);
})).observe({ type: "event", durationThreshold: 16 });"""


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Serves files as a web host does: text compressed, on connections that stay open."""

    protocol_version = "HTTP/1.1"
    compressed = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".mjs")

    def do_GET(self) -> None:
        """Answer with a file, compressed where that helps."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        if path.suffix in self.compressed:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def hosted() -> Iterator[tuple[str, list[str]]]:
    """The built site on a local address, and the paths of the pages that are judged."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        build(site)
        museum = site.glob("museum/*/index.html")
        heaviest = max(museum, key=lambda page: len(gzip.compress(page.read_bytes()))).parent.name
        pages = ["", f"{LESSON}/simclr/", f"{LESSON}/dino/", f"museum/{heaviest}/"]
        handler = functools.partial(Compressing, directory=str(site))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/", pages
            server.shutdown()


def lighthouse(runs: int) -> Iterator[Row]:
    """Lighthouse as on a phone, for each of the pages."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    npm, node = (shutil.which(name, path=tools) for name in ("npm", "node"))
    if npm is None or node is None:
        raise CannotMeasureError("no Node here")
    with tempfile.TemporaryDirectory() as folder, hosted() as (address, pages):
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", folder, LIGHTHOUSE]
        if subprocess.run(install, capture_output=True, check=False, cwd=folder).returncode:
            raise CannotMeasureError(f"npm could not install {LIGHTHOUSE}")
        environment = os.environ | {"CHROME_PATH": _chromium(), "PATH": tools}
        program = [node, f"{folder}/node_modules/lighthouse/cli/index.js", "--quiet"]
        program += ["--output=json", f"--only-categories={','.join(LIGHTHOUSE_LIMITS)}"]
        program += ["--chrome-flags=--headless=new --no-sandbox"]
        for page in pages:
            yield from _judged([*program, address + page], page, max(runs, 5), environment)


def _chromium() -> str:
    finder = [sys.executable, str(ROOT / "tests/site/find_chromium.py")]
    found = subprocess.run(finder, capture_output=True, text=True, check=False)
    if found.returncode:
        raise CannotMeasureError("no Chromium here: ./scripts/test gets one")
    return found.stdout.strip()


def taps(runs: int) -> Iterator[Row]:
    """The browser's own Event Timing of the first tap on a page, on a slower processor."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool, hosted() as (address, _):
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = tool.chromium.launch(executable_path=_chromium(), args=flags)
        for what, (path, control) in TAPS.items():
            slowest = []
            for _ in range(max(runs, 5)):
                phone = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
                phone.add_init_script(EVENTS)
                phone.goto(address + path, wait_until="networkidle")
                tapped = phone.locator(control)
                tapped.scroll_into_view_if_needed()
                session = phone.context.new_cdp_session(phone)
                session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
                tapped.tap()
                phone.wait_for_timeout(1000)
                slowest.append(phone.evaluate("slowest"))
                phone.close()
            detail = f" ({', '.join(f'{one:g}' for one in slowest)})"
            yield at_most(f"taps: {what}", statistics.median(slowest), 200, " ms", detail)
        browser.close()


def _judged(program: list[str], page: str, runs: int, environment: dict[str, str]) -> Iterator[Row]:
    """What it says of one page, the median of some runs."""
    scores: dict[str, list[int]] = {name: [] for name in LIGHTHOUSE_LIMITS}
    failed: set[str] = set()
    for _ in range(runs):
        done = subprocess.run(program, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            raise CannotMeasureError(f"lighthouse failed: {done.stderr.strip()[-300:]}")
        report = json.loads(done.stdout)
        for name, values in scores.items():
            category = report["categories"][name]
            values.append(round(100 * category["score"]))
            audits = [audit["id"] for audit in category["auditRefs"] if audit["weight"]]
            if name != "performance":
                failed |= {a for a in audits if report["audits"][a]["score"] not in (None, 1)}
    where = page.strip("/").rpartition("/")[2] or "home"
    for name, limit in LIGHTHOUSE_LIMITS.items():
        value = statistics.median(scores[name])
        figure = f"{value:g} ({', '.join(map(str, scores[name]))})"
        yield Row(f"lighthouse: {where}, {name}", figure, f">= {limit}", value >= limit)
    if failed:
        yield Row(f"lighthouse: {where}, audits that failed", ", ".join(sorted(failed)))
