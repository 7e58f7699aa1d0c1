"""Prints the path of a Chromium that starts and draws a page; exits with 1 if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def candidates() -> Iterator[str]:
    """Programs that may be a Chromium: the one named, the system's, playwright's."""
    named = os.environ.get("CHROMIUM")
    if named:
        yield named
        return
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield path
    yield from APPLICATIONS
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:  # playwright missing or its driver broken: there is then no such browser
        return
    yield path


def starts(path: str) -> bool:
    """Whether it draws a page: some systems have a stub of that name, or lack a library."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    try:
        done = subprocess.run(
            [path, *flags, "data:text/html,<p>ready</p>"],
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"ready" in done.stdout


if __name__ == "__main__":
    found = next((path for path in candidates() if starts(path)), None)
    if found is None:
        sys.exit(1)
    print(found)
