"""What a reader's connection carries, and what Lighthouse says of the heaviest page."""

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
from typing import Any

from benches.loop import LESSON, ROOT, build
from benches.rows import CannotMeasureError, Row, at_most

LIGHTHOUSE = "lighthouse@12.8.2"
LIGHTHOUSE_LIMITS = {"performance": 88, "accessibility": 100, "best-practices": 100, "seo": 100}


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
    """The built site on a local address, and the paths of the lesson's pages."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        build(site)
        pages = sorted(page.parent.relative_to(site) for page in site.glob(f"{LESSON}/**/*.html"))
        handler = functools.partial(Compressing, directory=str(site))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", [f"{page}/" for page in pages]
        finally:
            server.shutdown()
            server.server_close()


def chromium() -> str:
    """The path of a Chromium."""
    finder = ROOT / "tests/site/find_chromium.py"
    done = subprocess.run([sys.executable, finder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasureError("no Chromium here: ./scripts/test gets one")
    return done.stdout.strip()


class Meter:
    """Adds up what the network carries for one page, as Chromium reports it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.kinds: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        self.guests: list[str] = []

    def requested(self, event: dict[str, Any]) -> None:
        """A request left; remember those to other hosts."""
        if not event["request"]["url"].startswith((self.address, "data:")):
            self.guests.append(event["request"]["url"])

    def answered(self, event: dict[str, Any]) -> None:
        """An answer began; remember what kind of file it is."""
        self.kinds[event["requestId"]] = event["type"]

    def finished(self, event: dict[str, Any]) -> None:
        """A file is here, with its size on the wire."""
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def kilobytes(self, *without: str) -> float:
        """The sum so far, without files of some kinds."""
        counted = [size for key, size in self.sizes.items() if self.kinds.get(key) not in without]
        return sum(counted) / 1000


def weigh(address: str, pages: list[str]) -> dict[str, dict[str, float]]:
    """For each page the kilobytes of its first view (without fonts), of all of it, and its guests.

    The first view is what the page names itself: not the search index, which the theme's script
    fetches behind the page's back. Then the page is scrolled to its end; all of it counts.
    """
    from playwright.sync_api import sync_playwright

    weights = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for path in pages:
            context = browser.new_context(viewport={"width": 412, "height": 823})
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            meter = Meter(address)
            session.on("Network.requestWillBeSent", meter.requested)
            session.on("Network.responseReceived", meter.answered)
            session.on("Network.loadingFinished", meter.finished)
            page.goto(address + path, wait_until="networkidle")
            first = meter.kilobytes("Font", "Fetch", "XHR")
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            page.wait_for_timeout(500)
            page.wait_for_load_state("networkidle")
            total = meter.kilobytes()
            weights[path] = {"first": first, "total": total, "guests": len(meter.guests)}
            context.close()
        browser.close()
    return weights


def page_weight(runs: int) -> Iterator[Row]:
    """What a reader's connection carries, for the heaviest page of the lesson."""
    with hosted() as (address, pages):
        weights = weigh(address, pages)
    for part, name, limit in (
        ("first", "first view, no fonts", 150),
        ("total", "whole page", 350),
    ):
        heaviest = max(weights, key=lambda path: weights[path][part])
        detail = f" ({heaviest.removeprefix(LESSON).strip('/') or 'index'}, of {len(pages)} pages)"
        value = weights[heaviest][part]
        yield at_most(f"page-weight: {name}", value, limit, " KB", detail)
    guests = sum(weight["guests"] for weight in weights.values())
    yield Row("page-weight: requests to other hosts", f"{guests:g}", "0", guests == 0, guests)


def lighthouse(runs: int) -> Iterator[Row]:
    """Lighthouse as on a phone, for the heaviest page of the lesson."""
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    npm, node = (shutil.which(name, path=tools) for name in ("npm", "node"))
    if npm is None or node is None:
        raise CannotMeasureError("no Node here")
    with tempfile.TemporaryDirectory() as folder, hosted() as (address, pages):
        install = [npm, "install", "--no-audit", "--no-fund", "--prefix", folder, LIGHTHOUSE]
        done = subprocess.run(install, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            raise CannotMeasureError(f"npm could not install {LIGHTHOUSE}")
        weights = weigh(address, pages)
        page = max(weights, key=lambda path: weights[path]["total"])
        program = [node, f"{folder}/node_modules/lighthouse/cli/index.js", address + page]
        program += ["--quiet", "--output=json", f"--only-categories={','.join(LIGHTHOUSE_LIMITS)}"]
        program += ["--chrome-flags=--headless=new --no-sandbox"]
        scores: dict[str, list[int]] = {name: [] for name in LIGHTHOUSE_LIMITS}
        failed: set[str] = set()
        for _ in range(max(runs, 5)):
            environment = os.environ | {"CHROME_PATH": chromium(), "PATH": tools}
            done = subprocess.run(
                program, capture_output=True, text=True, check=False, env=environment, cwd=folder
            )
            if done.returncode:
                raise CannotMeasureError(f"lighthouse failed: {done.stderr.strip()[-300:]}")
            report = json.loads(done.stdout)
            for name, values in scores.items():
                category = report["categories"][name]
                values.append(round(100 * category["score"]))
                audits = [audit["id"] for audit in category["auditRefs"] if audit["weight"]]
                if name != "performance":
                    failed |= {a for a in audits if report["audits"][a]["score"] not in (None, 1)}
    where = page.removeprefix(LESSON).strip("/") or "index"
    for name, limit in LIGHTHOUSE_LIMITS.items():
        value = statistics.median(scores[name])
        figure = f"{value:g} ({where}: {', '.join(map(str, scores[name]))})"
        yield Row(f"lighthouse: {name}", figure, f">= {limit}", value >= limit, value)
    if failed:
        yield Row("lighthouse: audits that failed", ", ".join(sorted(failed)))
